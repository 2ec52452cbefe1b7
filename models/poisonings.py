"""External causes of poisonings, by substance and intent (data/language/poisonings.tsv and intents.tsv).

`Took 38 paracetamol`, and three sentences later `wanted to die at the time`: intentional self-poisoning.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from data.episodes import Evidence
from data.language import BACKGROUND_SECTIONS, Intent, IntentPhrase, Poisoning
from models.candidates import Candidate, Origin
from models.judged import ReadEpisode
from models.mentions import phrase_key
from models.mentions.phrases import Hit, PhraseIndex
from models.text import Reading, normal_words

_NO_PLACE = "9"
_OTHER_DRUGS = frozenset({"X44", "X64"})
"""What an overdose is that names no substance."""
_YOUNG = 6
"""Years below which a poisoning is accidental, unless something else is told."""
_DENIED = frozenset(normal_words("no not nil denies denied without never neither"))
_EARLIER = frozenset(normal_words("previous previously prev past earlier last ago history recurrent"))
_BEFORE = 4
"""Words before a phrase that may deny it."""


class PoisoningIndex:
    """Immutable; threads may share it."""

    def __init__(self, poisonings: Iterable[Poisoning], intents: Iterable[IntentPhrase]) -> None:
        self._poisonings = tuple(poisonings)
        self._intents = PhraseIndex.of((phrase_key(one.phrase), one.intent) for one in intents)

    def of(self, code: str) -> Poisoning | None:
        return next((one for one in self._poisonings if code.startswith(one.poisons)), None)

    def told(self, read: ReadEpisode) -> dict[Intent, Evidence]:
        """The intents of this stay that the documents tell, and where each is told first."""
        found: dict[Intent, Evidence] = {}
        for document, reading in enumerate(read.readings):
            for hit in self._intents.find(reading):
                if _is_told(reading, hit):
                    span = reading.span(hit.first, hit.last)
                    found.setdefault(hit.payloads[0], read.evidence(document, *span))
        return found


def _is_told(reading: Reading, hit: Hit[Intent]) -> bool:
    if reading.sections.kind_at(reading.starts[hit.first]) in BACKGROUND_SECTIONS:
        return False
    first, end = reading.statement_words(reading.statement_of(hit.first))
    before = reading.words[max(first, hit.first - _BEFORE) : hit.first]
    return _DENIED.isdisjoint(before) and _EARLIER.isdisjoint(reading.words[first:end])


def cause_poisonings(
    candidates: Sequence[Candidate], read: ReadEpisode, index: PoisoningIndex
) -> tuple[Candidate, ...]:
    """The candidates of diagnoses, a poisoning that has no cause with that of its substance and intent."""
    poisoned = [(one, poisoning) for one in candidates if (poisoning := index.of(one.code)) is not None]
    lacking = [
        (one, poisoning)
        for one, poisoning in poisoned
        if not any(other.code.startswith(_causes(poisoning)) for other in candidates)
    ]
    told = index.told(read) if lacking else {}
    intent = _intent(told, read.episode.age) if lacking else None
    if intent is None:
        return tuple(candidates)
    added = {poisoning.cause(intent): one for one, poisoning in lacking}
    general = _OTHER_DRUGS - {poisoning.cause(intent) for _, poisoning in poisoned}
    return (
        *(one for one in candidates if one.code[:3] not in general),
        *(_cause(one, category, told.get(intent)) for category, one in added.items()),
    )


def _causes(poisoning: Poisoning) -> tuple[str, ...]:
    """Categories that tell its cause already: by accident, meant, undetermined."""
    undetermined = f"Y1{poisoning.accidental[-1]}"
    return poisoning.accidental, poisoning.intentional, undetermined, "X85", "X90", "Y40", "Y57"


def _intent(told: Container[Intent], age: int | None) -> Intent | None:
    """The one that is told; of a young child an accident; None where both are told, or nothing."""
    meant, accident = Intent.INTENTIONAL in told, Intent.ACCIDENTAL in told
    if meant != accident:
        return Intent.INTENTIONAL if meant else Intent.ACCIDENTAL
    return Intent.ACCIDENTAL if not meant and age is not None and age < _YOUNG else None


def _cause(poisoned: Candidate, category: str, told: Evidence | None) -> Candidate:
    """It stands where the poison stands, without a place, and cites what tells the intent."""
    evidence = dict.fromkeys((*poisoned.evidence, *([told] if told else [])))
    return replace(
        poisoned,
        code=category + _NO_PLACE,
        origin=Origin.COMBINATION,
        against=0,
        evidence=tuple(evidence),
    )
