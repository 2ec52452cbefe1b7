"""Facts of a person, English and Welsh."""

from datetime import date

import pytest

from service.episodes.person import age_words, nhs_number_holds, sex_of


@pytest.mark.parametrize(
    ("sent", "sex"),
    [
        ("1", "male"), ("2", "female"), ("9", "indeterminate"), ("0", "not known"), ("X", "not known"),
        ("M", "male"), ("F", "female"), ("U", "not known"), ("Z", "not known"),
        ("male", "male"), ("other", "indeterminate"), ("unknown", "not known"),
        (None, "not known"), ("?", None),
    ],
)  # fmt: skip
def test_sex_is_read_from_english_welsh_and_fhir_values(sent: str | None, sex: str | None) -> None:
    assert sex_of(sent) == sex


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("9434765919", True), ("943 476 5919", True), ("943-476-5919", True),
        ("9333333333", False), ("9135246570", False), ("0000000000", False), ("1111111111", False),
        ("٩٤٣٤٧٦٥٩١٩", False), ("12345", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_the_check_digit_of_an_nhs_number_is_checked(number: str | None, holds: bool) -> None:
    assert nhs_number_holds(number) is holds


def test_a_baby_is_so_many_days_old() -> None:
    born = date(2025, 3, 2)
    assert age_words(born, date(2025, 3, 3)) == "1 day"
    assert age_words(born, date(2026, 3, 1)) == "364 days"
    assert age_words(born, date(2026, 3, 2)) == "1 year"
    assert age_words(date(1941, 3, 9), date(2026, 3, 1)) == "84 years"
    assert age_words(None, date(2026, 3, 2)) == age_words(born, date(2025, 1, 1)) == ""
