"""The use cases of episodes: receive, read, list, decide. HTTP and pages both come through here."""

from sqlalchemy.orm import Session

from models.prediction import ModelVersion
from service import audit
from service.automation.auditing import holds_open_audit
from service.automation.automating import consider
from service.automation.sampling import draw
from service.clock import uk_date
from service.coding.status import OPEN, Status
from service.deps import Services
from service.episodes import intake
from service.episodes import schemas as s
from service.episodes.deciding import decide
from service.episodes.reading import check_distinct, model_episode, readable
from service.episodes.store import document_history, episode_by_key, episode_of
from service.episodes.suggesting import store_suggestion
from service.episodes.views import claimant_names, decision_answer, episode_view, suggested_ids, summary_view
from service.errors import IllegalState, ModelUnavailable, StaleVersion, TooManyRequests, Unprocessable
from service.idempotency import Reply, Request, carry_out, stored
from service.identity import Actor
from service.tables import EpisodeRow
from service.worklist.filters import Filters
from service.worklist.queries import find


def submit(held: Services, actor: Actor, key: str | None, sent: s.EpisodeIn) -> Reply:
    """Stores the episode and answers with its suggestions; safe to send again."""
    check_distinct([document.id for document in sent.documents])
    now = held.clock.now()
    request = Request.of(actor, key, "POST episodes", sent)
    answered = _ask_model(held, actor, request, sent)
    if isinstance(answered, Reply):
        return answered

    def work(session: Session) -> Reply:
        received = intake.receive(session, actor, sent, answered, at=now)
        session.flush()
        if received.created:
            secret = held.settings.secret_key.get_secret_value()
            draw(session, actor, received.row, held.settings.audit_share, secret, at=now)
        consider(session, held, received.row, at=now)
        view = episode_view(session, held.tables, received.row, _serving(held))
        return Reply.of(view, status=201 if received.created else 200, version=received.row.version)

    return carry_out(held.db, request, now, work)


def _ask_model(held: Services, actor: Actor, request: Request, sent: s.EpisodeIn) -> Reply | intake.Answered:
    """What the model says of the documents as they would stand; or the answer given to this key before."""
    now = held.clock.now()
    with held.db.read() as session:
        replay = stored(session, request)
        if replay is not None:
            return replay
        row = episode_by_key(session, actor.provider_id, sent.spell_number, sent.episode_number)
        history = document_history(session, row.id) if row else {}
        documents = intake.merged_documents(history, sent, now)
        episode = model_episode(intake.merged_facts(row, actor, sent, now), documents)
    read = {sender_id: version.digest for sender_id, version in documents.items()}
    if not documents:
        return intake.Answered(read, None, None)
    try:
        return intake.Answered(read, held.suggester.suggest(episode, actor.provider_id), None)
    except (ModelUnavailable, TooManyRequests) as error:
        return intake.Answered(read, None, str(error)[:200])


def read(held: Services, actor: Actor, episode_id: str) -> s.EpisodeOut:
    """
    Raises:
        IllegalState: the reader is to code this episode blind, and has not done so yet.
    """
    with held.db.read() as session:
        row = episode_of(session, actor, episode_id)
        _check_not_blind(session, actor, row)
        return episode_view(session, held.tables, row, _serving(held))


def suggest_again(held: Services, actor: Actor, episode_id: str, version: int) -> s.EpisodeOut:
    """Asks the model that serves now; every decision stays, and what repeats one is not asked again.

    Raises:
        NotFound, StaleVersion, IllegalState, Unprocessable, ModelUnavailable, TooManyRequests
    """
    with held.db.read() as session:
        row = episode_of(session, actor, episode_id)
        _check_askable(row, version)
        documents = readable(document_history(session, episode_id))
        episode = model_episode(row, documents)
    if not documents:
        raise Unprocessable("the episode has no document to read")
    prediction = held.suggester.suggest(episode, row.provider_id)
    with held.db.write() as session:
        row = episode_of(session, actor, episode_id, lock=True)
        _check_askable(row, version)
        now = held.clock.now()
        asked = {"model": prediction.model.digest}
        audit.record(
            session, actor, action="suggestion.ask", subject=f"episode:{row.id}", content=asked, at=now
        )
        store_suggestion(session, row, documents, prediction, at=now)
        row.version += 1
        session.flush()
        return episode_view(session, held.tables, row, _serving(held))


def _check_askable(row: EpisodeRow, version: int) -> None:
    if row.version != version:
        raise StaleVersion(
            "the episode was changed; read it again",
            headers={"ETag": f'"{row.version}"'},
            extensions={"version": row.version, "episode_status": row.status},
        )
    if Status(row.status) not in OPEN:
        raise IllegalState(f"an episode that is {row.status.replace('_', ' ')} is not suggested again")


def _serving(held: Services) -> ModelVersion | None:
    coder = held.suggester.holder.serving.coder
    return coder.version if coder else None


def _check_not_blind(session: Session, actor: Actor, row: EpisodeRow) -> None:
    if holds_open_audit(session, actor, row.id):
        raise IllegalState("you code this episode blind: finish its audit first")


def worklist(held: Services, actor: Actor, filters: Filters, cursor: str | None, limit: int) -> s.EpisodePage:
    """A page of episodes, in the order of the filters."""
    with held.db.read() as session:
        found = find(session, actor, filters, uk_date(held.clock.now()), cursor, limit)
        names, suggested = claimant_names(session, found.rows), suggested_ids(session, found.rows)
    page = tuple(summary_view(row, names, suggested=row.id in suggested) for row in found.rows)
    return s.EpisodePage(episodes=page, next_cursor=found.next_cursor)


def record_decision(
    held: Services, actor: Actor, key: str | None, episode_id: str, version: int, decision: s.DecisionIn
) -> Reply:
    """Appends a decision in one transaction with its audit record; safe to send again with the same key."""
    now = held.clock.now()
    request = Request.of(actor, key, f"POST episodes/{episode_id}/decisions", decision)

    def work(session: Session) -> Reply:
        row = episode_of(session, actor, episode_id, lock=True)
        _check_not_blind(session, actor, row)
        made = decide(session, held.tables, actor, episode_id, version, decision, at=now)
        return Reply.of(decision_answer(session, held.tables, row, made), status=201, version=row.version)

    return carry_out(held.db, request, now, work)
