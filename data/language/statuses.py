"""What a condition or a procedure becomes when it lies in the past, or is a relative's.

A stroke of 2018 is not coded as a stroke but as its history (Z86.7); asthma of 2018 is asthma still.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import Row, read_rows
from data.language.vocabulary import Assertion

STATUSES_FILE = Path(__file__).parent / "statuses.tsv"
COLUMNS = ("codes", "assertion", "when", "status", "note")
_RANGE = re.compile(r"([A-Z]\d\d)-([A-Z]\d\d)")
_STATUS = re.compile(r"[A-Z]\d\d[\dX]")
_ASSERTIONS = frozenset({Assertion.HISTORY, Assertion.FAMILY, Assertion.PAST_PROCEDURE})


class StatusWhen(StrEnum):
    LISTED = "listed"
    """Standing in a past history is enough."""
    DATED = "dated"
    """Only where the text says that it is past."""
    OPERATED = "operated"
    """Only where an operation of the past was for it."""


@dataclass(frozen=True, slots=True)
class Status:
    first: str
    """Categories from and to, both included."""
    last: str
    assertion: Assertion
    when: StatusWhen
    status: str | None
    """The diagnosis code that stands instead, if any."""

    @property
    def width(self) -> int:
        return _place(self.last) - _place(self.first)

    def categories(self) -> Iterator[str]:
        for place in range(_place(self.first), _place(self.last) + 1):
            yield f"{chr(place // 100)}{place % 100:02}"


def _place(category: str) -> int:
    return ord(category[0]) * 100 + int(category[1:])


def read_statuses(path: Path = STATUSES_FILE) -> tuple[Status, ...]:
    return tuple(_status(row) for row in read_rows(path, COLUMNS))


def _status(row: Row) -> Status:
    span = _RANGE.fullmatch(row["codes"])
    if span is None or _place(span[1]) > _place(span[2]):
        raise row.problem("codes", f"{row['codes']!r} is not a range of categories")
    assertion = row.one_of("assertion", Assertion)
    if assertion not in _ASSERTIONS:
        raise row.problem("assertion", f"{assertion} has no status")
    if row["status"] and not _STATUS.fullmatch(row["status"]):
        raise row.problem("status", f"{row['status']!r} is not a stored code")
    return Status(span[1], span[2], assertion, row.one_of("when", StatusWhen), row["status"] or None)
