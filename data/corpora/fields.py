"""Fields of a JSON object, checked as they are read; whatever is wrong is named by file, line and field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from data.errors import CodedDocumentError

Kind = TypeVar("Kind", bound=StrEnum)
Value = TypeVar("Value")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object at a place of a file. Keys that nobody asks for are let be; null is as good as absent."""

    path: Path
    line: int
    place: str
    """Where in the line: empty, or `diagnoses[2]`."""
    values: dict[str, object]

    def problem(self, field: str, problem: str) -> CodedDocumentError:
        return CodedDocumentError(self.path, self.line, self.name(field), problem)

    def name(self, field: str) -> str:
        """The full name of a field: `diagnoses[2].code`."""
        return ".".join(part for part in (self.place, field) if part)

    def has(self, field: str) -> bool:
        return self.values.get(field) is not None

    def string(self, field: str) -> str | None:
        found = self._of_type(field, str, "text")
        unfit = _NOT_TEXT.search(found) if found else None
        if unfit:
            raise self.problem(field, f"holds {unfit.group()!r} at {unfit.start()}, which no text does")
        return found

    def required(self, field: str) -> str:
        """A text that must be there and not be empty."""
        found = self.string(field)
        if not found:
            raise self.problem(field, "is missing")
        return found

    def number(self, field: str) -> int | None:
        """A whole number, zero or more."""
        found = self._of_type(field, int, "a whole number")
        if found is not None and (isinstance(found, bool) or found < 0):
            raise self.problem(field, f"{found} is not a whole number, zero or more")
        return found

    def day(self, field: str) -> date | None:
        written = self.string(field)
        try:
            return date.fromisoformat(written) if written else None
        except ValueError:
            raise self.problem(field, f"{written!r} is not a date such as 2026-03-01") from None

    def one_of(self, field: str, kinds: type[Kind], default: Kind | None = None) -> Kind:
        written = self.string(field)
        if written is None and default is not None:
            return default
        try:
            return kinds(written or "")
        except ValueError:
            raise self.problem(field, f"{written!r} is not one of {', '.join(kinds)}") from None

    def items(self, field: str) -> Iterator[tuple[str, object]]:
        """The items of a list, each with its place; none where the list is absent."""
        found = self._of_type(field, list, "a list") or []
        return ((f"{self.name(field)}[{index}]", item) for index, item in enumerate(found))

    def objects(self, field: str) -> Iterator["Fields"]:
        """The objects of a list."""
        return (self.within(place, item) for place, item in self.items(field))

    def within(self, place: str, item: object) -> "Fields":
        if not isinstance(item, dict):
            raise CodedDocumentError(self.path, self.line, place, "is not an object")
        return Fields(self.path, self.line, place, item)

    def _of_type(self, field: str, kind: type[Value], description: str) -> Value | None:
        found = self.values.get(field)
        if found is not None and not isinstance(found, kind):
            raise self.problem(field, f"is not {description}")
        return found
