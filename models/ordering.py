"""The order of a coding: the main condition first, the rest as they stand in the text, statuses last.

Procedures keep their groups together in P-Y-Z order, the group of the main intervention first.
"""

from collections.abc import Sequence
from typing import NamedTuple

from data.episodes import Role
from data.language import SectionKind
from models.candidates import Candidate, Origin


class Ranked(NamedTuple):
    candidate: Candidate
    confidence: float


_SECTION_RANK = {
    SectionKind.PRIMARY_DIAGNOSIS: 0,
    SectionKind.DIAGNOSES: 1,
    SectionKind.HISTOLOGY: 2,
    SectionKind.PRESENTING: 4,
    SectionKind.SECONDARY_DIAGNOSES: 6,
    SectionKind.PAST_HISTORY: 8,
    SectionKind.SOCIAL_HISTORY: 9,
    SectionKind.MEDICATIONS: 9,
    SectionKind.ALLERGIES: 9,
    SectionKind.PLAN: 7,
    SectionKind.FOLLOW_UP: 7,
}
_BODY = 3


def order_diagnoses(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    if not ranked:
        return ()
    primary = min(ranked, key=_primary_key)
    rest = [one for one in ranked if one is not primary]
    return (primary, *sorted(rest, key=lambda one: (_is_status(one.candidate.code), _place(one.candidate))))


def never_primary(code: str) -> bool:
    """External causes, statuses, organisms."""
    return code[0] in "VWXYZ" or "B95" <= code[:3] <= "B98"


def _primary_key(one: Ranked) -> tuple[bool, bool, int, tuple[int, int], float]:
    candidate = one.candidate
    return (
        never_primary(candidate.code) or candidate.origin is Origin.STATUS,
        candidate.code[0] == "R",
        min(_SECTION_RANK.get(judged.mention.section, _BODY) for judged in candidate.mentions),
        _place(candidate),
        -one.confidence,
    )


def _is_status(code: str) -> bool:
    return code[0] == "Z"


def _place(candidate: Candidate) -> tuple[int, int]:
    return min((judged.mention.document, judged.mention.start) for judged in candidate.mentions)


def order_procedures(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Groups whose lead is an operation before imaging and care; the order inside a group stays."""
    leads: dict[int | None, Ranked] = {}
    for one in ranked:
        leads.setdefault(one.candidate.group, one)
    return tuple(sorted(ranked, key=lambda one: _group_key(leads[one.candidate.group])))


def _group_key(lead: Ranked) -> tuple[int, int, tuple[int, int], int]:
    sections = [_PROCEDURE_RANK.get(judged.mention.section, 1) for judged in lead.candidate.mentions]
    return (
        {"X": 1, "U": 2}.get(lead.candidate.code[0], 0),
        min(sections),
        _place(lead.candidate),
        lead.candidate.group or 0,
    )


_PROCEDURE_RANK = {SectionKind.PROCEDURES: 0}


def order(role: Role, ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    return order_diagnoses(ranked) if role is Role.DIAGNOSIS else order_procedures(ranked)
