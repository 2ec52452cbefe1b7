"""What an operation of the past was for is past with it."""

import pytest

from tests.unit.models.test_together import diagnoses


@pytest.mark.parametrize(
    ("text", "stands", "past"),
    [
        ("PMH: TKR for OA", "Z966", "M199"),
        ("PMH: cholecystectomy for gallstones, asthma", "J459", "K802"),
        ("PMH: nephrectomy 2012 for renal cell carcinoma", "Z905", "C64X"),
    ],
)
def test_the_condition_ends_with_the_operation(text: str, stands: str, past: str) -> None:
    found = diagnoses(text)
    assert stands in found
    assert past not in found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("PMH: CABG for IHD", "I259"),
        ("PMH: TKR, OA of hip", "M169"),
        ("Listed for cholecystectomy for gallstones", "K802"),
        ("Admitted for TKR for OA knee", "M179"),
        ("TKR for OA", "M179"),
    ],
)
def test_other_conditions_stay(text: str, code: str) -> None:
    assert code in diagnoses(text)


@pytest.mark.parametrize("text", ["COVID -, flu -", "Covid -", "MRSA - / C diff -"])
def test_a_minus_behind_an_infection_says_that_it_was_not_found(text: str) -> None:
    assert not diagnoses(text)


def test_a_dash_that_goes_on_says_nothing() -> None:
    assert "U071" in diagnoses("COVID - mild, at home")
