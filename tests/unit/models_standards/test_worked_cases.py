"""Codings before and after the standards: the worked cases of the handbook, and our own."""

from pathlib import Path

import pytest

from data.curated import Row, read_rows
from data.standards import Severity, load_standards
from tests.unit.models_standards.codings import coding, engine, shown

CASES = Path(__file__).parent / "fixtures" / "worked_cases.tsv"
ROWS = tuple(read_rows(CASES, ("case", "before", "after", "finds")))


@pytest.mark.parametrize("row", ROWS, ids=[row["case"].replace(" ", "-") for row in ROWS])
def test_a_coding_becomes_what_a_coder_would_make_of_it(row: Row) -> None:
    lines, facts = coding(row["before"])
    completed = engine().complete(lines, facts).lines
    assert shown(completed) == (shown(lines) if row["after"] == "=" else row["after"])
    assert {finding.rule for finding in engine().check(lines, facts)} >= set(row["finds"].split())
    if row["after"] != "=" and "*" not in row["before"]:
        errors = [f.rule for f in engine().check(completed, facts) if f.severity is Severity.ERROR]
        assert errors == []


def test_there_are_enough_of_them() -> None:
    ours = [row for row in ROWS if not row["case"].startswith("handbook")]
    assert len(ours) >= 150
    assert len({row["before"] for row in ROWS}) == len(ROWS)


def test_every_rule_of_a_case_exists() -> None:
    named = {rule for row in ROWS for rule in row["finds"].split()}
    assert named <= load_standards().by_id.keys()
