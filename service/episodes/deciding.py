"""Carries out decisions: checked against the state of the episode, appended, audited, in one transaction.

Nothing is overwritten: the decision is an event, and the coding that stands is folded from all of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from data.terms import LocalUse
from service.accounts.directory import coders_of, new_id
from service.classifications.use import note_decision
from service.clock import uk_date
from service.coding.status import TRANSITIONS, DecisionKind, Status
from service.deps import CodeTables
from service.episodes import schemas as s
from service.episodes.desk import Desk, Recorded, expect, open_desk
from service.episodes.episode_decisions import EPISODE_DECISIONS, check_second_person
from service.episodes.events import Circumstances, Event, append
from service.episodes.line_decisions import LINE_DECISIONS, line_of
from service.episodes.reading import readable
from service.errors import Forbidden, IllegalState, Unprocessable
from service.identity import LOCAL_TERM_EDITORS, Actor, ActorKind, UserRole
from service.local_terms.store import remember
from service.observability import DECISIONS
from service.outgoing import outbox
from service.tables import DecisionRow, EpisodeRow

BATCH = "batch"
"""In the content of decisions that were made at once: the name they share."""
_KINDS = LINE_DECISIONS | EPISODE_DECISIONS


def decide(  # noqa: PLR0913 (who decides what, on which state)
    session: Session,
    tables: CodeTables,
    actor: Actor,
    episode_id: str,
    expected_version: int,
    decision: s.DecisionIn,
    *,
    at: datetime,
) -> DecisionRow:
    """Appends the decision.

    Raises:
        NotFound, StaleVersion, IllegalState, UnknownLine, UnknownCodeGiven, SpanMismatch, Conflict
    """
    desk = open_desk(session, tables, actor, episode_id)
    return decide_all(session, desk, expected_version, [decision], at=at).decisions[-1]


def decide_all(
    session: Session, desk: Desk, expected_version: int, decisions: Sequence[s.DecisionIn], *, at: datetime
) -> Desk:
    """Appends one decision after the other, all or none; several at once carry the name of their batch.

    Raises:
        as `decide`.
    """
    batch = new_id() if len(decisions) > 1 else None
    expect(desk, expected_version)
    for decision in decisions:
        desk = decide_next(session, desk, decision, batch, at=at)
    return desk


def decide_next(
    session: Session, desk: Desk, decision: s.DecisionIn, batch: str | None, *, at: datetime
) -> Desk:
    """Appends a decision in a transaction that has looked at the version already."""
    name = {BATCH: batch} if batch else {}
    desk = replace(desk, assignee=_assignee(session, desk.actor, decision))
    return desk.after(_carried_out(session, desk, decision, name, at))


def _carried_out(
    session: Session, desk: Desk, decision: s.DecisionIn, batch: dict[str, str], at: datetime
) -> DecisionRow:
    status = _status_after(desk, DecisionKind(decision.kind))
    check_second_person(desk)
    _check_review_date(decision, at)
    event = _KINDS[type(decision)](desk, decision)
    event = replace(event, content=event.content | batch)
    _remember(session, desk, decision, event, at)
    _move(desk.row, decision, status, desk.actor, at)
    row = _append(session, desk, decision, event, at)
    if status in (Status.FINALISED, Status.AUTOMATED):
        reopened = sum(one.kind == DecisionKind.REOPEN for one in desk.decisions)
        outbox.put(session, desk.row, row, reopened + 1, at=at)
    DECISIONS.labels(decision.kind).inc()
    return row


def _check_review_date(decision: s.DecisionIn, at: datetime) -> None:
    """
    Raises:
        Unprocessable: an episode would be put on hold until a day that has gone.
    """
    if isinstance(decision, s.Hold) and decision.review_date and decision.review_date < uk_date(at):
        raise Unprocessable("The review date has passed: give a later one, or none")


def _remember(session: Session, desk: Desk, decision: s.DecisionIn, event: Recorded, at: datetime) -> None:
    """What the quoted words mean, or do not mean, becomes a local term where the coder asked for it."""
    if not isinstance(decision, s.Add | s.Reject) or not decision.remember:
        return
    if desk.actor.role not in LOCAL_TERM_EDITORS:
        raise Forbidden
    adds = isinstance(decision, s.Add)
    role = decision.role if isinstance(decision, s.Add) else line_of(desk, decision.line).role
    remember(
        session,
        desk.tables,
        desk.actor,
        LocalUse.ADD if adds else LocalUse.BLOCK,
        (desk.tables.by_role[role].name, event.content["code"]),
        [item["text"] for item in event.content.get("evidence", ())],
        at=at,
    )


def _assignee(session: Session, actor: Actor, decision: s.DecisionIn) -> str:
    """
    Raises:
        Forbidden, Unprocessable: only a manager assigns, and only to someone who codes here.
    """
    if not isinstance(decision, s.Claim) or decision.coder is None:
        return ""
    if actor.role is not UserRole.MANAGER:
        raise Forbidden("an episode is assigned by a manager")
    names = {account.id: account.name for account in coders_of(session, actor.provider_id)}
    if decision.coder not in names:
        raise Unprocessable("there is no such coder")
    return names[decision.coder]


def _status_after(desk: Desk, kind: DecisionKind) -> Status:
    now = Status(desk.row.status)
    after = TRANSITIONS.get((now, kind))
    if after is None:
        raise IllegalState(f"an episode that is {now.replace('_', ' ')} does not allow {kind}")
    if kind is DecisionKind.FINALISE and desk.actor.kind is ActorKind.GATE:
        return Status.AUTOMATED
    if kind is DecisionKind.FINALISE and desk.actor.role is UserRole.TRAINEE:
        return Status.AWAITING_CHECK
    if kind is DecisionKind.RELEASE and not readable(desk.history):
        return Status.AWAITING_TEXT
    return after


def _move(row: EpisodeRow, decision: s.DecisionIn, status: Status, actor: Actor, at: datetime) -> None:
    row.status = status
    row.version += 1
    row.updated_at = at
    row.hold_reason = decision.reason if isinstance(decision, s.Hold) else None
    row.review_date = decision.review_date if isinstance(decision, s.Hold) else None
    if isinstance(decision, s.Claim):
        row.claimed_by = decision.coder or actor.id
    if isinstance(decision, s.Release | s.Finalise | s.Hold):
        row.claimed_by = None
    if status in (Status.FINALISED, Status.AUTOMATED):
        row.finalised_at = at
        row.histology_arrived = False
    if isinstance(decision, s.Reopen) and row.document_since_finalised:
        row.document_since_finalised = False
        row.unsuggested_reason = "reopened with new documents; suggestions follow"


def _append(
    session: Session, desk: Desk, decision: s.DecisionIn, event: Recorded, at: datetime
) -> DecisionRow:
    made_on = Circumstances(
        number=len(desk.decisions) + 1,
        model=desk.suggestion.model if desk.suggestion else None,
        standards=desk.in_force.version,
        tables=desk.tables.editions,
    )
    what = Event(DecisionKind(decision.kind), event.content, event.line_id)
    row = append(session, desk.actor, desk.row, what, made_on, at=at)
    note_decision(session, row, desk.row, desk.coding, at)
    return row
