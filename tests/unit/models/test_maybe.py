"""`+/-` says that an operation may follow, not that it did."""

import pytest

from tests.unit.models.test_together import procedures


@pytest.mark.parametrize("sign", ["+/-", "+ / -", "±", "+/ -"])
def test_what_may_follow_is_no_operation_of_the_stay(sign: str) -> None:
    found = procedures(f"Listed for OGD {sign} dilatation. OGD performed: hiatus hernia, no stricture")
    assert "G459" in found
    assert "G443" not in found


def test_an_operation_that_followed_is_one() -> None:
    assert "Q171" in procedures("Hysteroscopy +/- polypectomy. Endometrial polypectomy performed")


def test_a_plus_alone_joins() -> None:
    assert "G443" in procedures("OGD + dilatation performed")
