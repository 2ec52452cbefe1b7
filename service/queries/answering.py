"""Settles a query: the answer becomes a document of the episode, and the episode comes back from its hold."""

from datetime import datetime

from sqlalchemy.orm import Session

from data.episodes import DocumentKind
from service import audit
from service.coding.status import DecisionKind, Status
from service.deps import CodeTables
from service.episodes import intake
from service.episodes.events import Event, append, circumstances
from service.episodes.reading import readable
from service.episodes.schemas import DocumentIn, HoldReason
from service.episodes.store import document_history, episode_of
from service.errors import IllegalState, Unprocessable
from service.identity import Actor, ActorKind, UserRole
from service.queries import schemas as s
from service.queries.neutrality import OTHER
from service.queries.store import open_ones, query_of
from service.queries.tables import ClinicianQuery
from service.tables import EpisodeRow

TITLE = "Answer to a query"


def answer(
    session: Session, tables: CodeTables, actor: Actor, query_id: str, sent: s.AnswerIn, *, at: datetime
) -> ClinicianQuery:
    """
    Raises:
        NotFound, Unprocessable
        IllegalState: it is settled already, or the episode was withdrawn.
    """
    query = _open(session, actor, query_id)
    row = episode_of(session, actor, query.episode_id, lock=True)
    if row.status == Status.WITHDRAWN:
        raise IllegalState("the episode was withdrawn")
    document = _document(query, actor, answer_text(query, sent), at)
    intake.add_document(session, actor, row, document, at=at)
    _settle(query, s.QueryStatus.ANSWERED, actor, at)
    query.answer_document = document.id
    content = {"query": query.id, "document": document.id, "version": 1}
    event = Event(DecisionKind.ANSWER, content)
    append(session, actor, row, event, circumstances(session, tables, row), at=at)
    _come_back(session, tables, row, query, at)
    return query


def withdraw(
    session: Session, tables: CodeTables, actor: Actor, query_id: str, *, at: datetime
) -> ClinicianQuery:
    """Asks no more.

    Raises:
        NotFound
        IllegalState: it is settled already.
    """
    query = _open(session, actor, query_id)
    row = episode_of(session, actor, query.episode_id, lock=True)
    _settle(query, s.QueryStatus.WITHDRAWN, actor, at)
    row.version += 1
    row.updated_at = at
    subject = f"clinician_query:{query.id}"
    audit.record(session, actor, action="query.withdraw", subject=subject, content={}, at=at)
    _come_back(session, tables, row, query, at)
    return query


def answer_text(query: ClinicianQuery, sent: s.AnswerIn) -> str:
    """What the document says: the option that was chosen, then the clinician's own words.

    Raises:
        Unprocessable: there is no answer, or it chose what was not offered.
    """
    if sent.chosen is not None and sent.chosen not in query.options:
        raise Unprocessable("choose one of the answers that the query offers")
    chosen = "" if sent.chosen in (None, OTHER) else str(sent.chosen)
    parts = [part for part in (chosen, sent.text) if part.strip()]
    if not parts:
        raise Unprocessable("write an answer, or choose one")
    return "\n".join(parts)


def _open(session: Session, actor: Actor, query_id: str) -> ClinicianQuery:
    query = query_of(session, actor, query_id, lock=True)
    if query.status != s.QueryStatus.OPEN:
        raise IllegalState(f"this query is {query.status} already")
    return query


def _settle(query: ClinicianQuery, status: s.QueryStatus, actor: Actor, at: datetime) -> None:
    query.status = status
    query.settled_by, query.settled_name, query.settled_at = actor.id, actor.name, at


def _document(query: ClinicianQuery, actor: Actor, text: str, at: datetime) -> DocumentIn:
    return DocumentIn(
        id=f"query-{query.id}",
        kind=DocumentKind.OTHER,
        title=TITLE,
        date=at.date(),
        author=actor.name,
        text=text,
    )


def _come_back(
    session: Session, tables: CodeTables, row: EpisodeRow, query: ClinicianQuery, at: datetime
) -> None:
    """After the last open query an automatic release ends the hold that queries began."""
    session.flush()
    held = row.status == Status.ON_HOLD and row.hold_reason == HoldReason.QUERY
    if not held or open_ones(session, row.id):
        return
    service = Actor(ActorKind.SYSTEM, "queries", "The service", UserRole.MANAGER, row.provider_id)
    event = Event(DecisionKind.RELEASE, {"query": query.id})
    append(session, service, row, event, circumstances(session, tables, row), at=at)
    has_text = bool(readable(document_history(session, row.id)))
    row.status = Status.READY if has_text else Status.AWAITING_TEXT
    row.hold_reason = row.review_date = None
    row.version += 1
