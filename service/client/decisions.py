"""What a coder can decide, one type a decision."""

from datetime import date as Day
from typing import Literal

from pydantic import BaseModel, ConfigDict

Role = Literal["diagnosis", "procedure"]
Reason = Literal[
    "not_documented", "negated_or_queried", "history_only", "not_relevant", "wrong_code", "duplicate",
    "against_standard", "other",
]  # fmt: skip


class _Decision(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Accept(_Decision):
    kind: Literal["accept"] = "accept"
    line: str


class Reject(_Decision):
    kind: Literal["reject"] = "reject"
    line: str
    reason: Reason | None = None


class Replace(_Decision):
    kind: Literal["replace"] = "replace"
    line: str
    code: str
    fifth: str | None = None


class Remove(_Decision):
    kind: Literal["remove"] = "remove"
    line: str


class SetDate(_Decision):
    kind: Literal["set_date"] = "set_date"
    line: str
    date: Day


class SetFifth(_Decision):
    kind: Literal["set_fifth"] = "set_fifth"
    line: str
    fifth: str | None


class Add(_Decision):
    kind: Literal["add"] = "add"
    role: Role
    code: str
    fifth: str | None = None
    group: int | None = None
    date: Day | None = None


class Reorder(_Decision):
    kind: Literal["reorder"] = "reorder"
    role: Role
    lines: tuple[str, ...]


class Undo(_Decision):
    kind: Literal["undo"] = "undo"
    decision: str


class Claim(_Decision):
    kind: Literal["claim"] = "claim"


class Release(_Decision):
    kind: Literal["release"] = "release"


class Hold(_Decision):
    kind: Literal["hold"] = "hold"
    reason: Literal["histology", "notes", "query"]
    review_date: Day | None = None


class Finalise(_Decision):
    kind: Literal["finalise"] = "finalise"


class Reopen(_Decision):
    kind: Literal["reopen"] = "reopen"
    reason: str


class Approve(_Decision):
    kind: Literal["approve"] = "approve"


class Return(_Decision):
    kind: Literal["return"] = "return"
    reason: str


class Override(_Decision):
    kind: Literal["override"] = "override"
    rule: str
    reason: str


Decision = (
    Accept | Reject | Replace | Remove | SetDate | SetFifth | Add | Reorder | Undo | Claim | Release | Hold
    | Finalise | Reopen | Approve | Return | Override
)  # fmt: skip
