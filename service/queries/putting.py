"""Puts a query: the episode goes on hold, and the decision vouches for the words of the question."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from data.clinicians import default_codes
from service import audit
from service.accounts.directory import new_id
from service.coding.status import TRANSITIONS, DecisionKind, Status
from service.deps import CodeTables
from service.episodes.events import Event, append, circumstances, expect_version
from service.episodes.evidence import checked
from service.episodes.reading import readable
from service.episodes.schemas import HoldReason
from service.episodes.store import document_history, episode_of
from service.errors import IllegalState, LeadingQuestion
from service.identity import Actor
from service.queries import neutrality
from service.queries import schemas as s
from service.queries.reminding import REVIEW_AFTER_DAYS
from service.queries.tables import ClinicianQuery
from service.tables import EpisodeRow


def put(  # noqa: PLR0913 (who asks what, on which state)
    session: Session,
    tables: CodeTables,
    actor: Actor,
    episode_id: str,
    version: int,
    sent: s.QueryIn,
    *,
    at: datetime,
) -> ClinicianQuery:
    """
    Raises:
        NotFound, StaleVersion, SpanMismatch
        IllegalState: the episode is not one that is being coded.
        LeadingQuestion: the wording could lead the clinician, and the coder did not confirm it.
    """
    row = episode_of(session, actor, episode_id, lock=True)
    expect_version(row, version)
    if (Status(row.status), DecisionKind.QUERY) not in TRANSITIONS:
        raise IllegalState(f"an episode that is {row.status.replace('_', ' ')} does not allow a query")
    history = document_history(session, row.id)
    place = checked(sent.evidence, history)
    texts = [document.text for document in readable(history).values()]
    found = neutrality.concerns(sent.question, sent.options, texts)
    query = _query(row, actor, sent, found, at)
    query.document, query.version, query.start, query.end = (
        place.document_id, place.version, place.start, place.end
    )  # fmt: skip
    session.add(query)
    session.flush()
    append(session, actor, row, _event(query), circumstances(session, tables, row), at=at)
    _hold(row, at)
    return query


def _query(
    row: EpisodeRow, actor: Actor, sent: s.QueryIn, found: list[neutrality.Concern], at: datetime
) -> ClinicianQuery:
    named = [{"doubt": one.doubt, "words": one.words} for one in found]
    if found and not sent.confirmed:
        raise LeadingQuestion(extensions={"concerns": named})
    return ClinicianQuery(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        question=sent.question,
        options=neutrality.with_fixed_options(sent.options),
        concerns=named,
        clinician=_responsible(row) if sent.to is s.Addressee.CLINICIAN else None,
        specialty=row.treatment_function if sent.to is not s.Addressee.ANYONE else None,
        status=s.QueryStatus.OPEN,
        asked_by=actor.id,
        asked_name=actor.name,
        asked_at=at,
    )


def _responsible(row: EpisodeRow) -> str | None:
    """A default code stands for nobody who could answer."""
    return None if row.clinician in default_codes() else row.clinician


def _event(query: ClinicianQuery) -> Event:
    """The words stay in the query; the record holds their digest."""
    asked = audit.digest({"question": query.question, "options": query.options})
    place = {name: getattr(query, name) for name in ("document", "version", "start", "end")}
    to = {"clinician": query.clinician, "specialty": query.specialty}
    return Event(DecisionKind.QUERY, {"query": query.id, "asked": asked, **place, **to})


def _hold(row: EpisodeRow, at: datetime) -> None:
    """What waits for something else already goes on waiting for that, too."""
    if row.status != Status.ON_HOLD:
        row.hold_reason = HoldReason.QUERY
        row.review_date = at.date() + timedelta(days=REVIEW_AFTER_DAYS)
    row.status = Status.ON_HOLD
    row.claimed_by = None
    row.version += 1
    row.updated_at = at
