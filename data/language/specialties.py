"""What a specialty mostly treats: a hint at which diagnosis is the primary one."""

import re
from pathlib import Path

from data.curated import read_rows

SPECIALTIES_FILE = Path(__file__).parent / "specialties.tsv"
_BEGINNING = re.compile(r"[A-Z]\d{0,2}")


def read_specialties(path: Path = SPECIALTIES_FILE) -> dict[str, tuple[str, ...]]:
    """Beginnings of codes by treatment function."""
    found: dict[str, tuple[str, ...]] = {}
    for row in read_rows(path, ("treatment_function", "codes", "note")):
        codes = tuple(row.required("codes").split("|"))
        for code in codes:
            if not _BEGINNING.fullmatch(code):
                raise row.problem("codes", f"{code!r} is not the beginning of a code")
        if found.setdefault(row.required("treatment_function"), codes) is not codes:
            raise row.problem("treatment_function", "stands already")
    return found
