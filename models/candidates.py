"""Candidate lines: what an episode might be coded with, each with the words that speak for it.

One candidate for each role, code and procedure group. Mentions that are understood and left out (negated,
queried, past ...) become `NotCoded`, unless the same code is asserted elsewhere in the episode.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from data.episodes import Evidence, NotCoded, NotCodedReason, Role
from data.language import Assertion, SectionKind
from data.terms import TermKind
from models.assertion import StatusTable
from models.judged import Judged, ReadEpisode
from models.mentions import Mention

MOST_EVIDENCE = 3
_MOST_ALIKE = 3
"""Left-out mentions of one code for one reason that are worth showing."""


class Origin(StrEnum):
    """How a candidate came about."""

    MENTION = "mention"
    STATUS = "status"
    """From a past or a relative's condition: `PE 2019` is Z86.7."""
    COMPANION = "companion"
    """Goes with a procedure by its term."""
    SIDE = "side"
    """Laterality, from words near a procedure."""
    COMBINATION = "combination"
    """Other diagnoses mean it together."""
    HINT = "hint"
    """A medicine is taken for it: for the coder to look, never coded alone."""
    SITE = "site"
    """A method or site named beside a procedure."""
    LEARNED = "learned"
    """From a phrase that coders' evidence taught."""


LEADING = frozenset({Origin.MENTION, Origin.COMBINATION})
"""Of procedures: those that lead a group; the others go with them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    role: Role
    code: str
    origin: Origin
    mentions: tuple[Judged, ...]
    """What speaks for it, best first."""
    against: int = 0
    """Mentions of the same code that are negated, queried, past ..."""
    evidence: tuple[Evidence, ...] = ()
    group: int | None = None
    distance: int = 0
    """Words between a side, site or method and its procedure."""
    features: tuple[float, ...] = ()
    beside: frozenset[str] = frozenset()
    """Words around the mentions of a diagnosis, as models/beside.py writes them."""

    @property
    def mention(self) -> Mention:
        return self.mentions[0].mention

    @property
    def words_and_letters(self) -> tuple[int, int]:
        """How long its words are: of the best mention, or all of an operation that is told in parts."""
        parts = {self.mention.term.phrase: self.mention}
        if self.origin is Origin.COMBINATION and self.role is Role.PROCEDURE:
            parts = {judged.mention.term.phrase: judged.mention for judged in self.mentions}
        return (
            sum(one.last - one.first + 1 for one in parts.values()),
            sum(one.end - one.start for one in parts.values()),
        )

    def with_features(self, features: tuple[float, ...], beside: frozenset[str] = frozenset()) -> "Candidate":
        """Field by field: `dataclasses.replace` takes three times as long, and every candidate comes here."""
        return Candidate(
            self.role,
            self.code,
            self.origin,
            self.mentions,
            self.against,
            self.evidence,
            self.group,
            self.distance,
            features,
            beside,
        )

    @property
    def probable(self) -> bool:
        for judged in self.mentions:  # noqa: SIM110 -- a plain loop: most end at the first
            if judged.judgement.assertion is not Assertion.PROBABLE:
                return False
        return True


def diagnosis_candidates(read: ReadEpisode, statuses: StatusTable) -> tuple[Candidate, ...]:
    """In the order of the text."""
    diagnoses = [judged for judged in read.judged.get(Role.DIAGNOSIS, ()) if not _is_hint(judged)]
    asserted = group_by_code(judged for judged in diagnoses if judged.coded)
    against = group_by_code(judged for judged in diagnoses if not judged.coded)
    candidates = [
        Candidate(
            Role.DIAGNOSIS,
            code,
            Origin.MENTION,
            mentions := best_first(found),
            against=len(against.get(code, ())),
            evidence=gather_evidence(read, mentions),
        )
        for code, found in asserted.items()
    ]
    candidates.extend(_status_candidates(read, statuses, frozenset(asserted)))
    return tuple(candidates)


def _status_candidates(
    read: ReadEpisode, statuses: StatusTable, taken: frozenset[str]
) -> Iterable[Candidate]:
    past: dict[str, list[Judged]] = {}
    for judged in (*read.judged.get(Role.DIAGNOSIS, ()), *read.judged.get(Role.PROCEDURE, ())):
        if _is_hint(judged) or _is_relatives_operation(judged):
            continue
        code = statuses.instead_of(judged.mention.term.code, judged.judgement.assertion)
        if code is not None and code not in taken:
            past.setdefault(code, []).append(judged)
    for code, found in past.items():
        mentions = best_first(found)
        yield Candidate(
            Role.DIAGNOSIS, code, Origin.STATUS, mentions, evidence=gather_evidence(read, mentions)
        )


def hint_candidates(read: ReadEpisode, others: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Conditions that a medicine is taken for, where nothing of their category is a candidate."""
    taken = {one.code[:3] for one in others}
    hints = [j for j in read.judged.get(Role.DIAGNOSIS, ()) if _is_hint(j) and j.coded]
    found = group_by_code(judged for judged in hints if judged.mention.term.code[:3] not in taken)
    return tuple(
        Candidate(
            Role.DIAGNOSIS,
            code,
            Origin.HINT,
            mentions := best_first(judged),
            evidence=gather_evidence(read, mentions),
        )
        for code, judged in found.items()
    )


