"""Asterisk categories of ICD-10: a manifestation, coded directly after the dagger code of its cause."""

from functools import cache
from pathlib import Path

from data.curated import read_rows

_PATH = Path(__file__).parent / "tables" / "icd10_asterisks.tsv"


@cache
def asterisk_categories(path: Path = _PATH) -> frozenset[str]:
    """The categories, of three characters."""
    return frozenset(row["category"] for row in read_rows(path, ("category",)))
