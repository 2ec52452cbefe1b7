"""ICD-10 as the UK uses it: what is corrected, and that nothing else differs from the reference list."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.classifications import Classification, EntryKind, load_classification
from data.classifications.icd10 import repaired_title
from data.classifications.usage import TABLES_FOLDER
from data.curated import read_rows


@pytest.fixture(scope="module")
def icd10() -> Classification:
    return load_classification("icd10")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("K580", "irritable bowel as the UK divides it"),
        ("K589", "irritable bowel as the UK divides it"),
        ("B59X", "a category of the UK edition"),
        ("G564", "used, and not in the edition of 2019"),
        ("M312", "used, and not in the edition of 2019"),
        ("U069", "Zika"),
        ("U073", "history of COVID-19"),
        ("R17X", "a leaf in the UK"),
        ("W010", "place of occurrence"),
        ("W199", "place of occurrence"),
        ("X599", "unspecified place, not a kind of injury"),
        ("X477", "replaced wholly"),
        ("Y349", "last category of the rule"),
        ("I10X", "undivided, stored with the filler"),
    ],
)
def test_codes_of_the_uk_edition_may_be_assigned(icd10: Classification, code: str, why: str) -> None:
    assert icd10[code].assignable, why


@pytest.mark.parametrize(
    "code", ["K581", "K588", "U089", "U099", "R170", "B1800", "T76", "Z227", "K553", "Y064X", "W19X", "E11X"]
)
def test_codes_that_the_uk_edition_lacks_are_unknown(icd10: Classification, code: str) -> None:
    assert code not in icd10


def test_categories_of_neglect_and_maltreatment_keep_their_own_subdivision(icd10: Classification) -> None:
    assert [entry.code for entry in icd10.children("Y06")] == ["Y060", "Y061", "Y062", "Y068", "Y069"]
    assert icd10["Y060"].title == "Neglect or abandonment by spouse or partner"


def test_every_category_of_the_place_rule_has_ten_places(icd10: Classification) -> None:
    ruled = [e for e in icd10 if e.kind is EntryKind.CATEGORY and "W00" <= e.code <= "Y34"]
    for category in ruled:
        if category.code not in {"Y06", "Y07"}:
            digits = "".join(entry.code[3] for entry in icd10.children(category.code))
            assert digits == "0123456789", category.code


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("E119", "Type 2 diabetes mellitus without complications"),
        ("W190", "Unspecified fall: home"),
        ("X590", "Exposure to unspecified factor: home"),
        ("F103", "Mental and behavioural disorders due to use of alcohol: withdrawal state"),
        ("F102", "Mental and behavioural disorders due to use of alcohol: dependence syndrome"),
        ("D510", "Vitamin B12 deficiency anaemia due to intrinsic factor deficiency"),
    ],
)
def test_titles_read_in_full(icd10: Classification, code: str, title: str) -> None:
    assert icd10[code].title == title


def test_no_title_is_empty_or_ill_spaced(icd10: Classification) -> None:
    ill = [
        e.code
        for e in icd10
        if not e.title or " :" in e.title or "  " in e.title or "mental retard" in e.title
    ]
    assert ill == []


@pytest.mark.parametrize(
    ("slip", "title"),
    [
        ("Use : harmful", "Use: harmful"),
        ("Due to use of opioids withdrawal state", "Due to use of opioids: withdrawal state"),
        ("GM 2 gangliosidosis", "GM2 gangliosidosis"),
        ("Vitamin B 12 and vitamin B 6", "Vitamin B12 and vitamin B6"),
        ("Hepatitis B 2 years ago", "Hepatitis B 2 years ago"),
    ],
)
def test_slips_of_the_source_are_put_right(slip: str, title: str) -> None:
    assert repaired_title(slip) == title


def test_an_entry_knows_chapter_block_and_parent(icd10: Classification) -> None:
    breast = icd10["C50.9"]
    assert (breast.chapter, breast.block, breast.parent) == ("II", "C50-C50", "C50")
    above = [entry.code for entry in icd10.ancestors("C509")]
    assert above == ["C50", "C50-C50", "C00-C75", "C00-C97", "II"]
    assert len([e for e in icd10 if e.kind is EntryKind.CHAPTER]) == 22


def test_usage_is_the_national_count(icd10: Classification) -> None:
    assert icd10["I10X"].usage == 6_426_099
    assert icd10["A001"].usage == 0


def test_every_recorded_code_may_be_assigned(icd10: Classification) -> None:
    rows = read_rows(TABLES_FOLDER / "icd10_usage.tsv", ("code", "count"))
    assert [row["code"] for row in rows if not icd10[row["code"]].assignable] == []


def test_every_change_states_its_reason() -> None:
    columns = ("action", "code", "parent", "title", "reason")
    rows = list(read_rows(TABLES_FOLDER / "icd10_uk_changes.tsv", columns))
    assert all(row["reason"] for row in rows)
    assert len([row for row in rows if row["action"] == "remove"]) == 47
    assert len([row for row in rows if row["action"] == "replace"]) == 7


@pytest.mark.shared_data
def test_codes_are_those_of_the_reference_list_in_both_directions(
    icd10: Classification, shared_codes: Path
) -> None:
    reference = {row["alt_code"]: row for row in _rows(shared_codes / "icd10_nhs5.tsv")}
    ours = {e.code: e for e in icd10 if e.kind in {EntryKind.CATEGORY, EntryKind.SUBCATEGORY}}
    assert sorted(reference.keys() - ours.keys()) == []
    assert sorted(ours.keys() - reference.keys()) == []
    for code, row in reference.items():
        entry = ours[code]
        stated = (row["kind"], row["chapter"], row["block"], row["leaf"] == "Y")
        assert (entry.kind.value, entry.chapter, entry.block, entry.assignable) == stated, code


@pytest.mark.shared_data
def test_every_code_recorded_in_2023_24_may_be_assigned(icd10: Classification, shared_codes: Path) -> None:
    with (shared_codes / "icd10_usage_2023-24.csv").open(encoding="utf-8") as file:
        recorded = {row["icd10_code"]: int(row["usage"]) for row in csv.DictReader(file)}
    del recorded["NULL"]
    assert {code: icd10[code].usage for code in recorded} == recorded
    assert all(icd10[code].assignable for code in recorded)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
