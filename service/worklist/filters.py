"""What a reader asks the worklist for, as it stands in the address of the page."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from service.coding.status import CLOSED, Status


class View(StrEnum):
    """Which episodes by where they stand; each status is a view of its own."""

    TO_DO = "to_do"
    """Can be coded now: ready, in progress, or on hold until a day that has come."""
    REVIEW_DUE = "review_due"
    """On hold until a day that has come."""
    AWAITING_TEXT = Status.AWAITING_TEXT.value
    READY = Status.READY.value
    IN_PROGRESS = Status.IN_PROGRESS.value
    ON_HOLD = Status.ON_HOLD.value
    AWAITING_CHECK = Status.AWAITING_CHECK.value
    FINALISED = Status.FINALISED.value
    AUTOMATED = Status.AUTOMATED.value
    WITHDRAWN = Status.WITHDRAWN.value
    ALL = "all"

    @property
    def status(self) -> Status | None:
        return Status(self.value) if self.value in set(Status) else None

    @property
    def is_open(self) -> bool:
        """Whether only episodes that are still to be coded stand in it."""
        return self is not View.ALL and self.status not in CLOSED


class Length(StrEnum):
    """Of the stay."""

    SAME_DAY = "same_day"
    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


LENGTHS: Mapping[Length, tuple[int, int | None]] = {
    Length.SAME_DAY: (0, 0),
    Length.SHORT: (1, 3),
    Length.MEDIUM: (4, 9),
    Length.LONG: (10, None),
}
"""Days, both ends within."""


class Sureness(StrEnum):
    """Of the least sure of the codes that are suggested: it says how much there is to think about."""

    SURE = "sure"
    MIXED = "mixed"
    UNSURE = "unsure"
    NONE = "none"
    """No code is suggested."""


SURENESSES: Mapping[Sureness, tuple[float, float]] = {
    Sureness.SURE: (0.7, 1.01),
    Sureness.MIXED: (0.5, 0.7),
    Sureness.UNSURE: (0.0, 0.5),
}
"""Confidence of the least sure code: at least, and below."""


class Sort(StrEnum):
    DUE = "due"
    SUREST = "surest"
    LEAST_SURE = "least_sure"
    SHORTEST = "shortest"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Filters:
    view: View = View.TO_DO
    site: str = ""
    specialty: str = ""
    """Treatment function."""
    source: str = ""
    length: Length | None = None
    sureness: Sureness | None = None
    mine: bool = False
    histology: bool = False
    sort: Sort = Sort.DUE

    def address(self, path: str = "/worklist", **changes: Any) -> str:
        """The page with these filters; what stands at its default is left out."""
        wanted = {**self.fields(), **{name: value for name, value in changes.items() if value}}
        return f"{path}?{urlencode(wanted)}" if wanted else path

    def fields(self) -> dict[str, str]:
        """Names and values in the address."""
        values = {
            _NAMES.get(field.name, field.name): _written(getattr(self, field.name)) for field in fields(self)
        }
        defaults = {"status": View.TO_DO, "sort": Sort.DUE}
        return {name: value for name, value in values.items() if value and value != defaults.get(name)}

    @property
    def narrows(self) -> bool:
        """Whether something is left out beside what the view leaves out."""
        return not self.fields().keys() <= {"status", "sort"}


_NAMES = {"view": "status", "sureness": "confidence"}


def _written(value: object) -> str:
    return "1" if value is True else str(value or "")
