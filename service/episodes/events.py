"""Appends a decision to the record of an episode, with its audit link, in the caller's transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service import audit
from service.accounts.directory import new_id
from service.coding.status import DecisionKind
from service.deps import CodeTables
from service.errors import StaleVersion
from service.identity import Actor
from service.tables import DecisionRow, EpisodeRow, Json, SuggestionRow


@dataclass(frozen=True, slots=True)
class Event:
    """What a decision adds to the record."""

    kind: DecisionKind
    content: dict[str, Any] = field(default_factory=dict)  # JSON
    line_id: str | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision was made on."""

    number: int
    """Of the decision, within the episode."""
    model: Json | None
    standards: Json | None
    tables: Json | None


def circumstances(session: Session, tables: CodeTables, row: EpisodeRow) -> Circumstances:
    """As they are now, for the next decision of the episode."""
    last = select(func.max(DecisionRow.number)).where(DecisionRow.episode_id == row.id)
    newest = select(SuggestionRow.model).where(SuggestionRow.episode_id == row.id)
    return Circumstances(
        number=(session.scalar(last) or 0) + 1,
        model=session.scalar(newest.order_by(SuggestionRow.number.desc()).limit(1)),
        standards=tables.standards.of(session, row.provider_id).version,
        tables=tables.editions,
    )


def append(
    session: Session, actor: Actor, row: EpisodeRow, event: Event, made_on: Circumstances, *, at: datetime
) -> DecisionRow:
    """The decision as it was stored."""
    decision = DecisionRow(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        number=made_on.number,
        kind=event.kind,
        line_id=event.line_id,
        content=event.content,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_role=actor.role,
        model=made_on.model,
        standards=made_on.standards,
        tables=made_on.tables,
        decided_at=at,
    )
    session.add(decision)
    session.flush()
    audit.record(
        session,
        actor,
        action=f"decision.{event.kind}",
        subject=f"decision:{decision.id}",
        content=audit.decision_content(decision),
        at=at,
    )
    return decision


def expect_version(row: EpisodeRow, version: int) -> None:
    """
    Raises:
        StaleVersion: the episode is not as it was read.
    """
    if row.version != version:
        raise StaleVersion(
            "the episode was changed; read it again",
            headers={"ETag": f'"{row.version}"'},
            extensions={"version": row.version, "episode_status": row.status},
        )
