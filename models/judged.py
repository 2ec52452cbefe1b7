"""Mentions with what the text says of them, over all documents of an episode."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from data.episodes import Episode, Evidence, Role
from data.language import (
    Assertion,
    Combination,
    Cue,
    Endoscopy,
    Heading,
    IntentPhrase,
    Lead,
    OperationsTogether,
    OptionalCode,
    PlaceOfOccurrence,
    Poisoning,
    Status,
    TumourSite,
)
from data.terms import LocalTerms
from models.assertion import CalledOff, CueReader, Judgement, OperatedOn, StatusTable, Stay
from models.mentions import CompiledTerm, Mention, MentionFinder, compile_term, phrase_key
from models.mentions.facts import patient_facts
from models.mentions.told import as_told
from models.text import HeadingIndex, Reading, Spelling, named_years, read_text

CODED = frozenset({Assertion.PRESENT, Assertion.PROBABLE})


class Judged(NamedTuple):
    mention: Mention
    judgement: Judgement

    @property
    def coded(self) -> bool:
        return self.judgement.assertion in CODED


@dataclass(frozen=True, slots=True)
class ReadEpisode:
    """An episode with its documents read and their mentions judged, in the order of the text."""

    episode: Episode
    readings: tuple[Reading, ...]
    judged: Mapping[Role, tuple[Judged, ...]]
    facts: frozenset[str] = frozenset()
    """Of the patient: `pregnant`, `newborn`, `child`, `adult`."""

    def evidence(self, document: int, start: int, end: int) -> Evidence:
        return Evidence(document, start, end, self.episode.documents[document].text[start:end])

    def evidence_of(self, mention: Mention) -> Evidence:
        return self.evidence(mention.document, mention.start, mention.end)


@dataclass(frozen=True, slots=True)
class Language:
    """How notes are read: cues, headings and statuses."""

    cues: tuple[Cue, ...]
    headings: tuple[Heading, ...]
    statuses: tuple[Status, ...]
    optional: tuple[OptionalCode, ...] = ()
    combinations: tuple[Combination, ...] = ()
    endoscopies: tuple[Endoscopy, ...] = ()
    specialties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Beginnings of the codes that a treatment function mostly treats."""
    leads: tuple[Lead, ...] = ()
    """What a diagnosis is to the episode."""
    operations: tuple[OperationsTogether, ...] = ()
    tumour_sites: tuple[TumourSite, ...] = ()
    places: tuple[PlaceOfOccurrence, ...] = ()
    ordinary_words: tuple[str, ...] = ()
    """Right though no term holds them; without any, spelling is not mended."""
    poisonings: tuple[Poisoning, ...] = ()
    intents: tuple[IntentPhrase, ...] = ()
    """What tells that a poisoning was meant, or was an accident."""


class EpisodeReader:
    """Text to judged mentions. Immutable once made; threads may share it."""

    def __init__(self, terms: Iterable[CompiledTerm], language: Language) -> None:
        self.statuses = StatusTable(language.statuses)
        self._cue_list = language.cues
        self._headings = HeadingIndex(language.headings)
        self._cues = CueReader(language.cues, self.statuses)
        self._finder = MentionFinder(terms)
        self._spelling = self._spelling_of(language)

    def _spelling_of(self, language: Language) -> Spelling:
        if not language.ordinary_words:
            return Spelling({}, ())
        phrases = (*language.ordinary_words, *(cue.phrase for cue in language.cues))
        return Spelling(self._finder.vocabulary(), _words_of(phrases))

    def with_local(self, local: LocalTerms) -> "EpisodeReader":
        """The same reader with a provider's own terms and cues before its own."""
        other = copy(self)
        other._finder = self._finder.with_local(
            [compile_term(role, term) for role, term in local.added],
            [(one.role, one.code, phrase_key(one.phrase)) for one in local.blocked],
        )
        phrases = [term.phrase for _, term in local.added] + [cue.phrase for cue in local.cues]
        other._spelling = self._spelling.knowing(_words_of(phrases))
        if local.cues:
            other._cues = CueReader(_before(local.cues, self._cue_list), self.statuses)
        return other

    def mended(self, reading: Reading) -> Reading:
        """With misspelt words as the terms write them."""
        return self._spelling.mended(reading)

    def read(self, episode: Episode) -> ReadEpisode:
        readings = tuple(
            self.mended(read_text(document.text, self._headings)) for document in episode.documents
        )
        year = _reference_year(episode, readings)
        patient = as_told(episode)
        facts = patient_facts(patient)
        stay = Stay.of(episode)
        judged: list[Judged] = []
        for number, reading in enumerate(readings):
            mentions = self._finder.find(reading, patient, number, facts, year)
            if mentions:
                assertions = self._cues.read(reading, year)
                found = [
                    _within(stay, Judged(mention, assertions.judge(mention)), reading) for mention in mentions
                ]
                judged.extend(self._behind_operations(found, reading))
        by_role = {role: tuple(j for j in judged if j.mention.term.role is role) for role in Role}
        return ReadEpisode(episode, readings, by_role, facts)

    def _behind_operations(self, judged: list[Judged], reading: Reading) -> Iterable[Judged]:
        operated, called_off = OperatedOn(judged, reading, self.statuses), CalledOff(judged, reading)
        for mention, judgement in judged:
            yield Judged(mention, called_off.judged(operated.judged(judgement, mention), mention))


def _within(stay: Stay | None, one: Judged, reading: Reading) -> Judged:
    if stay is None or one.mention.term.role is not Role.PROCEDURE:
        return one
    return one._replace(judgement=stay.judged(one.judgement, one.mention, reading))


def _words_of(phrases: Iterable[str]) -> set[str]:
    return {word for phrase in phrases for word in phrase_key(phrase).split(" ")}


def _before(local: Sequence[Cue], shipped: Sequence[Cue]) -> list[Cue]:
    """The local cues, and of those that ship the ones that no local cue speaks for."""
    taken = {(phrase_key(cue.phrase), cue.direction, role) for cue in local for role in cue.roles}
    kept = []
    for cue in shipped:
        roles = {r for r in cue.roles if (phrase_key(cue.phrase), cue.direction, r) not in taken}
        if roles:
            kept.append(replace(cue, roles=frozenset(roles)))
    return [*local, *kept]


def _reference_year(episode: Episode, readings: tuple[Reading, ...]) -> int | None:
    """The year of the episode; where it is not given, that of the latest date that the text names.

    `TKR 2014` and no later date: it was before this episode, whenever that was.
    """
    if episode.end is not None:
        return episode.end.year
    dated, alone = set[int](), set[int]()
    for reading in readings:
        in_dates, by_themselves = named_years(reading)
        dated |= in_dates
        alone |= by_themselves
    latest = max(dated, default=0)
    return max(alone) + 1 if alone and max(alone) > latest else latest or None
