"""Conditions that are coded whenever they are documented, and are seldom the reason for the episode."""

import re
from pathlib import Path

from data.curated import read_rows

COMORBIDITIES_FILE = Path(__file__).parent / "comorbidities.tsv"
CODE = re.compile(r"[A-Z]\d\d[\dX]?")


def read_comorbidities(path: Path = COMORBIDITIES_FILE) -> tuple[str, ...]:
    """Categories, which stand for all of their codes, and stored codes."""
    codes = []
    for row in read_rows(path, ("code", "note")):
        if not CODE.fullmatch(row["code"]):
            raise row.problem("code", f"{row['code']!r} is neither a category nor a stored code")
        codes.append(row["code"])
    return tuple(codes)
