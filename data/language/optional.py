"""Codes that national standards leave to a provider's policy: understood, and left out by default."""

import re
from dataclasses import dataclass
from pathlib import Path

from data.curated import read_rows
from data.episodes import Role

OPTIONAL_FILE = Path(__file__).parent / "optional.tsv"
_CODE = re.compile(r"[A-Z]\d\d[\dX]?")


@dataclass(frozen=True, slots=True)
class OptionalCode:
    role: Role
    code: str
    """A category, which stands for all of its codes, or a stored code."""
    note: str


def read_optional(path: Path = OPTIONAL_FILE) -> tuple[OptionalCode, ...]:
    found = []
    for row in read_rows(path, ("role", "code", "note")):
        if not _CODE.fullmatch(row["code"]):
            raise row.problem("code", f"{row['code']!r} is neither a category nor a stored code")
        found.append(OptionalCode(row.one_of("role", Role), row["code"], row["note"]))
    return tuple(found)
