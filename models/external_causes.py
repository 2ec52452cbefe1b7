"""The place of an external cause told beside it (data/language/places.tsv; ICD-10 volume 1, chapter XX).

`Unwitnessed fall`, and in the next sentence `on the floor of her kitchen`: one fall at home.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from data.episodes import Evidence
from data.language import BACKGROUND_SECTIONS, PlaceOfOccurrence
from models.candidates import Candidate
from models.judged import ReadEpisode
from models.mentions import phrase_key
from models.mentions.phrases import Hit, PhraseIndex
from models.text import Reading, normal_words

_UNSPECIFIED, _HOME = "9", "0"
_FIRST, _LAST = "W00", "Y34"
_WITHOUT_PLACE = ("Y06", "Y07")
"""Neglect and maltreatment: the fourth character says by whom."""
_STATEMENTS_ROUND_ABOUT = 3
_NOT_OF_THE_ACCIDENT = frozenset(
    normal_words(
        "lives living resident discharge discharged return returned transfer transferred admitted admission"
        " stay reviewed independent"
    )
)
"""A sentence with one of these tells where the patient lives, goes or is treated."""
_WORKS = normal_words("works")[0]


class _Told(NamedTuple):
    character: str
    statement: int
    evidence: Evidence


class PlaceIndex:
    """Immutable; threads may share it."""

    def __init__(self, places: Iterable[PlaceOfOccurrence]) -> None:
        self._phrases = PhraseIndex.of((phrase_key(one.phrase), one.character) for one in places)

    def told(self, read: ReadEpisode, document: int) -> list[_Told]:
        """The places that a document names, but for where the patient lives, goes or is treated."""
        reading = read.readings[document]
        return [
            _Told(hit.payloads[0], statement, read.evidence(document, *reading.span(hit.first, hit.last)))
            for hit in _longest(self._phrases.find(reading))
            if _is_of_accident(reading, hit.first, statement := reading.statement_of(hit.first))
        ]


def _longest(hits: Sequence[Hit[str]]) -> Iterator[Hit[str]]:
    """A `playing field` is no field."""
    for hit in hits:
        inside = (one.first <= hit.first and hit.last <= one.last for one in hits if one is not hit)
        if not any(inside):
            yield hit


def _is_of_accident(reading: Reading, word: int, statement: int) -> bool:
    first, end = reading.statement_words(statement)
    section = reading.sections.kind_at(reading.starts[word])
    words = reading.words[first:end]
    if section in BACKGROUND_SECTIONS or not _NOT_OF_THE_ACCIDENT.isdisjoint(words):
        return False
    return _WORKS not in words or ("at", _WORKS) in pairwise(words)


def place_causes(
    candidates: Sequence[Candidate], read: ReadEpisode, places: PlaceIndex
) -> tuple[Candidate, ...]:
    """The candidates of diagnoses, a cause without a place with the nearest that its document tells."""
    if not any(map(_lacks_place, candidates)):
        return tuple(candidates)
    known = {one.code for one in candidates}
    kept: list[Candidate] = []
    for one in candidates:
        placed = _placed(one, read, places) if _lacks_place(one) else one
        if placed is one or placed.code not in known:
            known.add(placed.code)
            kept.append(placed)
    return tuple(kept)


def _lacks_place(one: Candidate) -> bool:
    category = one.code[:3]
    return _FIRST <= category <= _LAST and one.code[3:] == _UNSPECIFIED and category not in _WITHOUT_PLACE


def _placed(one: Candidate, read: ReadEpisode, places: PlaceIndex) -> Candidate:
    """With the place of its own sentence, else of those round about, the nearest first."""
    mentions = [judged.mention for judged in one.mentions]
    told = {document: places.told(read, document) for document in {one.document for one in mentions}}
    for distance in range(_STATEMENTS_ROUND_ABOUT + 1):
        near = [
            place
            for mention in mentions
            for place in told[mention.document]
            if abs(place.statement - mention.statement) == distance
        ]
        other = [place for place in near if place.character != _HOME] or near
        if len({place.character for place in other}) == 1:
            evidence = (*one.evidence, other[0].evidence)
            return replace(
                one, code=one.code[:3] + other[0].character, evidence=tuple(dict.fromkeys(evidence))
            )
    return one
