"""Tables in the documents are what the data say; AUTOCODER_WRITE_DOCS=1 writes them anew."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from data.classifications import load_classification
from data.terms import coverage_by_chapter, read_terms
from tests.unit.models_standards.coverage import standards_table
from training.datasheet import datasheet

DOCS = Path(__file__).parents[2] / "docs"


def coverage() -> str:
    return "\n\n".join(_coverage(name) for name in ("icd10", "opcs4"))


def _coverage(name: str) -> str:
    table = load_classification(name)
    lines = [
        f"| {table.label} | codes used | with terms | phrases | share of use |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for row in coverage_by_chapter(table, read_terms(name)):
        share = "" if row.share is None else f"{row.share:.1%}"
        label = f"{row.chapter} {row.title}".strip()
        lines.append(f"| {label} | {row.codes:,} | {row.codes_with_terms:,} | {row.phrases:,} | {share} |")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("page", "name", "table"),
    [
        ("corpus", "datasheet", datasheet),
        ("terms", "coverage", coverage),
        ("standards", "rules", standards_table),
    ],
)
def test_a_table_is_current(page: str, name: str, table: Callable[[], str]) -> None:
    path = DOCS / f"{page}.md"
    before, begin, rest = path.read_text(encoding="utf-8").partition(f"<!-- {name}: begin")
    marker, _, rest = rest.partition("-->")
    _, end, after = rest.partition(f"<!-- {name}: end -->")
    current = f"{before}{begin}{marker}-->\n\n{table()}\n\n{end}{after}"
    if os.environ.get("AUTOCODER_WRITE_DOCS"):
        path.write_text(current, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == current


@pytest.mark.parametrize("name", ["icd10", "opcs4"])
def test_the_terms_cover_most_of_national_use(name: str) -> None:
    whole = coverage_by_chapter(load_classification(name), read_terms(name))[-1]
    assert whole.share is not None
    assert whole.share >= 0.94
    assert whole.codes_with_terms >= {"icd10": 2_200, "opcs4": 1_600}[name]
    assert whole.phrases >= 6 * whole.codes_with_terms
