"""Decisions in plain words, for the history of an episode."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.episodes import Role
from service.coding.status import DecisionKind
from service.deps import CodeTables
from service.episodes.schemas import DecisionOut, HoldReason, LineOut, RejectReason
from service.workbench import wording

_FIXED = {
    DecisionKind.CLAIM: "claimed the episode",
    DecisionKind.RELEASE: "released the episode",
    DecisionKind.FINALISE: "finalised the coding",
    DecisionKind.APPROVE: "approved the trainee's coding",
}
_VERBS = {
    DecisionKind.ACCEPT: "accepted",
    DecisionKind.REJECT: "rejected",
    DecisionKind.ADD: "added",
    DecisionKind.REMOVE: "removed",
}
_UNDONE = {
    DecisionKind.ACCEPT: "an accept",
    DecisionKind.REJECT: "a reject",
    DecisionKind.REPLACE: "a replace",
    DecisionKind.ADD: "an added code",
    DecisionKind.REMOVE: "a removed code",
    DecisionKind.REORDER: "a new order",
    DecisionKind.SET_DATE: "a date",
}


@dataclass(frozen=True, slots=True)
class Entry:
    who: str
    what: str
    when: str


def entries(
    decisions: Sequence[DecisionOut], lines: Iterable[LineOut], tables: CodeTables
) -> tuple[Entry, ...]:
    """Who did what, when; the latest first."""
    roles = {line.id: line.role for line in lines}
    roles |= {str(d.line): Role(d.content["role"]) for d in decisions if d.kind is DecisionKind.ADD}
    return tuple(
        Entry(decision.actor, _what(_Told(decision, roles, tables)), wording.clock_time(decision.at))
        for decision in reversed(decisions)
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """A decision with what is needed to tell it."""

    decision: DecisionOut
    roles: Mapping[str, Role]
    tables: CodeTables

    @property
    def content(self) -> Mapping[str, Any]:
        return self.decision.content

    def code(self, field: str = "code") -> str:
        """As coders read it, with its title. The same characters mean one thing in ICD-10, another in OPCS-4:
        of a line that is gone, only the code is told."""
        code, role = str(self.content[field]), self.roles.get(str(self.decision.line))
        if role is None:
            return next(iter(self.tables.by_role.values())).display(code)
        table = self.tables.by_role[role]
        entry = table.get(code)
        return f"{table.display(code)} {entry.title if entry else ''}".strip()


def _what(told: _Told) -> str:
    kind = told.decision.kind
    if kind in _FIXED:
        return _FIXED[kind]
    if kind in _VERBS:
        return f"{_VERBS[kind]} {told.code()}{_because(told.content)}"
    return _OTHERS[kind](told)


def _replaced(told: _Told) -> str:
    return f"replaced {told.code('was')} with {told.code()}"


def _reordered(told: _Told) -> str:
    what = {Role.DIAGNOSIS: "diagnoses", Role.PROCEDURE: "procedures"}
    return f"changed the order of the {what[Role(told.content['role'])]}"


def _dated(told: _Told) -> str:
    return f"dated a procedure {told.content['date']}"


def _undid(told: _Told) -> str:
    return f"undid {_UNDONE[DecisionKind(told.content['kind'])]}"


def _held(told: _Told) -> str:
    review = told.content.get("review_date")
    reason = wording.HOLD_REASONS[HoldReason(told.content["reason"])]
    return f"put the episode on hold: {reason}" + (f", to be looked at on {review}" if review else "")


def _reopened(told: _Told) -> str:
    return f"reopened the episode: {told.content['reason']}"


def _overrode(told: _Told) -> str:
    return f"overrode the rule {told.content['rule']}: {told.content['reason']}"


def _returned(told: _Told) -> str:
    return f"returned the coding to the trainee: {told.content['reason']}"


_OTHERS = {
    DecisionKind.REPLACE: _replaced,
    DecisionKind.REORDER: _reordered,
    DecisionKind.SET_DATE: _dated,
    DecisionKind.UNDO: _undid,
    DecisionKind.HOLD: _held,
    DecisionKind.REOPEN: _reopened,
    DecisionKind.RETURN: _returned,
    DecisionKind.OVERRIDE: _overrode,
}


def _because(content: Mapping[str, Any]) -> str:
    reason = content.get("reason")
    return f": {wording.REJECT_REASONS[RejectReason(reason)]}" if reason else ""
