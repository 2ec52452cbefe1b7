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
    UNDO = "undo"
    CLAIM = "claim"
    RELEASE = "release"
    HOLD = "hold"
    FINALISE = "finalise"
    REOPEN = "reopen"
    APPROVE = "approve"
    RETURN = "return"


CODING_KINDS = frozenset(
    {
        DecisionKind.ACCEPT,
        DecisionKind.REJECT,
        DecisionKind.REPLACE,
        DecisionKind.ADD,
        DecisionKind.REMOVE,
        DecisionKind.REORDER,
        DecisionKind.SET_DATE,
    }
)
"""Decisions on lines: these can be undone."""

_OPEN = (Status.AWAITING_TEXT, Status.READY, Status.IN_PROGRESS)

TRANSITIONS: dict[tuple[Status, DecisionKind], Status] = {
    **{(status, kind): Status.IN_PROGRESS for status in _OPEN for kind in CODING_KINDS},
    **{(status, DecisionKind.UNDO): Status.IN_PROGRESS for status in _OPEN},
    **{(status, DecisionKind.CLAIM): Status.IN_PROGRESS for status in _OPEN},
    **{(status, DecisionKind.HOLD): Status.ON_HOLD for status in _OPEN},
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
awaiting_check instead of finalised."""

OPEN = frozenset({*_OPEN, Status.ON_HOLD})
"""Still to be coded: suggestions may be asked for again."""

CLOSED = frozenset({Status.FINALISED, Status.AUTOMATED, Status.WITHDRAWN})
"""A message never changes the coding of these."""
