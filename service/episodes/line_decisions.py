"""Decisions on lines: what each asks of the episode, and what it adds to the record."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from data.classifications import Classification
from data.episodes import Role
from service.accounts.directory import new_id
from service.coding.coding import STANDING, Line, LineState
from service.coding.status import Status
from service.episodes import schemas as s
from service.episodes.desk import Desk, Recorded, submission_of
from service.episodes.evidence import checked
from service.errors import CodeStandsAlready, IllegalState, UnknownCodeGiven, UnknownLine, Unprocessable
from service.standards.fifths import fifths_allowed


def line_of(desk: Desk, line_id: str) -> Line:
    line = desk.coding.line(line_id)
    if line is None:
        raise UnknownLine("the line is not of this episode, or was superseded")
    return line


def _line_in(desk: Desk, line_id: str, states: frozenset[LineState]) -> Line:
    line = line_of(desk, line_id)
    if line.state not in states:
        raise IllegalState(f"the line is {line.state} already")
    return line


_OPEN = frozenset({LineState.SUGGESTED, LineState.CANDIDATE, LineState.REJECTED})


def _accept(desk: Desk, decision: s.Accept) -> Recorded:
    line = _line_in(desk, decision.line, _OPEN)
    code = _written(desk, line.role, line.code)[0]
    _check_not_standing(desk, line.role, code)
    return Recorded(line.id, {"code": code})


def _reject(desk: Desk, decision: s.Reject) -> Recorded:
    states = (_OPEN | {LineState.ACCEPTED, LineState.REPLACED}) - {LineState.REJECTED}
    line = _line_in(desk, decision.line, states)
    return Recorded(line.id, {"code": line.code, "reason": decision.reason, "evidence": _quoted(line)})


def _replace(desk: Desk, decision: s.Replace) -> Recorded:
    line = _line_in(desk, decision.line, _OPEN | STANDING)
    code, fifth = _written(desk, line.role, decision.code, decision.fifth)
    if code == line.code and fifth.get("fifth", "") in ("", line.fifth):
        raise Unprocessable("this is the code that the line has")
    if code != line.code or line.state not in STANDING:
        _check_not_standing(desk, line.role, code)
    return Recorded(line.id, {"code": code, "was": line.code, "evidence": _quoted(line)} | fifth)


def _remove(desk: Desk, decision: s.Remove) -> Recorded:
    line = _line_in(desk, decision.line, STANDING)
    return Recorded(line.id, {"code": line.code})


def _set_date(desk: Desk, decision: s.SetDate) -> Recorded:
    line = _line_in(desk, decision.line, STANDING)
    if line.role is not Role.PROCEDURE:
        raise Unprocessable("only procedures carry a date")
    return Recorded(line.id, {"date": decision.date.isoformat()})


def _set_fifth(desk: Desk, decision: s.SetFifth) -> Recorded:
    line = _line_in(desk, decision.line, STANDING)
    fifth = decision.fifth or ""
    if fifth == line.fifth:
        raise Unprocessable("this is the fifth character that the line has")
    _check_fifth(desk, line.role, line.code, fifth)
    return Recorded(line.id, {"code": line.code, "fifth": fifth, "was": line.fifth})


def _add(desk: Desk, decision: s.Add) -> Recorded:
    code, fifth = _written(desk, decision.role, decision.code, decision.fifth)
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
    return Recorded(new_id(), content | fifth)


def _reorder(desk: Desk, decision: s.Reorder) -> Recorded:
    is_diagnosis = decision.role is Role.DIAGNOSIS
    standing = desk.coding.diagnoses if is_diagnosis else desk.coding.procedures
    if sorted(decision.lines) != sorted(line.id for line in standing):
        raise UnknownLine("name every standing line of the role once")
    return Recorded(None, {"role": decision.role, "lines": list(decision.lines)})


def _undo(desk: Desk, decision: s.Undo) -> Recorded:
    if desk.coding.undoable is None:
        raise IllegalState("there is nothing to undo")
    if decision.decision != desk.coding.undoable:
        raise IllegalState("only the last decision that stands can be undone; undo later ones first")
    undone = next(row for row in desk.decisions if row.id == decision.decision)
    submitted = submission_of(desk.decisions)
    checking = desk.row.status == Status.AWAITING_CHECK
    if checking and submitted is not None and undone.number < submitted.number:
        raise IllegalState("this is a decision of the trainee: correct the line instead")
    return Recorded(undone.line_id, {"decision": undone.id, "kind": undone.kind})


def _check_not_standing(desk: Desk, role: Role, code: str) -> None:
    """A diagnosis code stands once; a procedure code may stand more than once."""
    if role is Role.DIAGNOSIS and any(line.code == code for line in desk.coding.diagnoses):
        raise CodeStandsAlready


def _written(desk: Desk, role: Role, written: str, fifth: str | None = None) -> tuple[str, dict[str, Any]]:
    """The stored form of a code that the edition in force allows in a coding, and its fifth character."""
    table: Classification = desk.tables.by_role[role]
    entry, own = table.with_fifth(written)
    if entry is None:
        raise UnknownCodeGiven(f"{table.label} has no such code")
    if not entry.assignable:
        raise UnknownCodeGiven(f"this is a category of {table.label}; give a code of four characters")
    if not table.valid_on(entry.code, desk.row.episode_end):
        raise UnknownCodeGiven(f"the edition of {table.label} in force on the episode end lacks this code")
    _check_fifth(desk, role, entry.code, fifth or own)
    return entry.code, {"fifth": fifth or own} if fifth or own else {}


def _check_fifth(desk: Desk, role: Role, code: str, fifth: str) -> None:
    """
    Raises:
        Unprocessable: the code has no such fifth character.
    """
    allowed = fifths_allowed(desk.in_force.edition, code) if role is Role.DIAGNOSIS else {}
    if fifth and fifth not in allowed:
        has = f"these fifth characters: {', '.join(allowed)}" if allowed else "no fifth character"
        raise Unprocessable(f"{desk.tables.by_role[role].display(code)} has {has}")


def _quoted(line: Line) -> list[dict[str, Any]]:
    """The spans that a reject or a replace teaches about."""
    return [asdict(item) for item in line.evidence]


LINE_DECISIONS: dict[type, Callable[[Desk, Any], Recorded]] = {
    s.Accept: _accept,
    s.Reject: _reject,
    s.Replace: _replace,
    s.Remove: _remove,
    s.SetDate: _set_date,
    s.SetFifth: _set_fifth,
    s.Add: _add,
    s.Reorder: _reorder,
    s.Undo: _undo,
}
