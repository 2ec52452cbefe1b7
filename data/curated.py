"""Reads the tab-separated files that people curate, and names file, line and field of what is wrong.

The format is that of docs/data-formats.md: UTF-8, one header line, `\\n` line ends, no quoting, no tab
inside a field, lines starting with `#` are comments. A spreadsheet that saves anything else is told so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from data.errors import CuratedFileError

Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a curated file, by column."""

    path: Path
    line: int
    fields: dict[str, str]

    def __getitem__(self, field: str) -> str:
        return self.fields[field]

    def problem(self, field: str, problem: str) -> CuratedFileError:
        """The error to raise for a field of this line."""
        return CuratedFileError(self.path, self.line, field, problem)

    def required(self, field: str) -> str:
        if not self.fields[field]:
            raise self.problem(field, "is empty")
        return self.fields[field]

    def one_of(self, field: str, kinds: type[Kind]) -> Kind:
        try:
            return kinds(self.fields[field])
        except ValueError:
            allowed = ", ".join(kinds)
            raise self.problem(field, f"{self.fields[field]!r} is not one of {allowed}") from None

    def count(self, field: str) -> int:
        """The field as a whole number, zero or more."""
        if not (self.fields[field].isascii() and self.fields[field].isdigit()):
            raise self.problem(field, f"{self.fields[field]!r} is not a whole number")
        return int(self.fields[field])


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """The lines of a file whose header is exactly `columns`.

    Raises:
        CuratedFileError: the file cannot be read, or a line does not fit the header.
    """
    header_seen = False
    for number, line in enumerate(_lines(path), start=1):
        if line.startswith("#"):
            continue
        fields = tuple(line.split("\t"))
        if header_seen:
            yield _row(path, number, fields, columns)
        elif fields != columns:
            raise CuratedFileError(path, number, "header", f"expected {' '.join(columns)}")
        header_seen = True
    if not header_seen:
        raise CuratedFileError(path, 1, "header", f"expected {' '.join(columns)}")


def _lines(path: Path) -> list[str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CuratedFileError(path, 1, "file", error.strerror or str(error)) from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CuratedFileError(path, line, "line", "is not UTF-8") from None
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _row(path: Path, number: int, fields: tuple[str, ...], columns: tuple[str, ...]) -> Row:
    if len(fields) != len(columns):
        raise CuratedFileError(path, number, "line", f"{len(fields)} fields, expected {len(columns)}")
    row = Row(path, number, dict(zip(columns, fields, strict=True)))
    for column, field in row.fields.items():
        if field != field.strip():
            raise row.problem(column, "begins or ends with a space or a carriage return")
    return row
