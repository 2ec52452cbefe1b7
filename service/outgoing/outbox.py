"""What waits to be delivered. A row is written in the transaction of the decision that finalised the coding.

Per episode and destination the order is that of the codings: a later one is not tried while an earlier one
waits. One that is parked holds nothing up: the next coding says all that it said, and makes it superseded.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from service import audit
from service.accounts.directory import new_id
from service.errors import IllegalState, NotFound
from service.identity import Actor, ActorKind, UserRole
from service.outgoing.destinations import DestinationState
from service.outgoing.tables import Destination, OutgoingRow
from service.tables import DecisionRow, EpisodeRow


class OutgoingState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    PARKED = "parked"
    """Tried too often; a person may replay it."""
    SUPERSEDED = "superseded"
    """Parked when a later coding of the episode was delivered, which says all that it said."""


def put(session: Session, row: EpisodeRow, decision: DecisionRow, version: int, *, at: datetime) -> None:
    """A message for every destination of the provider.

    Args:
        version: of the coding: 1 for the first, 2 for the first correction.
    """
    wanted = select(Destination.id).where(
        Destination.provider_id == row.provider_id, Destination.state != DestinationState.OFF
    )
    for destination_id in session.scalars(wanted).all():
        session.add(
            OutgoingRow(
                id=new_id(),
                provider_id=row.provider_id,
                destination_id=destination_id,
                episode_id=row.id,
                decision_id=decision.id,
                coding_version=version,
                state=OutgoingState.WAITING,
                attempts=0,
                refusals=0,
                next_at=at,
                created_at=at,
            )
        )


def ready_destinations(session: Session, now: datetime) -> Sequence[Destination]:
    """Active ones with something to try now."""
    due = exists().where(
        OutgoingRow.destination_id == Destination.id,
        OutgoingRow.state == OutgoingState.WAITING,
        OutgoingRow.next_at <= now,
    )
    query = select(Destination).where(
        Destination.state == DestinationState.ACTIVE,
        (Destination.retry_at.is_(None)) | (Destination.retry_at <= now),
        due,
    )
    return session.scalars(query.order_by(Destination.id)).all()


def due(session: Session, destination_id: str, now: datetime, limit: int) -> Sequence[str]:
    """The earliest message of each episode; those tried least often first, so that none holds up the rest."""
    earlier = aliased(OutgoingRow)
    waits_for_another = exists().where(
        earlier.episode_id == OutgoingRow.episode_id,
        earlier.destination_id == OutgoingRow.destination_id,
        earlier.coding_version < OutgoingRow.coding_version,
        earlier.state == OutgoingState.WAITING,
    )
    query = select(OutgoingRow.id).where(
        OutgoingRow.destination_id == destination_id,
        OutgoingRow.state == OutgoingState.WAITING,
        OutgoingRow.next_at <= now,
        ~waits_for_another,
    )
    ordered = query.order_by(OutgoingRow.attempts, OutgoingRow.created_at, OutgoingRow.id)
    return session.scalars(ordered.limit(limit)).all()


def settle_delivered(session: Session, row: OutgoingRow, *, at: datetime) -> None:
    """Marks it, and says in the audit to whom the coding went."""
    row.state, row.delivered_at, row.tried_at = OutgoingState.DELIVERED, at, at
    row.attempts += 1
    row.last_error = None
    same = (OutgoingRow.episode_id == row.episode_id, OutgoingRow.destination_id == row.destination_id)
    session.execute(
        update(OutgoingRow)
        .where(
            *same,
            OutgoingRow.coding_version < row.coding_version,
            OutgoingRow.state == OutgoingState.PARKED,
        )
        .values(state=OutgoingState.SUPERSEDED)
    )
    content = {"destination": row.destination_id, "decision": row.decision_id}
    _record(session, delivery_actor(row.provider_id), row, "outgoing.deliver", content, at)


def replay(session: Session, actor: Actor, outgoing_id: str, *, at: datetime) -> OutgoingRow:
    """Sends it again under the same id: what was parked, or what the receiver lost.

    Raises:
        NotFound
        IllegalState: it waits already, or the destination has a later coding of the episode.
    """
    row = outgoing_of(session, actor, outgoing_id, lock=True)
    if row.state not in (OutgoingState.PARKED, OutgoingState.DELIVERED):
        raise IllegalState(f"the message is {row.state}")
    later = exists().where(
        OutgoingRow.episode_id == row.episode_id,
        OutgoingRow.destination_id == row.destination_id,
        OutgoingRow.coding_version > row.coding_version,
        OutgoingRow.state == OutgoingState.DELIVERED,
    )
    if session.scalar(select(later)):
        raise IllegalState("the destination has a later coding of this episode: replay that one")
    row.state, row.next_at, row.delivered_at = OutgoingState.WAITING, at, None
    row.attempts = row.refusals = 0
    _record(session, actor, row, "outgoing.replay", {"destination": row.destination_id}, at)
    return row


def outgoing_of(session: Session, actor: Actor, outgoing_id: str, *, lock: bool = False) -> OutgoingRow:
    """
    Raises:
        NotFound: there is none, or it is another provider's.
    """
    query = select(OutgoingRow).where(
        OutgoingRow.provider_id == actor.provider_id, OutgoingRow.id == outgoing_id
    )
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("there is no such message")
    return row


def outgoing_rows(actor: Actor, state: OutgoingState | None) -> Select[OutgoingRow]:
    """Newest first."""
    query = select(OutgoingRow).where(OutgoingRow.provider_id == actor.provider_id)
    if state is not None:
        query = query.where(OutgoingRow.state == state)
    return query.order_by(OutgoingRow.created_at.desc(), OutgoingRow.id)


def counts(session: Session, actor: Actor) -> dict[str, dict[str, int]]:
    """How many messages are in each state, by destination."""
    query = (
        select(OutgoingRow.destination_id, OutgoingRow.state, func.count().label("count"))
        .where(OutgoingRow.provider_id == actor.provider_id)
        .group_by(OutgoingRow.destination_id, OutgoingRow.state)
    )
    found: dict[str, dict[str, int]] = {}
    for destination_id, state, count in session.execute(query):
        found.setdefault(destination_id, {})[state] = count
    return found


def delivery_actor(provider_id: str) -> Actor:
    return Actor(ActorKind.SYSTEM, "outgoing", "delivery of codings", UserRole.EPR, provider_id)


def _record(
    session: Session, actor: Actor, row: OutgoingRow, action: str, content: dict[str, str], at: datetime
) -> None:
    audit.record(session, actor, action=action, subject=f"outgoing:{row.id}", content=content, at=at)
