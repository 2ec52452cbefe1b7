"""Decisions on the episode as a whole: who holds it, and whether its coding may stand."""

from collections.abc import Callable, Sequence
from typing import Any

from service.coding.coding import Line
from service.coding.status import Status
from service.episodes import schemas as s
from service.episodes.desk import NAMED, Desk, Recorded, submission_of
from service.errors import (
    AgainstStandards,
    AlreadyClaimed,
    CodingIncomplete,
    Forbidden,
    UnknownLine,
    Unprocessable,
)
from service.identity import UserRole
from service.standards.checking import Found, override_content

_CHECKERS = frozenset({UserRole.CODER, UserRole.AUDITOR, UserRole.MANAGER})
_OVERRIDERS = frozenset({UserRole.AUDITOR, UserRole.MANAGER})
_UNTIL_DECIDED = "decide on every suggestion first, or reject the rest"


def _claim(desk: Desk, decision: s.Claim) -> Recorded:
    held = desk.row.claimed_by
    if held and held != desk.actor.id and desk.actor.role is not UserRole.MANAGER:
        raise AlreadyClaimed
    return Recorded(None, {"coder": decision.coder, "name": desk.assignee} if decision.coder else {})


def _release(desk: Desk, _decision: s.Release) -> Recorded:
    held = desk.row.claimed_by
    if held and held != desk.actor.id and desk.actor.role is not UserRole.MANAGER:
        raise AlreadyClaimed("only who claimed it, or a manager, releases it")
    return Recorded(None, {})


def _hold(_desk: Desk, decision: s.Hold) -> Recorded:
    review = decision.review_date.isoformat() if decision.review_date else None
    return Recorded(None, {"reason": decision.reason, "review_date": review})


def _finalise(desk: Desk, _decision: s.Finalise) -> Recorded:
    _check_complete(desk)
    return Recorded(None, _as_it_stands(desk))


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
            extensions={"findings": [_named(one) for one in blocking[:NAMED]]},
        )
    lines = [[line.id, line.code] for line in desk.coding.standing]
    fifths = {line.id: line.fifth for line in desk.coding.diagnoses if line.fifth}
    told = {"lines": lines, "findings": sorted({one.finding.rule for one in found})}
    return told | ({"fifths": fifths} if fifths else {})


def _named(found: Found) -> dict[str, Any]:
    finding = found.finding
    return {
        "rule": finding.rule,
        "standard": finding.standard,
        "text": finding.text,
        "lines": [line.id for line in found.lines],
    }


def _override(desk: Desk, decision: s.Override) -> Recorded:
    if desk.actor.role not in _OVERRIDERS:
        raise Forbidden("an error of the standards is overridden by an auditor or a manager")
    found = [one for one in desk.found if one.finding.rule == decision.rule and one.blocks]
    if not found:
        raise Unprocessable("no error of this rule stands in the coding")
    return Recorded(None, override_content(found, decision.reason))


def _reopen(desk: Desk, decision: s.Reopen) -> Recorded:
    _check_checker(desk)
    return Recorded(None, {"reason": decision.reason})


def _approve(desk: Desk, decision: s.Approve) -> Recorded:
    _check_complete(desk)
    told = {"reason": decision.reason} if decision.reason else {}
    return Recorded(None, {**_as_it_stands(desk), **told, **_noted(desk, decision.notes)})


def _return(desk: Desk, decision: s.Return) -> Recorded:
    return Recorded(None, {"reason": decision.reason, **_noted(desk, decision.notes)})


def _noted(desk: Desk, notes: Sequence[s.LineNote]) -> dict[str, Any]:
    """Notes on lines, whatever became of them, by the code that each was submitted with."""
    submitted = submission_of(desk.decisions)
    codes = dict(submitted.content["lines"]) if submitted else {}
    if any(note.line not in codes and desk.coding.line(note.line) is None for note in notes):
        raise UnknownLine("a note speaks of a line that the episode does not have")
    named = [(note, desk.coding.line(note.line)) for note in notes]
    told = [
        {"line": note.line, "code": codes.get(note.line) or (line.code if line else ""), "note": note.text}
        for note, line in named
    ]
    return {"notes": told} if told else {}


def check_second_person(desk: Desk) -> None:
    """What waits for a check is decided on by someone qualified who did not submit it.

    Raises:
        Forbidden: a trainee, or the one whose coding it is.
    """
    if desk.row.status != Status.AWAITING_CHECK:
        return
    _check_checker(desk)
    submitted = submission_of(desk.decisions)
    if submitted is not None and submitted.actor_id == desk.actor.id:
        raise Forbidden("nobody checks what they submitted themselves")


def _check_checker(desk: Desk) -> None:
    if desk.actor.role not in _CHECKERS:
        raise Forbidden("a trainee's coding is checked, and a finalised one reopened, by someone qualified")


def _check_complete(desk: Desk) -> None:
    """Text, episode end and edition may have changed since a line was decided on."""
    if desk.coding.undecided:
        undecided = [line.id for line in desk.coding.undecided]
        raise CodingIncomplete(_UNTIL_DECIDED, extensions={"undecided": undecided[:NAMED]})
    if not desk.coding.diagnoses:
        raise CodingIncomplete("a coding has at least a primary diagnosis")
    invalid = [line for line in desk.coding.standing if not _is_valid(desk, line)]
    if invalid:
        displays = ", ".join(desk.tables.by_role[line.role].display(line.code) for line in invalid[:NAMED])
        raise CodingIncomplete(
            f"the edition in force on the episode end lacks {displays}; replace or remove what it lacks",
            extensions={"invalid": [line.id for line in invalid[:NAMED]]},
        )


def _is_valid(desk: Desk, line: Line) -> bool:
    return desk.tables.by_role[line.role].valid_on(line.code, desk.row.episode_end)


EPISODE_DECISIONS: dict[type, Callable[[Desk, Any], Recorded]] = {
    s.Claim: _claim,
    s.Release: _release,
    s.Hold: _hold,
    s.Finalise: _finalise,
    s.Reopen: _reopen,
    s.Approve: _approve,
    s.Return: _return,
    s.Override: _override,
}
