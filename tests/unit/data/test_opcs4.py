"""OPCS-4 without the official table."""

import csv
from pathlib import Path

import pytest

from data.classifications import Classification, load_classification
from data.classifications.classification import NO_TITLE
from data.classifications.opcs4 import opcs4_titles
from data.errors import CuratedFileError


@pytest.fixture(scope="module")
def opcs4() -> Classification:
    return load_classification("opcs4")


def test_codes_that_england_recorded_are_valid_and_counted(opcs4: Classification) -> None:
    assert opcs4["G45.9"].assignable
    assert opcs4["Z942"].usage == 2_122_541


def test_categories_and_chapters_are_derived(opcs4: Classification) -> None:
    assert [entry.code for entry in opcs4.ancestors("G459")] == ["G45", "G"]
    assert opcs4["G"].title == "Upper digestive system"
    assert not opcs4["G45"].assignable
    assert opcs4.get("I") is None


def test_a_code_without_title_says_what_to_do(opcs4: Classification) -> None:
    untitled = next(entry for entry in opcs4 if entry.assignable and not entry.title)
    assert opcs4.title(untitled.code) == NO_TITLE


@pytest.mark.parametrize(
    ("code", "secondary"),
    [
        ("Y209", True),
        ("Z272", True),
        ("O161", True),
        ("O16", True),
        ("G459", False),
        ("O291", False),
        ("O182", False),
    ],
)
def test_methods_and_sites_are_secondary_only(opcs4: Classification, code: str, secondary: bool) -> None:
    assert opcs4.secondary_only(code) is secondary


def test_common_codes_have_a_title_of_ours(opcs4: Classification) -> None:
    commonest = sorted(opcs4.assignable(), key=lambda entry: -entry.usage)[:100]
    assert [entry.code for entry in commonest if not entry.title] == []


@pytest.mark.parametrize("line", ["G999\tNever recorded", "G459\tOnce\nG459\tTwice", "G459\t"])
def test_a_wrong_title_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "opcs4_titles.tsv"
    path.write_text(f"code\ttitle\n{line}\n")
    with pytest.raises(CuratedFileError, match=r"opcs4_titles\.tsv, line \d"):
        opcs4_titles({"G45", "G459"}, path)


@pytest.mark.shared_data
def test_every_code_that_england_ever_recorded_is_valid(opcs4: Classification, shared_codes: Path) -> None:
    with (shared_codes / "opcs4_usage_all_years.csv").open(encoding="utf-8") as file:
        recorded = [row["opcs4_code"] for row in csv.DictReader(file)]
    assert [code for code in recorded if code not in opcs4 or not opcs4[code].assignable] == []
