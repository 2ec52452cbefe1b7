"""What codes of one episode mean together: one code for two, or a general one that a specific one ends."""

import re
from dataclasses import dataclass
from pathlib import Path

from data.curated import Row, read_rows

COMBINATIONS_FILE = Path(__file__).parent / "combinations.tsv"
_PREFIX = re.compile(r"[A-Z]\d{1,2}[\dX]?|[A-Z]\d\d[\dX]")
_CODE = re.compile(r"[A-Z]\d\d[\dX]")
_WITHIN = {"episode", "statement"}


@dataclass(frozen=True, slots=True)
class Combination:
    """Diagnoses that stand together, and what stands instead."""

    found: tuple[tuple[str, ...], ...]
    """Groups of prefixes of codes: of each group one must be there."""
    within: str
    """`episode`, or `statement`: mentioned in one statement."""
    patient: str
    """A fact that must hold of the patient (`pregnant`, `newborn`, `child`, `adult`), or empty."""
    becomes: str
    """The code that is added, or empty."""
    replaces: tuple[str, ...]
    """Prefixes of the codes of these groups that are then left out."""


PATIENT_FACTS = ("pregnant", "newborn", "child", "adult")


def read_combinations(path: Path = COMBINATIONS_FILE) -> tuple[Combination, ...]:
    columns = ("found", "within", "patient", "becomes", "replaces", "note")
    return tuple(_combination(row) for row in read_rows(path, columns))


def _combination(row: Row) -> Combination:
    found = tuple(tuple(group.split("|")) for group in row.required("found").split(" "))
    _check(row, "found", [prefix for group in found for prefix in group])
    replaces = tuple(row["replaces"].split("|")) if row["replaces"] else ()
    _check(row, "replaces", replaces)
    if row["within"] not in _WITHIN:
        raise row.problem("within", f"{row['within']!r} is neither episode nor statement")
    if row["patient"] and row["patient"] not in PATIENT_FACTS:
        raise row.problem("patient", f"{row['patient']!r} is not one of {', '.join(PATIENT_FACTS)}")
    if row["becomes"] and not _CODE.fullmatch(row["becomes"]):
        raise row.problem("becomes", f"{row['becomes']!r} is not a stored code")
    if not (row["becomes"] or replaces):
        raise row.problem("becomes", "adds nothing and replaces nothing")
    return Combination(found, row["within"], row["patient"], row["becomes"], replaces)


def _check(row: Row, field: str, prefixes: list[str] | tuple[str, ...]) -> None:
    for prefix in prefixes:
        if not _PREFIX.fullmatch(prefix):
            raise row.problem(field, f"{prefix!r} is not the beginning of a code")
