"""Folds suggestions and decisions into lines: what stands in the coding, what is open, what is out.

Pure: plain values in, plain values out. The order of diagnoses matters (the first is primary).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as CalendarDate
from datetime import datetime
from enum import StrEnum
from typing import Any

from data.episodes import Role
from service.coding.status import CODING_KINDS, DecisionKind


class LineState(StrEnum):
    SUGGESTED = "suggested"
    """Put before the coder, not decided yet."""
    CANDIDATE = "candidate"
    """Less likely; offered on request, needs no decision."""
    ACCEPTED = "accepted"
    REPLACED = "replaced"
    """Stands with another code than was suggested."""
    ADDED = "added"
    REJECTED = "rejected"
    REMOVED = "removed"
    SUPERSEDED = "superseded"
    """Not decided on, and no longer asked: a newer suggestion came, or it repeats what was decided."""


STANDING = frozenset({LineState.ACCEPTED, LineState.REPLACED, LineState.ADDED})
_OPEN = frozenset({LineState.SUGGESTED, LineState.CANDIDATE})


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """A span of one version of a document."""

    document_id: str
    version: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    role: Role
    code: str
    """Four characters, as it is learned and scored."""
    state: LineState
    evidence: tuple[StoredEvidence, ...] = ()
    group: int | None = None
    date: CalendarDate | None = None
    fifth: str = ""
    """The fifth character; empty for most diagnoses and for every procedure."""
    rank: int | None = None
    confidence: float | None = None
    reason: str | None = None
    suggested_code: str | None = None
    """The code that the model gave; None for a line that a coder added."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    reject_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    id: str
    number: int
    kind: DecisionKind
    line_id: str | None
    content: Mapping[str, Any]  # as DecisionRow.content
    actor_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Coding:
    """Every line of an episode; the standing ones in coding order."""

    diagnoses: tuple[Line, ...]
    procedures: tuple[Line, ...]
    undecided: tuple[Line, ...]
    candidates: tuple[Line, ...]
    rejected: tuple[Line, ...]
    undoable: str | None
    """The decision that an undo would take back: the last one on lines."""

    @property
    def standing(self) -> tuple[Line, ...]:
        return self.diagnoses + self.procedures

    def line(self, line_id: str) -> Line | None:
        every = (self.standing, self.undecided, self.candidates, self.rejected)
        return next((line for lines in every for line in lines if line.id == line_id), None)


def fold(suggestions: Sequence[Sequence[Line]], decisions: Sequence[Decision]) -> Coding:
    """The coding after all decisions.

    Args:
        suggestions: the lines of each suggestion, oldest first; the last one is current.
        decisions: every decision of the episode, in order.
    """
    effective = tuple(_without_undone(decisions))
    ledger = _Ledger.of(suggestions)
    for decision in effective:
        ledger.apply(decision)
    ledger.supersede(suggestions)
    return ledger.coding(undoable=effective[-1].id if effective else None)


def _without_undone(decisions: Iterable[Decision]) -> Iterator[Decision]:
    every = tuple(decisions)
    undone = {d.content["decision"] for d in every if d.kind is DecisionKind.UNDO}
    return (d for d in every if d.kind in CODING_KINDS and d.id not in undone)


