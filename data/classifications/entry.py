"""One entry of a classification."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class EntryKind(StrEnum):
    CHAPTER = "chapter"
    BLOCK = "block"
    CATEGORY = "category"
    """Three characters. Where it is not subdivided it is coded itself: `I10X`."""
    SUBCATEGORY = "subcategory"


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    """Stored form: `I10X`, `E119`, `G459`; categories that are subdivided `E11`."""
    title: str
    """Empty where no title ships: a hospital imports its own table."""
    kind: EntryKind
    parent: str | None
    """Code of the entry above."""
    chapter: str
    """`IX` in ICD-10, `G` in OPCS-4."""
    block: str | None = None
    """`I10-I15`."""
    usage: int = 0
    """Episodes in England 2023-24 that hold the code."""
    assignable: bool = True
    """May stand in a coding."""
    valid_from: date | None = None
    valid_to: date | None = None
    """The last day on which the code may be used."""
