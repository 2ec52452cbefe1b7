"""The use cases of queries; HTTP and pages both come through here."""

from sqlalchemy.orm import Session

from service.automation.auditing import holds_open_audit
from service.deps import Services
from service.episodes.store import episode_of
from service.errors import IllegalState
from service.idempotency import Reply, Request, carry_out
from service.identity import Actor
from service.queries import answering, store
from service.queries import schemas as s
from service.queries.putting import put
from service.queries.views import query_view, query_views

_MOST = 200


def post_query(
    held: Services, actor: Actor, key: str | None, episode_id: str, version: int, sent: s.QueryIn
) -> Reply:
    """Puts a query in one transaction with its decision; safe to send again with the same key."""
    now = held.clock.now()
    request = Request.of(actor, key, f"POST episodes/{episode_id}/queries", sent)

    def work(session: Session) -> Reply:
        _check_not_blind(session, actor, episode_id)
        query = put(session, held.tables, actor, episode_id, version, sent, at=now)
        row = episode_of(session, actor, episode_id)
        return Reply.of(query_view(session, query, now), status=201, version=row.version)

    return carry_out(held.db, request, now, work)


def post_answer(held: Services, actor: Actor, key: str | None, query_id: str, sent: s.AnswerIn) -> Reply:
    now = held.clock.now()
    request = Request.of(actor, key, f"POST queries/{query_id}/answer", sent)

    def work(session: Session) -> Reply:
        query = answering.answer(session, held.tables, actor, query_id, sent, at=now)
        return Reply.of(query_view(session, query, now), status=201)

    return carry_out(held.db, request, now, work)


def withdraw(held: Services, actor: Actor, query_id: str) -> s.QueryOut:
    now = held.clock.now()
    with held.db.write() as session:
        query = answering.withdraw(session, held.tables, actor, query_id, at=now)
        session.flush()
        return query_view(session, query, now)


def read(held: Services, actor: Actor, query_id: str) -> s.QueryOut:
    with held.db.read() as session:
        return query_view(session, store.query_of(session, actor, query_id), held.clock.now())


def listed(
    held: Services, actor: Actor, status: s.QueryStatus | None = None, episode_id: str | None = None
) -> s.QueryPage:
    """At most 200; open ones by age.

    Raises:
        NotFound: there is no such episode.
    """
    with held.db.read() as session:
        if episode_id is not None:
            episode_of(session, actor, episode_id)
        rows = store.listed(session, actor, status, episode_id, most=_MOST)
        return s.QueryPage(queries=query_views(session, rows, held.clock.now()))


def _check_not_blind(session: Session, actor: Actor, episode_id: str) -> None:
    if holds_open_audit(session, actor, episode_id):
        raise IllegalState("you code this episode blind: finish its audit first")
