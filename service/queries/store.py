"""Reads rows of queries, scoped to a provider; a clinician sees those that are put to them."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from service.automation.store import AuditStatus
from service.automation.tables import BlindAudit
from service.errors import NotFound
from service.identity import Actor, UserRole
from service.queries.schemas import QueryStatus
from service.queries.tables import ClinicianLink, ClinicianQuery
from service.tables import Account


def queries_of(session: Session, actor: Actor) -> Select[ClinicianQuery]:
    """Every query that this actor may see; none of an episode that they code blind."""
    query = select(ClinicianQuery).where(ClinicianQuery.provider_id == actor.provider_id, ~_blind(actor))
    if actor.role is not UserRole.CLINICIAN:
        return query
    link = session.get(ClinicianLink, actor.id)
    return query.where(_is_put_to(link if link and link.provider_id == actor.provider_id else None))


def query_of(session: Session, actor: Actor, query_id: str, *, lock: bool = False) -> ClinicianQuery:
    """
    Raises:
        NotFound: there is none, it is another provider's, or not put to this clinician.
    """
    query = queries_of(session, actor).where(ClinicianQuery.id == query_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("there is no such query")
    return row


def listed(
    session: Session, actor: Actor, status: QueryStatus | None, episode_id: str | None, *, most: int
) -> Sequence[ClinicianQuery]:
    """Open ones by age, the oldest first; others by when they were settled, the latest first."""
    query = queries_of(session, actor)
    if status is not None:
        query = query.where(ClinicianQuery.status == status)
    if episode_id is not None:
        query = query.where(ClinicianQuery.episode_id == episode_id)
    if status in (QueryStatus.ANSWERED, QueryStatus.WITHDRAWN):
        query = query.order_by(ClinicianQuery.settled_at.desc(), ClinicianQuery.id)
    else:
        query = query.order_by(ClinicianQuery.asked_at, ClinicianQuery.id)
    return session.scalars(query.limit(most)).all()


def counts(session: Session, actor: Actor) -> dict[QueryStatus, int]:
    query = queries_of(session, actor).with_only_columns(ClinicianQuery.status, func.count())
    found = {
        QueryStatus(status): count for status, count in session.execute(query.group_by(ClinicianQuery.status))
    }
    return {status: found.get(status, 0) for status in QueryStatus}


def open_ones(session: Session, episode_id: str) -> int:
    query = select(func.count()).where(
        ClinicianQuery.episode_id == episode_id, ClinicianQuery.status == QueryStatus.OPEN
    )
    return session.scalar(query) or 0


def answers_for(session: Session, provider_id: str, clinician: str) -> bool:
    """Whether somebody who can sign in answers for this clinician."""
    query = (
        select(Account.id)
        .join(ClinicianLink, ClinicianLink.account_id == Account.id)
        .where(
            Account.provider_id == provider_id,
            Account.disabled_at.is_(None),
            ClinicianLink.clinician == clinician,
        )
    )
    return session.scalar(query.limit(1)) is not None


def _is_put_to(link: ClinicianLink | None) -> ColumnElement[bool]:
    """To the clinician by code, to anyone of the specialty, or to anyone."""
    to_anyone = and_(ClinicianQuery.clinician.is_(None), ClinicianQuery.specialty.is_(None))
    circles = [to_anyone]
    if link and link.clinician:
        circles.append(ClinicianQuery.clinician == link.clinician)
    if link and link.specialty:
        circles.append(and_(ClinicianQuery.clinician.is_(None), ClinicianQuery.specialty == link.specialty))
    return or_(*circles)


def _blind(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        BlindAudit.episode_id == ClinicianQuery.episode_id,
        BlindAudit.claimed_by == actor.id,
        BlindAudit.status == AuditStatus.CLAIMED,
    )
