"""Codes that national standards leave to a provider's policy: understood, and left out by default."""

from dataclasses import dataclass
from pathlib import Path

from data.curated import read_rows
from data.episodes import Role
from data.language.comorbidities import CODE

OPTIONAL_FILE = Path(__file__).parent / "optional.tsv"


@dataclass(frozen=True, slots=True)
class OptionalCode:
    role: Role
    code: str
    """A category, which stands for all of its codes, or a stored code."""
    note: str


def read_optional(path: Path = OPTIONAL_FILE) -> tuple[OptionalCode, ...]:
    found = []
    for row in read_rows(path, ("role", "code", "note")):
        if not CODE.fullmatch(row["code"]):
            raise row.problem("code", f"{row['code']!r} is neither a category nor a stored code")
        found.append(OptionalCode(row.one_of("role", Role), row["code"], row["note"]))
    return tuple(found)