@dataclass(slots=True)
class _Ledger:
    lines: dict[str, Line]
    suggestion: dict[str, int]
    """Which suggestion a line came with; a line added by hand came with none."""
    order: dict[Role, list[str]] = field(default_factory=lambda: {role: [] for role in Role})
    ordered_by_hand: set[Role] = field(default_factory=set)

    @classmethod
    def of(cls, suggestions: Sequence[Sequence[Line]]) -> "_Ledger":
        numbered = list(enumerate(suggestions))
        return cls(
            lines={line.id: line for _, lines in numbered for line in lines},
            suggestion={line.id: number for number, lines in numbered for line in lines},
        )

    def apply(self, decision: Decision) -> None:
        match decision.kind:
            case DecisionKind.ACCEPT:
                self._stand(decision, state=LineState.ACCEPTED, code=decision.content["code"])
            case DecisionKind.REPLACE:
                self._replace(decision)
            case DecisionKind.ADD:
                self._add(decision)
            case DecisionKind.REJECT:
                reason = decision.content.get("reason")
                self._leave(decision, state=LineState.REJECTED, reject_reason=reason)
            case DecisionKind.REMOVE:
                self._leave(decision, state=LineState.REMOVED)
            case DecisionKind.REORDER:
                self._reorder(decision)
            case DecisionKind.SET_DATE:
                self._change(decision, date=_date(decision.content["date"]))
            case DecisionKind.SET_FIFTH:
                self._change(decision, fifth=decision.content["fifth"])

    def supersede(self, suggestions: Sequence[Sequence[Line]]) -> None:
        """Open lines of older suggestions go; so do those of the newest that repeat what was decided."""
        *older, newest = [[self.lines[line.id] for line in lines] for lines in suggestions] or [[]]
        earlier = [line for lines in older for line in lines]
        decided = [line for line in earlier if line.state not in _OPEN]
        asked = [line for line in newest if line.state in _OPEN]
        standing = {self.lines[line_id].code for line_id in self.order[Role.DIAGNOSIS]}
        gone = [line for line in earlier if line.state in _OPEN]
        gone += _repeated_diagnoses(_of(Role.DIAGNOSIS, asked), _of(Role.DIAGNOSIS, decided), standing)
        gone += _repeated_procedures(_of(Role.PROCEDURE, asked), _of(Role.PROCEDURE, decided))
        for line in gone:
            self.lines[line.id] = replace(line, state=LineState.SUPERSEDED)

    def coding(self, undoable: str | None) -> Coding:
        diagnoses, procedures = (self._in_order(role) for role in (Role.DIAGNOSIS, Role.PROCEDURE))
        return Coding(
            diagnoses=diagnoses,
            procedures=procedures,
            undecided=self._in_state(LineState.SUGGESTED),
            candidates=self._in_state(LineState.CANDIDATE),
            rejected=self._in_state(LineState.REJECTED),
            undoable=undoable,
        )

    def _in_order(self, role: Role) -> tuple[Line, ...]:
        return tuple(self.lines[line_id] for line_id in self.order[role])

    def _in_state(self, state: LineState) -> tuple[Line, ...]:
        return tuple(line for line in self.lines.values() if line.state is state)

    def _change(self, decision: Decision, **changes: Any) -> Line:
        line = replace(
            self.lines[str(decision.line_id)],
            decided_by=decision.actor_name,
            decided_at=decision.at,
            **changes,
        )
        self.lines[line.id] = line
        return line

    def _stand(self, decision: Decision, **changes: Any) -> None:
        self._place(self._change(decision, **changes))

    def _replace(self, decision: Decision) -> None:
        was = self.lines[str(decision.line_id)]
        content = decision.content
        state = LineState.REPLACED if was.suggested_code else LineState.ADDED
        if was.suggested_code == content["code"]:  # with a fifth character beside it, or back to it
            state = LineState.ACCEPTED
        self._stand(decision, state=state, code=content["code"], fifth=content.get("fifth", ""))

    def _add(self, decision: Decision) -> None:
        content = decision.content
        line = Line(
            id=str(decision.line_id),
            role=Role(content["role"]),
            code=content["code"],
            state=LineState.ADDED,
            evidence=tuple(StoredEvidence(**item) for item in content.get("evidence", ())),
            group=content.get("group"),
            date=_date(content.get("date")),
            fifth=content.get("fifth", ""),
        )
        self.lines[line.id] = line
        self._stand(decision, state=LineState.ADDED)

    def _leave(self, decision: Decision, **changes: Any) -> None:
        line = self._change(decision, **changes)
        if line.id in self.order[line.role]:
            self.order[line.role].remove(line.id)

    def _reorder(self, decision: Decision) -> None:
        role = Role(decision.content["role"])
        self.order[role] = list(decision.content["lines"])
        self.ordered_by_hand.add(role)

    def _place(self, line: Line) -> None:
        """Model lines keep the model's order among themselves until a coder orders by hand."""
        order = self.order[line.role]
        if line.id in order:
            return
        order.insert(self._position(line, order), line.id)

    def _position(self, line: Line, order: Sequence[str]) -> int:
        """Before the first line of the same suggestion that ranks lower; across two, ranks say nothing."""
        suggestion = self.suggestion.get(line.id)
        if suggestion is None or line.rank is None or line.role in self.ordered_by_hand:
            return len(order)
        ranks = (
            (place, self.lines[other].rank)
            for place, other in enumerate(order)
            if self.suggestion.get(other) == suggestion
        )
        return next((place for place, rank in ranks if rank is not None and rank > line.rank), len(order))


def _of(role: Role, lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.role is role]


def _repeated_diagnoses(
    asked: Sequence[Line], decided: Sequence[Line], standing: Collection[str]
) -> Iterator[Line]:
    """What stands already, by whatever way, or was turned down on the same words.

    Args:
        asked: open lines of the newest suggestion.
        decided: lines of older suggestions.
    """
    corrected = {line.suggested_code for line in decided if line.state in STANDING}
    turned_down: dict[str | None, set[_Words]] = {}
    for line in decided:
        if line.state not in STANDING:
            turned_down.setdefault(line.suggested_code, set()).update(_words(line))
    for line in asked:
        known = turned_down.get(line.code)
        if line.code in standing or line.code in corrected or (known is not None and _words(line) <= known):
            yield line


def _repeated_procedures(asked: Sequence[Line], decided: Sequence[Line]) -> Iterator[Line]:
    """Matched one to one, the closest evidence first: a code may stand twice, as for two hips."""
    asked, left = list(asked), list(decided)
    for repeats in (_on_the_same_words, _stands_on_some_of_the_words, _stands):
        for line in tuple(asked):
            old = next((old for old in left if line.code in _codes(old) and repeats(line, old)), None)
            if old is not None:
                asked.remove(line)
                left.remove(old)
                yield line


def _on_the_same_words(line: Line, old: Line) -> bool:
    return _words(line) <= _words(old)


def _stands_on_some_of_the_words(line: Line, old: Line) -> bool:
    return _stands(line, old) and not _words(line).isdisjoint(_words(old))


def _stands(_line: Line, old: Line) -> bool:
    return old.state in STANDING


def _codes(old: Line) -> set[str | None]:
    """What a repeat of the line may be written as."""
    return {old.suggested_code, old.code} if old.state in STANDING else {old.suggested_code}


_Words = tuple[str, str]
"""A document and words in it; their place is no part, because it moves with every version."""


def _words(line: Line) -> set[_Words]:
    return {(item.document_id, item.text) for item in line.evidence}


def _date(value: str | None) -> CalendarDate | None:
    return CalendarDate.fromisoformat(value) if value else None
