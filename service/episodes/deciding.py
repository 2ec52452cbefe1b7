"""Carries out decisions: checked against the state of the episode, appended, audited, in one transaction.

Nothing is overwritten: the decision is an event, and the coding that stands is folded from all of them.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from data.classifications import Classification
from data.episodes import Role
from data.terms import LocalUse
from service import audit
from service.accounts.directory import new_id
from service.coding.coding import STANDING, Coding, Line, LineState
from service.coding.status import TRANSITIONS, DecisionKind, Status
from service.deps import CodeTables
from service.episodes import schemas as s
from service.episodes.evidence import History, checked
from service.episodes.reading import readable
from service.episodes.store import coding_of, decisions_of, document_history, episode_of, suggestions_of
from service.errors import (
    AgainstStandards,
    AlreadyClaimed,
    CodeStandsAlready,
    CodingIncomplete,
    Forbidden,
    IllegalState,
    StaleVersion,
    UnknownCodeGiven,
    UnknownLine,
    Unprocessable,
)
from service.identity import LOCAL_TERM_EDITORS, Actor, ActorKind, UserRole
from service.local_terms.store import remember
from service.observability import DECISIONS
from service.standards.book import InForce
from service.standards.checking import Found, found_in, override_content
from service.tables import DecisionRow, EpisodeRow, SuggestionRow

_CHECKERS = frozenset({UserRole.CODER, UserRole.AUDITOR, UserRole.MANAGER})
_OVERRIDERS = frozenset({UserRole.AUDITOR, UserRole.MANAGER})
_UNTIL_DECIDED = "decide on every suggestion first, or reject the rest"
_NAMED = 20
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

    @property
    def found(self) -> tuple[Found, ...]:
        """What the standards say of the coding that stands."""
        return found_in(self.in_force, self.row, self.coding, self.decisions)


@dataclass(frozen=True, slots=True)
class _Event:
    """What a decision adds to the record."""

    line_id: str | None
    content: dict[str, Any]  # JSON


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
    desk = _desk(session, tables, actor, episode_id)
    _expect(desk, expected_version)
    status = _status_after(desk, DecisionKind(decision.kind))
    event = _CHECKS[type(decision)](desk, decision)
    _remember(session, desk, decision, event, at)
    _move(desk.row, decision, status, actor, at)
    row = _append(session, desk, decision, event, at)
    DECISIONS.labels(decision.kind).inc()
    return row


def _remember(session: Session, desk: Desk, decision: s.DecisionIn, event: _Event, at: datetime) -> None:
    """What the quoted words mean, or do not mean, becomes a local term where the coder asked for it."""
    if not isinstance(decision, s.Add | s.Reject) or not decision.remember:
        return
    if desk.actor.role not in LOCAL_TERM_EDITORS:
        raise Forbidden
    adds = isinstance(decision, s.Add)
    role = decision.role if isinstance(decision, s.Add) else _line(desk, decision.line).role
    remember(
        session,
        desk.tables,
        desk.actor,
        LocalUse.ADD if adds else LocalUse.BLOCK,
        (desk.tables.by_role[role].name, event.content["code"]),
        [item["text"] for item in event.content.get("evidence", ())],
        at=at,
    )


def _desk(session: Session, tables: CodeTables, actor: Actor, episode_id: str) -> Desk:
    row = episode_of(session, actor, episode_id, lock=True)
    suggestions, decisions = suggestions_of(session, row.id), decisions_of(session, row.id)
    return Desk(
        row=row,
        coding=coding_of(session, suggestions, decisions),
        history=document_history(session, row.id),
        tables=tables,
        actor=actor,
        suggestion=suggestions[-1] if suggestions else None,
        decisions=tuple(decisions),
        in_force=tables.standards.of(session, row.provider_id),
    )


def _expect(desk: Desk, version: int) -> None:
    if desk.row.version == version:
        return
    last = desk.decisions[-1] if desk.decisions else None
    by = f" by {last.actor_name} at {last.decided_at:%H:%M} UTC" if last else ""
    raise StaleVersion(
        f"the episode was changed{by}; read it again",
        headers={"ETag": f'"{desk.row.version}"'},
        extensions={"version": desk.row.version, "episode_status": desk.row.status},
    )


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
        row.claimed_by = actor.id
    if isinstance(decision, s.Release | s.Finalise | s.Hold):
        row.claimed_by = None
    if status in (Status.FINALISED, Status.AUTOMATED):
        row.finalised_at = at
    if isinstance(decision, s.Reopen) and row.document_since_finalised:
        row.document_since_finalised = False
        row.unsuggested_reason = "reopened with new documents; suggestions follow"


def _append(session: Session, desk: Desk, decision: s.DecisionIn, event: _Event, at: datetime) -> DecisionRow:
    row = DecisionRow(
        id=new_id(),
        provider_id=desk.row.provider_id,
        episode_id=desk.row.id,
        number=len(desk.decisions) + 1,
        kind=decision.kind,
        line_id=event.line_id,
        content=event.content,
        actor_kind=desk.actor.kind,
        actor_id=desk.actor.id,
        actor_name=desk.actor.name,
        actor_role=desk.actor.role,
        model=desk.suggestion.model if desk.suggestion else None,
        standards=desk.in_force.version,
        tables=desk.tables.editions,
        decided_at=at,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        desk.actor,
        action=f"decision.{decision.kind}",
        subject=f"decision:{row.id}",
        content=audit.decision_content(row),
        at=at,
    )
    return row


def _line(desk: Desk, line_id: str) -> Line:
    line = desk.coding.line(line_id)
    if line is None:
        raise UnknownLine("the line is not of this episode, or was superseded")
    return line


def _line_in(desk: Desk, line_id: str, states: frozenset[LineState]) -> Line:
    line = _line(desk, line_id)
    if line.state not in states:
        raise IllegalState(f"the line is {line.state} already")
    return line


_OPEN = frozenset({LineState.SUGGESTED, LineState.CANDIDATE, LineState.REJECTED})


def _accept(desk: Desk, decision: s.Accept) -> _Event:
    line = _line_in(desk, decision.line, _OPEN)
    code = _code(desk, line.role, line.code)
    _check_not_standing(desk, line.role, code)
    return _Event(line.id, {"code": code})


def _reject(desk: Desk, decision: s.Reject) -> _Event:
    states = (_OPEN | {LineState.ACCEPTED, LineState.REPLACED}) - {LineState.REJECTED}
    line = _line_in(desk, decision.line, states)
    return _Event(line.id, {"code": line.code, "reason": decision.reason, "evidence": _quoted(line)})


def _replace(desk: Desk, decision: s.Replace) -> _Event:
    line = _line_in(desk, decision.line, _OPEN | STANDING)
    code = _code(desk, line.role, decision.code)
    if code == line.code:
        raise Unprocessable("this is the code that the line has")
    _check_not_standing(desk, line.role, code)
    return _Event(line.id, {"code": code, "was": line.code, "evidence": _quoted(line)})


def _remove(desk: Desk, decision: s.Remove) -> _Event:
    line = _line_in(desk, decision.line, STANDING)
    return _Event(line.id, {"code": line.code})


def _set_date(desk: Desk, decision: s.SetDate) -> _Event:
    line = _line_in(desk, decision.line, STANDING)
    if line.role is not Role.PROCEDURE:
        raise Unprocessable("only procedures carry a date")
    return _Event(line.id, {"date": decision.date.isoformat()})


def _add(desk: Desk, decision: s.Add) -> _Event:
    code = _code(desk, decision.role, decision.code)
    _check_not_standing(desk, decision.role, code)
    if decision.role is Role.DIAGNOSIS and (decision.group or decision.date):
        raise Unprocessable("only procedures carry a group or a date")
    content = {
        "role": decision.role,
        "code": code,
        "group": decision.group,
        "date": decision.date.isoformat() if decision.date else None,
        "evidence": [asdict(checked(item, desk.history)) for item in decision.evidence],
    }
    return _Event(new_id(), content)


def _reorder(desk: Desk, decision: s.Reorder) -> _Event:
    is_diagnosis = decision.role is Role.DIAGNOSIS
    standing = desk.coding.diagnoses if is_diagnosis else desk.coding.procedures
    if sorted(decision.lines) != sorted(line.id for line in standing):
        raise UnknownLine("name every standing line of the role once")
    return _Event(None, {"role": decision.role, "lines": list(decision.lines)})


def _undo(desk: Desk, decision: s.Undo) -> _Event:
    if desk.coding.undoable is None:
        raise IllegalState("there is nothing to undo")
    if decision.decision != desk.coding.undoable:
        raise IllegalState("only the last decision that stands can be undone; undo later ones first")
    undone = next(row for row in desk.decisions if row.id == decision.decision)
    return _Event(undone.line_id, {"decision": undone.id, "kind": undone.kind})


def _claim(desk: Desk, _decision: s.Claim) -> _Event:
    held = desk.row.claimed_by
    if held and held != desk.actor.id and desk.actor.role is not UserRole.MANAGER:
        raise AlreadyClaimed
    return _Event(None, {})


def _release(desk: Desk, _decision: s.Release) -> _Event:
    held = desk.row.claimed_by
    if held and held != desk.actor.id and desk.actor.role is not UserRole.MANAGER:
        raise AlreadyClaimed("only who claimed it, or a manager, releases it")
    return _Event(None, {})


def _hold(_desk: Desk, decision: s.Hold) -> _Event:
    review = decision.review_date.isoformat() if decision.review_date else None
    return _Event(None, {"reason": decision.reason, "review_date": review})


def _finalise(desk: Desk, _decision: s.Finalise) -> _Event:
    _check_complete(desk)
    return _Event(None, _as_it_stands(desk))


def _as_it_stands(desk: Desk) -> dict[str, Any]:
    """The coding, and the rules that still say something of it.

    Raises:
        AgainstStandards: one of them is an error that nobody has overridden.
    """
    found = desk.found
    blocking = [one for one in found if one.blocks]
    if blocking:
        raise AgainstStandards(
            "; ".join(dict.fromkeys(one.finding.text for one in blocking)),
            extensions={"findings": [_named(one) for one in blocking[:_NAMED]]},
        )
    lines = [[line.id, line.code] for line in desk.coding.standing]
    return {"lines": lines, "findings": sorted({one.finding.rule for one in found})}


def _named(found: Found) -> dict[str, Any]:
    finding = found.finding
    return {
        "rule": finding.rule,
        "standard": finding.standard,
        "text": finding.text,
        "lines": [line.id for line in found.lines],
    }


def _override(desk: Desk, decision: s.Override) -> _Event:
    if desk.actor.role not in _OVERRIDERS:
        raise Forbidden("an error of the standards is overridden by an auditor or a manager")
    found = [one for one in desk.found if one.finding.rule == decision.rule and one.blocks]
    if not found:
        raise Unprocessable("no error of this rule stands in the coding")
    return _Event(None, override_content(found, decision.reason))


def _reopen(desk: Desk, decision: s.Reopen) -> _Event:
    _check_checker(desk)
    return _Event(None, {"reason": decision.reason})


def _approve(desk: Desk, _decision: s.Approve) -> _Event:
    _check_checker(desk)
    _check_complete(desk)
    return _Event(None, _as_it_stands(desk))


def _return(desk: Desk, decision: s.Return) -> _Event:
    _check_checker(desk)
    return _Event(None, {"reason": decision.reason})


_CHECKS: dict[type, Callable[[Desk, Any], _Event]] = {
    s.Accept: _accept,
    s.Reject: _reject,
    s.Replace: _replace,
    s.Remove: _remove,
    s.SetDate: _set_date,
    s.Add: _add,
    s.Reorder: _reorder,
    s.Undo: _undo,
    s.Claim: _claim,
    s.Release: _release,
    s.Hold: _hold,
    s.Finalise: _finalise,
    s.Reopen: _reopen,
    s.Approve: _approve,
    s.Return: _return,
    s.Override: _override,
}


def _check_checker(desk: Desk) -> None:
    if desk.actor.role not in _CHECKERS:
        raise Forbidden("a trainee's coding is checked, and a finalised one reopened, by someone qualified")


def _check_complete(desk: Desk) -> None:
    """Text, episode end and edition may have changed since a line was decided on."""
    if desk.coding.undecided:
        undecided = [line.id for line in desk.coding.undecided]
        raise CodingIncomplete(_UNTIL_DECIDED, extensions={"undecided": undecided[:_NAMED]})
    if not desk.coding.diagnoses:
        raise CodingIncomplete("a coding has at least a primary diagnosis")
    invalid = [line for line in desk.coding.standing if not _is_valid(desk, line)]
    if invalid:
        displays = ", ".join(desk.tables.by_role[line.role].display(line.code) for line in invalid[:_NAMED])
        raise CodingIncomplete(
            f"the edition in force on the episode end lacks {displays}; replace or remove what it lacks",
            extensions={"invalid": [line.id for line in invalid[:_NAMED]]},
        )


def _is_valid(desk: Desk, line: Line) -> bool:
    return desk.tables.by_role[line.role].valid_on(line.code, desk.row.episode_end)


def _check_not_standing(desk: Desk, role: Role, code: str) -> None:
    """A diagnosis code stands once; a procedure code may stand more than once."""
    if role is Role.DIAGNOSIS and any(line.code == code for line in desk.coding.diagnoses):
        raise CodeStandsAlready


def _code(desk: Desk, role: Role, written: str) -> str:
    """The stored form of a code that the edition in force allows in a coding."""
    table: Classification = desk.tables.by_role[role]
    entry = table.get(written)
    if entry is None:
        raise UnknownCodeGiven(f"{table.label} has no such code")
    if not entry.assignable:
        raise UnknownCodeGiven(f"this is a category of {table.label}; give a code of four characters")
    if not table.valid_on(entry.code, desk.row.episode_end):
        raise UnknownCodeGiven(f"the edition of {table.label} in force on the episode end lacks this code")
    return entry.code


def _quoted(line: Line) -> list[dict[str, Any]]:
    """The spans that a reject or a replace teaches about."""
    return [asdict(item) for item in line.evidence]
