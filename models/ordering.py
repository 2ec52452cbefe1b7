"""The order of a coding: the main condition first, the rest as they stand in the text, statuses last.

Procedures keep their groups together in P-Y-Z order, the group of the main intervention first.
"""

from collections.abc import Sequence
from typing import NamedTuple

from data.classifications import asterisk_categories
from data.episodes import Role
from data.language import SectionKind
from models.candidates import Candidate, Origin


class Ranked(NamedTuple):
    candidate: Candidate
    confidence: float
    leads: float = 0.0
    """How likely it is the primary diagnosis; 0 of all where that was not learned."""


_SECTION_COST = {
    SectionKind.PRIMARY_DIAGNOSIS: 0.0,
    SectionKind.DIAGNOSES: 1.0,
    SectionKind.HISTOLOGY: 1.5,
    SectionKind.PRESENTING: 2.5,
    SectionKind.SECONDARY_DIAGNOSES: 5.0,
    SectionKind.PLAN: 6.0,
    SectionKind.FOLLOW_UP: 6.0,
    SectionKind.PAST_HISTORY: 7.0,
    SectionKind.SOCIAL_HISTORY: 8.0,
    SectionKind.MEDICATIONS: 8.0,
    SectionKind.ALLERGIES: 8.0,
}
_BODY_COST = 2.0
_SYMPTOM_COST = 2.5
_PLACE_COST = 0.3
"""For each place later in the text: what is mentioned first is a hint, no more."""


def order_diagnoses(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """The most likely to lead first; where that was not learned, what the rules put first."""
    if not ranked:
        return ()
    in_text = in_order_of_text(ranked)
    if any(one.leads for one in in_text):
        primary = max(in_text, key=lambda one: one.leads)
    else:
        costs = {id(one): primary_cost(one, place) for place, one in enumerate(in_text)}
        primary = min(in_text, key=lambda one: costs[id(one)])
    rest = (one for one in in_text if one is not primary)
    return (primary, *sorted(rest, key=lambda one: _is_status(one.candidate.code)))


def never_primary(code: str) -> bool:
    """External causes, statuses, organisms."""
    return code[0] == "Z" or explains(code)


def explains(code: str) -> bool:
    """External causes, organisms and manifestations (asterisk codes) stand beside a diagnosis."""
    return code[0] in "VWXY" or "B95" <= code[:3] <= "B98" or code[:3] in asterisk_categories()


def in_order_of_text(ranked: Sequence[Ranked]) -> list[Ranked]:
    return sorted(ranked, key=lambda one: _place(one.candidate))


def primary_cost(one: Ranked, place: int) -> tuple[bool, float]:
    """How little a line looks like the main condition treated (DGCS.1): the least leads."""
    candidate = one.candidate
    section = min(_SECTION_COST.get(judged.mention.section, _BODY_COST) for judged in candidate.mentions)
    return (
        never_primary(candidate.code) or candidate.origin is Origin.STATUS,
        section + _SYMPTOM_COST * (candidate.code[0] == "R") + _PLACE_COST * place - one.confidence,
    )


def _is_status(code: str) -> bool:
    return code[0] == "Z"


def _place(candidate: Candidate) -> tuple[int, int]:
    return min((judged.mention.document, judged.mention.start) for judged in candidate.mentions)


def order_procedures(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Operations first, then treatments, care at the bedside and imaging; the order inside a group stays."""
    leads: dict[int | None, Ranked] = {}
    for one in ranked:
        leads.setdefault(one.candidate.group, one)
    return tuple(sorted(ranked, key=lambda one: _group_key(leads[one.candidate.group])))


def _group_key(lead: Ranked) -> tuple[int, int, tuple[int, int], int]:
    sections = [_PROCEDURE_RANK.get(judged.mention.section, 1) for judged in lead.candidate.mentions]
    return (
        _kind_rank(lead.candidate.code),
        min(sections),
        _place(lead.candidate),
        lead.candidate.group or 0,
    )


_BEDSIDE = frozenset({"G47", "L91", "L99", "M47", "X33"})
"""Feeding tubes, venous lines, urinary catheters, transfusions: seldom what an episode was for."""


def _kind_rank(procedure: str) -> int:
    if procedure[:3] in _BEDSIDE:
        return 2
    return {"X": 1, "U": 3}.get(procedure[0], 0)


_PROCEDURE_RANK = {SectionKind.PROCEDURES: 0}


def order(role: Role, ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    return order_diagnoses(ranked) if role is Role.DIAGNOSIS else order_procedures(ranked)
