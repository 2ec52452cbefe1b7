"""Leads: the words by which a note says what a diagnosis is to the episode."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import read_rows
from data.language.alternatives import expand

LEADS_FILE = Path(__file__).parent / "leads.tsv"


class LeadKind(StrEnum):
    """What a lead says of the mention beside it; the first nine stand before it, the others after."""

    MAIN = "main"
    DIAGNOSIS = "diagnosis"
    STATED = "stated"
    REASON = "reason"
    KNOWN = "known"
    DOUBTED = "doubted"
    CAUSE = "cause"
    LATER = "later"
    FOUND = "found"
    HAS_CAUSE = "has_cause"
    HAS_RESULT = "has_result"
    STEADY = "steady"
    TREATED = "treated"
    DISMISSED = "dismissed"


class LeadDirection(StrEnum):
    BEFORE = "before"
    """The lead stands before the mention: `admitted with pneumonia`."""
    AFTER = "after"
    """It stands after it: `asthma, well controlled`."""


@dataclass(frozen=True, slots=True)
class Lead:
    phrase: str
    kind: LeadKind
    direction: LeadDirection


def read_leads(path: Path = LEADS_FILE) -> tuple[Lead, ...]:
    """All leads; a line such as `admitted|came_in with` stands for each of its combinations."""
    leads: list[Lead] = []
    seen: dict[tuple[str, LeadDirection], int] = {}
    for row in read_rows(path, ("phrase", "says", "direction", "note")):
        kind, direction = row.one_of("says", LeadKind), row.one_of("direction", LeadDirection)
        for phrase in expand(row):
            if (phrase.lower(), direction) in seen:
                raise row.problem(
                    "phrase", f"{phrase!r} stands already on line {seen[phrase.lower(), direction]}"
                )
            seen[phrase.lower(), direction] = row.line
            leads.append(Lead(phrase, kind, direction))
    return tuple(leads)
