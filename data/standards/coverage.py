"""Which rows of the handbook the rules come from, and why some have none."""

from dataclasses import dataclass
from pathlib import Path

from data.curated import read_rows

COVERAGE_FILE = Path(__file__).parent / "coverage.tsv"


@dataclass(frozen=True, slots=True)
class CoverageRow:
    row: str
    says: str
    why: str
    """Why no rule covers it; empty where rules do."""


def read_coverage(path: Path = COVERAGE_FILE) -> tuple[CoverageRow, ...]:
    """
    Raises:
        CuratedFileError: a line is not right, or a row stands twice.
    """
    found: dict[str, CoverageRow] = {}
    for line in read_rows(path, ("row", "says", "why")):
        if line.required("row") in found:
            raise line.problem("row", "stands twice")
        found[line["row"]] = CoverageRow(line["row"], line.required("says"), line["why"])
    return tuple(found.values())
