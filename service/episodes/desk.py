"""The episode as it lies before the coder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from service.coding.coding import Coding
from service.coding.status import DecisionKind
from service.deps import CodeTables
from service.episodes.evidence import History
from service.episodes.store import (
    SuggestedLines,
    decisions_of,
    document_history,
    episode_of,
    folded,
    lines_of,
    suggestions_of,
)
from service.errors import StaleVersion
from service.identity import Actor
from service.standards.book import InForce
from service.standards.checking import Found, found_in
from service.tables import DecisionRow, EpisodeRow, SuggestionRow

NAMED = 20
"""Lines that a refusal names at most."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The episode as it lies before the coder, with what is needed to check a decision."""

    row: EpisodeRow
    coding: Coding
    history: History
    tables: CodeTables
    actor: Actor
    suggestion: SuggestionRow | None
    decisions: tuple[DecisionRow, ...]
    in_force: InForce
    lines: SuggestedLines
    """Of every suggestion, before any decision."""
    assignee: str = ""
    """The name of the coder whom a claim assigns the episode to; empty for any other decision."""

    def after(self, decision: DecisionRow) -> "Desk":
        """The desk with one more decision."""
        decisions = (*self.decisions, decision)
        return replace(self, decisions=decisions, coding=folded(self.lines, decisions))

    @property
    def found(self) -> tuple[Found, ...]:
        """What the standards say of the coding that stands."""
        return found_in(self.in_force, self.row, self.coding, self.history, self.decisions)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a decision adds to the record."""

    line_id: str | None
    content: dict[str, Any]  # JSON


def open_desk(
    session: Session, tables: CodeTables, actor: Actor, episode_id: str, *, lock: bool = True
) -> Desk:
    """
    Args:
        lock: to decide; not to read only.

    Raises:
        NotFound: there is none, or it is another provider's.
    """
    row = episode_of(session, actor, episode_id, lock=lock)
    suggestions, decisions = suggestions_of(session, row.id), decisions_of(session, row.id)
    lines = lines_of(session, suggestions)
    return Desk(
        row=row,
        coding=folded(lines, decisions),
        history=document_history(session, row.id),
        tables=tables,
        actor=actor,
        suggestion=suggestions[-1] if suggestions else None,
        decisions=tuple(decisions),
        in_force=tables.standards.of(session, row.provider_id),
        lines=lines,
    )


def expect(desk: Desk, version: int) -> None:
    """
    Raises:
        StaleVersion: the episode is not as the caller saw it.
    """
    if desk.row.version == version:
        return
    last = desk.decisions[-1] if desk.decisions else None
    by = f" by {last.actor_name} at {last.decided_at:%H:%M} UTC" if last else ""
    raise StaleVersion(
        f"the episode was changed{by}; read it again",
        headers={"ETag": f'"{desk.row.version}"'},
        extensions={"version": desk.row.version, "episode_status": desk.row.status},
    )


def submission_of(decisions: Sequence[DecisionRow]) -> DecisionRow | None:
    """The finalise with which a trainee handed the coding over; the last one."""
    return next((row for row in reversed(decisions) if row.kind == DecisionKind.FINALISE), None)
