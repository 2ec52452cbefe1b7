"""Decisions in plain words, for the history of an episode."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from data.episodes import Role
from service.coding.status import DecisionKind
from service.deps import CodeTables
from service.episodes.deciding import BATCH
from service.episodes.releasing import NEW_DOCUMENT
from service.episodes.schemas import DecisionOut, HoldReason, LineOut, RejectReason
from service.workbench import wording

_FIXED = {
    DecisionKind.FINALISE: "finalised the coding",
    DecisionKind.APPROVE: "approved the trainee's coding",
    DecisionKind.QUERY: "put a query to the clinician",
    DecisionKind.ANSWER: "answered a query; the answer stands among the documents",
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
    DecisionKind.SET_FIFTH: "a fifth character",
}


@dataclass(frozen=True, slots=True)
class Entry:
    who: str
    what: str
    when: str
    on: str
    """The model whose suggestions were on the screen, and the standards in force."""
    decisions: tuple[str, ...]
    """Ids: more than one where they were made at once."""


def entries(
    decisions: Sequence[DecisionOut], lines: Iterable[LineOut], tables: CodeTables
) -> tuple[Entry, ...]:
    """Who did what, when; the latest first. What was done at once is one entry."""
    roles = {line.id: line.role for line in lines}
    roles |= {str(d.line): Role(d.content["role"]) for d in decisions if d.kind is DecisionKind.ADD}
    told = [_Told(decision, roles, tables) for decision in decisions]
    batches = [list(batch) for _, batch in groupby(told, key=_batch)]
    return tuple(_entry(batch) for batch in reversed(batches))


def _batch(told: "_Told") -> str:
    return str(told.content.get(BATCH) or told.decision.id)


def _entry(batch: Sequence["_Told"]) -> Entry:
    last = batch[-1].decision
    return Entry(
        who=last.actor,
        what=_together([_what(told) for told in batch]),
        when=wording.clock_time(last.at),
        on=_on(last),
        decisions=tuple(told.decision.id for told in batch),
    )


def _together(told: Sequence[str]) -> str:
    """`accepted A; B; C` where the same was done to each."""
    verb = told[0].split(" ", 1)[0]
    same = all(one.startswith(f"{verb} ") for one in told)
    return "; ".join([told[0], *(one.removeprefix(f"{verb} ") for one in told[1:])] if same else told)


def _on(decision: DecisionOut) -> str:
    model = decision.model
    named = f"model {model.name} {model.version}" if model else "no model"
    return f"{named}, standards {decision.standards}" if decision.standards else named


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
        entry, fifth = table.get(code), str(self.content.get("fifth", "")) if field == "code" else ""
        return f"{table.display(code, fifth)} {entry.title if entry else ''}".strip()


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


def _fifth(told: _Told) -> str:
    return f"{'gave' if told.content['fifth'] else 'took away'} the fifth character: {told.code()}"


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


def _claimed(told: _Told) -> str:
    name = told.content.get("name")
    return f"assigned the episode to {name}" if name else "claimed the episode"


def _released(told: _Told) -> str:
    came = told.content.get("because") == NEW_DOCUMENT
    return "released the episode: a new document came" if came else "released the episode"


def _returned(told: _Told) -> str:
    return f"returned the coding to the trainee: {told.content['reason']}"


_OTHERS = {
    DecisionKind.REPLACE: _replaced,
    DecisionKind.REORDER: _reordered,
    DecisionKind.SET_DATE: _dated,
    DecisionKind.SET_FIFTH: _fifth,
    DecisionKind.UNDO: _undid,
    DecisionKind.CLAIM: _claimed,
    DecisionKind.RELEASE: _released,
    DecisionKind.HOLD: _held,
    DecisionKind.REOPEN: _reopened,
    DecisionKind.RETURN: _returned,
    DecisionKind.OVERRIDE: _overrode,
}


def _because(content: Mapping[str, Any]) -> str:
    reason = content.get("reason")
    return f": {wording.REJECT_REASONS[RejectReason(reason)]}" if reason else ""
