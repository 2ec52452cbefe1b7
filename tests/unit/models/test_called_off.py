"""What a patient came for and did not have is no operation of this stay."""

import pytest

from tests.unit.models.test_together import diagnoses, procedures


@pytest.mark.parametrize(
    "text",
    [
        "Admitted for umbilical hernia repair. Cancelled on the day: UTI",
        "Adm for surgeon's list, umbilical hernia repair. Cancelled because of chest infection",
    ],
)
def test_an_operation_called_off_is_not_coded(text: str) -> None:
    assert "Z530" in diagnoses(text)
    assert not procedures(text)


def test_an_operation_that_was_done_stays() -> None:
    assert "T249" in procedures("Admitted for umbilical hernia repair. Operation: umbilical hernia repair")


def test_one_done_beside_one_called_off_stays() -> None:
    text = "Cystoscopy today. Admitted for TURP. TURP cancelled because of chest infection"
    found = procedures(text)
    assert "M459" in found
    assert "M653" not in found
