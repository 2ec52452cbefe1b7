"""What is on hold is released by a new document: an event of the service itself, beside those of people."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.coding.status import DecisionKind, Status
from service.episodes.events import Circumstances, Event, append
from service.identity import Actor, ActorKind, UserRole
from service.tables import DecisionRow, EpisodeRow

NEW_DOCUMENT = "new_document"


def intake_actor(provider_id: str) -> Actor:
    """The service, as the author of what follows from a document without anybody's decision."""
    return Actor(ActorKind.SYSTEM, "intake", "The service", UserRole.EPR, provider_id)


def release_for_documents(session: Session, row: EpisodeRow, *, at: datetime) -> None:
    """Takes the episode off hold. The text is the sender's, so no model and no tables stand on the event."""
    event = Event(DecisionKind.RELEASE, {"because": NEW_DOCUMENT, "was_held_for": row.hold_reason})
    made_on = Circumstances(_next_number(session, row), model=None, standards=None, tables=None)
    append(session, intake_actor(row.provider_id), row, event, made_on, at=at)
    row.status = Status.READY
    row.hold_reason = row.review_date = None


def _next_number(session: Session, row: EpisodeRow) -> int:
    last = session.scalar(select(func.max(DecisionRow.number)).where(DecisionRow.episode_id == row.id))
    return (last or 0) + 1
