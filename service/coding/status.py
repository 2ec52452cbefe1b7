"""The status of an episode and the one table of its legal transitions."""

from enum import StrEnum


class Status(StrEnum):
    AWAITING_TEXT = "awaiting_text"
    READY = "ready"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    AWAITING_CHECK = "awaiting_check"
    FINALISED = "finalised"
    AUTOMATED = "automated"
    WITHDRAWN = "withdrawn"


class DecisionKind(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"
    REORDER = "reorder"
    SET_DATE = "set_date"
    SET_FIFTH = "set_fifth"
    UNDO = "undo"
    CLAIM = "claim"
    RELEASE = "release"
    HOLD = "hold"
    FINALISE = "finalise"
    REOPEN = "reopen"
    APPROVE = "approve"
    RETURN = "return"
    OVERRIDE = "override"
    QUERY = "query"
    ANSWER = "answer"


CODING_KINDS = frozenset(
    {
        DecisionKind.ACCEPT,
        DecisionKind.REJECT,
        DecisionKind.REPLACE,
        DecisionKind.ADD,
        DecisionKind.REMOVE,
        DecisionKind.REORDER,
        DecisionKind.SET_DATE,
        DecisionKind.SET_FIFTH,
    }
)
"""Decisions on lines: these can be undone."""

_OPEN = (Status.AWAITING_TEXT, Status.READY, Status.IN_PROGRESS)

TRANSITIONS: dict[tuple[Status, DecisionKind], Status] = {
    **{(status, kind): Status.IN_PROGRESS for status in _OPEN for kind in CODING_KINDS},
    **{(status, DecisionKind.UNDO): Status.IN_PROGRESS for status in _OPEN},
    **{(status, DecisionKind.CLAIM): Status.IN_PROGRESS for status in _OPEN},
    **{(status, DecisionKind.HOLD): Status.ON_HOLD for status in _OPEN},
    **{(status, DecisionKind.OVERRIDE): Status.IN_PROGRESS for status in _OPEN},
    **{(Status.AWAITING_CHECK, kind): Status.AWAITING_CHECK for kind in CODING_KINDS},
    (Status.AWAITING_CHECK, DecisionKind.UNDO): Status.AWAITING_CHECK,
    (Status.AWAITING_CHECK, DecisionKind.OVERRIDE): Status.AWAITING_CHECK,
    **{(status, DecisionKind.QUERY): Status.ON_HOLD for status in (*_OPEN, Status.ON_HOLD)},
    **{(status, DecisionKind.ANSWER): status for status in Status if status is not Status.WITHDRAWN},
    **{(status, DecisionKind.FINALISE): Status.FINALISED for status in _OPEN},
    (Status.AWAITING_TEXT, DecisionKind.RELEASE): Status.AWAITING_TEXT,
    (Status.READY, DecisionKind.RELEASE): Status.READY,
    (Status.IN_PROGRESS, DecisionKind.RELEASE): Status.READY,
    (Status.ON_HOLD, DecisionKind.RELEASE): Status.READY,
    (Status.ON_HOLD, DecisionKind.CLAIM): Status.IN_PROGRESS,
    (Status.AWAITING_CHECK, DecisionKind.APPROVE): Status.FINALISED,
    (Status.AWAITING_CHECK, DecisionKind.RETURN): Status.IN_PROGRESS,
    (Status.FINALISED, DecisionKind.REOPEN): Status.IN_PROGRESS,
    (Status.AUTOMATED, DecisionKind.REOPEN): Status.IN_PROGRESS,
}
"""(status now, decision) -> status after; what is not here is illegal. A trainee's finalise leads to
awaiting_check instead of finalised; there only a checker decides. After the last answer a release follows."""

OPEN = frozenset({*_OPEN, Status.ON_HOLD})
"""Still to be coded: suggestions may be asked for again."""

CLOSED = frozenset({Status.FINALISED, Status.AUTOMATED, Status.WITHDRAWN})
"""A message never changes the coding of these."""