def _is_relatives_operation(judged: Judged) -> bool:
    """A brother's bypass says nothing of a status; a brother's stroke is a family history."""
    return judged.mention.term.role is Role.PROCEDURE and judged.judgement.assertion is Assertion.FAMILY


def _is_hint(judged: Judged) -> bool:
    return judged.mention.term.kind == TermKind.HINT


def group_by_code(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    by_code: dict[str, list[Judged]] = {}
    for one in judged:
        by_code.setdefault(one.mention.term.code, []).append(one)
    return by_code


_WORTH = {
    SectionKind.PRIMARY_DIAGNOSIS: 4,
    SectionKind.DIAGNOSES: 3,
    SectionKind.SECONDARY_DIAGNOSES: 3,
    SectionKind.PROCEDURES: 3,
    SectionKind.PAST_HISTORY: 2,
    SectionKind.COMPLICATIONS: 2,
    SectionKind.HISTOLOGY: 2,
    SectionKind.PLAN: -1,
    SectionKind.FOLLOW_UP: -1,
    SectionKind.INVESTIGATIONS: -1,
}


def best_first(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """The most telling mentions first: plain statements in telling sections, then long and early ones."""
    return tuple(sorted(judged, key=_telling))


def _telling(judged: Judged) -> tuple[bool, int, int, int, int]:
    mention = judged.mention
    return (
        judged.judgement.assertion is not Assertion.PRESENT,
        -_WORTH.get(mention.section, 1),
        mention.first - mention.last,
        mention.document,
        mention.start,
    )


def gather_evidence(read: ReadEpisode, mentions: Iterable[Judged]) -> tuple[Evidence, ...]:
    """Up to three of the mentions, in different words where the text offers them."""
    chosen: dict[str, Evidence] = {}
    for judged in mentions:
        evidence = read.evidence_of(judged.mention)
        chosen.setdefault(evidence.text.lower(), evidence)
        if len(chosen) == MOST_EVIDENCE:
            break
    return tuple(chosen.values())


def left_out(
    read: ReadEpisode, coded: Mapping[Role, Container[str]], never_alone: Mapping[Role, Container[str]]
) -> tuple[NotCoded, ...]:
    """Mentions that assert nothing of this patient now, of codes that nothing else asserts.

    Sites and methods of procedures (`never_alone`) say nothing by themselves.
    """
    shown: dict[tuple[str, Assertion], int] = {}
    found: list[NotCoded] = []
    for role, all_judged in read.judged.items():
        for judged in all_judged:
            code, assertion = judged.mention.term.code, judged.judgement.assertion
            if judged.coded or _is_hint(judged) or code in coded[role] or code in never_alone[role]:
                continue
            shown[code, assertion] = shown.get((code, assertion), 0) + 1
            if shown[code, assertion] <= _MOST_ALIKE:
                found.append(_not_coded(read, judged))
    return tuple(sorted(found, key=lambda one: (one.evidence.document, one.evidence.start)))


def _not_coded(read: ReadEpisode, judged: Judged) -> NotCoded:
    return NotCoded(
        evidence=read.evidence_of(judged.mention),
        reason=NotCodedReason(judged.judgement.assertion.value),
        note=judged.judgement.because or None,
        would_be=judged.mention.term.code,
    )
