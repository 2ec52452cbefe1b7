"""Written forms, hierarchy and validity, on small tables."""

import sys
from datetime import date

import pytest

from data.classifications import Classification, Entry, EntryKind, load_classification
from data.errors import TableError, UnknownCode

FIRST, LAST = date(2020, 4, 1), date(2023, 3, 31)


@pytest.fixture
def small() -> Classification:
    entries = [
        Entry("IX", "Circulation", EntryKind.CHAPTER, None, "IX", assignable=False),
        Entry("I10-I15", "Hypertension", EntryKind.BLOCK, "IX", "IX", "I10-I15", assignable=False),
        Entry("I10X", "High blood pressure", EntryKind.CATEGORY, "I10-I15", "IX", "I10-I15", 9),
        Entry("I11", "Heart disease", EntryKind.CATEGORY, "I10-I15", "IX", "I10-I15", assignable=False),
        Entry("I119", "", EntryKind.SUBCATEGORY, "I11", "IX", "I10-I15", valid_from=FIRST, valid_to=LAST),
    ]
    return Classification("small", entries, label="Small", edition="1")


@pytest.mark.parametrize("written", ["I10X", "i10x", "I10.X", "I10", " i10 ", "I10.x\n", "I10\u00a0"])
def test_any_written_form_finds_the_stored_code(small: Classification, written: str) -> None:
    assert written in small
    assert small.stored(written) == "I10X"
    assert small[written].title == "High blood pressure"


@pytest.mark.parametrize("written", ["I12", "I11X", "I1190", "", "X", "hypertension"])
def test_what_is_no_code_is_unknown(small: Classification, written: str) -> None:
    assert written not in small
    assert small.get(written) is None
    with pytest.raises(UnknownCode) as unknown:
        small.stored(written)
    assert unknown.value.code == written


@pytest.mark.parametrize(
    ("code", "shown"), [("I119", "I11.9"), ("i10", "I10.X"), ("I11", "I11"), ("Q999", "Q99.9")]
)
def test_codes_are_shown_with_a_dot(small: Classification, code: str, shown: str) -> None:
    assert small.display(code) == shown


def test_entries_know_what_is_above_and_below(small: Classification) -> None:
    assert [e.code for e in small.ancestors("I11.9")] == ["I11", "I10-I15", "IX"]
    assert [e.code for e in small.children("I10-I15")] == ["I10X", "I11"]
    assert small.children("I119") == ()
    assert small.parent("IX") is None


def test_only_leaves_may_be_assigned(small: Classification) -> None:
    assert [entry.code for entry in small.assignable()] == ["I10X", "I119"]


@pytest.mark.parametrize(
    ("code", "day", "valid"),
    [
        ("I119", FIRST, True),
        ("I119", LAST, True),
        ("I119", date(2020, 3, 31), False),
        ("I119", date(2023, 4, 1), False),
        ("I119", None, True),
        ("I10", date(1999, 1, 1), True),
        ("I11", FIRST, False),
        ("Q999", FIRST, False),
    ],
)
def test_a_code_is_valid_within_its_dates(
    small: Classification, code: str, day: date | None, valid: bool
) -> None:
    assert small.valid_on(code, day) is valid


def test_the_digest_tells_tables_apart(small: Classification) -> None:
    same = Classification("small", list(small), label="Small", edition="1")
    other = Classification("small", list(small)[:-1], label="Small", edition="1")
    assert small.digest == same.digest != other.digest


def test_a_label_set_accepts_its_codes_in_any_form() -> None:
    labels = Classification.from_labels("codiesp", ["n18.6", "I10", "bw03zzz", "s72.001a"])
    assert [labels.stored(code) for code in ("N186", "i10", "I10X", "BW03ZZZ")] == [
        "N186",
        "I10",
        "I10",
        "BW03ZZZ",
    ]
    assert labels.valid_on("S72.001A", None)
    assert "N185" not in labels
    assert labels.display("bw03zzz") == "BW03ZZZ"


def test_a_classification_is_made_once_and_shared() -> None:
    assert load_classification("icd10") is load_classification("icd10")


def test_an_unknown_classification_is_refused() -> None:
    with pytest.raises(TableError, match="icd10, opcs4, icd10cm"):
        load_classification("icd11")


def test_the_us_edition_loads_from_its_package() -> None:
    pytest.importorskip("simple_icd_10_cm", reason="extra `benchmark` is not installed")
    icd10cm = load_classification("icd10cm")
    assert icd10cm.stored("I10.X") == "I10"
    assert icd10cm["S72.001A"].assignable
    assert not icd10cm["E11"].assignable
    assert [entry.code for entry in icd10cm.ancestors("I10")] == ["I10-I1A", "9"]


def test_without_its_package_the_us_edition_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from data.classifications.icd10cm import icd10cm_entries

    monkeypatch.setitem(sys.modules, "simple_icd_10_cm", None)
    with pytest.raises(TableError, match=r"hospital-autocoder\[benchmark\]"):
        list(icd10cm_entries())
