"""What operations of one document mean together: one for two, or a general one that a specific one ends."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import Row, read_rows

OPERATIONS_FILE = Path(__file__).parent / "operations.tsv"
_BEGINNING = re.compile(r"[A-HJ-Z]\d{2,3}")
BESIDE = "YZO"
"""Chapters of methods and sites: they go with an operation."""
_CODE = re.compile(r"[A-HJ-Z]\d{3}")


class OperationScope(StrEnum):
    """Where the parts must stand together."""

    DOCUMENT = "document"
    GROUP = "group"
    """One operation with its methods and sites."""
    SITTING = "sitting"
    """One document, and not on different sides: they are one group, whose sites and side are given once."""


@dataclass(frozen=True, slots=True)
class OperationsTogether:
    """Operations that stand together, and what stands instead."""

    found: tuple[tuple[str, ...], ...]
    """Groups of beginnings of codes: of each group one must be there."""
    within: OperationScope
    becomes: str
    """What the first of those replaced becomes, or empty: they are left out."""
    replaces: tuple[str, ...]
    """Beginnings of the codes of these groups that do not stay."""


def read_operations(path: Path = OPERATIONS_FILE) -> tuple[OperationsTogether, ...]:
    """In the order of the file, in which they apply.

    Raises:
        CuratedFileError: a line is wrong.
    """
    columns = ("found", "within", "becomes", "replaces", "note")
    return tuple(_operations(row) for row in read_rows(path, columns))


def _operations(row: Row) -> OperationsTogether:
    found = tuple(tuple(group.split("|")) for group in row.required("found").split(" "))
    _check(row, "found", [beginning for group in found for beginning in group])
    within = row.one_of("within", OperationScope)
    if within is OperationScope.SITTING:
        return _one_group(row, found)
    replaces = tuple(row.required("replaces").split("|"))
    _check(row, "replaces", replaces)
    if row["becomes"] and not _CODE.fullmatch(row["becomes"]):
        raise row.problem("becomes", f"{row['becomes']!r} is not a stored code")
    if not row["becomes"] and not any(_stays(group, replaces) for group in found):
        raise row.problem("becomes", "is empty, and no operation is left that the others could go with")
    return OperationsTogether(found, within, row["becomes"], replaces)


def _one_group(row: Row, found: tuple[tuple[str, ...], ...]) -> OperationsTogether:
    for field in ("becomes", "replaces"):
        if row[field]:
            raise row.problem(field, "stays empty: operations of one sitting all stay")
    return OperationsTogether(found, OperationScope.SITTING, "", ())


def _stays(group: tuple[str, ...], replaces: tuple[str, ...]) -> bool:
    """Whether each code of a group is an operation that is not left out."""
    return not any(one[0] in BESIDE or one.startswith(replaces) for one in group)


def _check(row: Row, field: str, beginnings: list[str] | tuple[str, ...]) -> None:
    for beginning in beginnings:
        if not _BEGINNING.fullmatch(beginning):
            raise row.problem(field, f"{beginning!r} is not the beginning of a code")
