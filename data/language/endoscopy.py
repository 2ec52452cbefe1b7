"""Endoscopies by family: examination, biopsy, treatments, and sites in the order of the instrument's way."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from data.curated import read_rows

ENDOSCOPY_FILE = Path(__file__).parent / "endoscopy.tsv"
_VALUE = re.compile(r"[A-HJ-Z]\d\d\d?")


class EndoscopyPart(StrEnum):
    EXAMINATION = "examination"
    BIOPSY = "biopsy"
    TREATMENT = "treatment"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Endoscopy:
    """One family; OPCS-4 in stored form."""

    examination: str
    biopsy: str
    treatments: tuple[str, ...]
    """Beginnings of codes."""
    sites: Mapping[str, int] = field(default_factory=dict)
    """How far in each lies."""


def read_endoscopies(path: Path = ENDOSCOPY_FILE) -> tuple[Endoscopy, ...]:
    """In the order of the file.

    Raises:
        CuratedFileError: a line is wrong.
    """
    parts: dict[str, dict[EndoscopyPart, dict[str, int]]] = {}
    for row in read_rows(path, ("family", "what", "value", "order", "note")):
        part = row.one_of("what", EndoscopyPart)
        if not _VALUE.fullmatch(row["value"]):
            raise row.problem("value", f"{row['value']!r} is not a code, nor the beginning of one")
        order = row.count("order") if part is EndoscopyPart.SITE else 0
        parts.setdefault(row.required("family"), {}).setdefault(part, {})[row["value"]] = order
    return tuple(
        Endoscopy(
            examination=next(iter(family[EndoscopyPart.EXAMINATION])),
            biopsy=next(iter(family[EndoscopyPart.BIOPSY])),
            treatments=tuple(family.get(EndoscopyPart.TREATMENT, ())),
            sites=family.get(EndoscopyPart.SITE, {}),
        )
        for family in parts.values()
    )
