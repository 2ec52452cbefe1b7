"""Strings in one piece of memory come out as they went in."""

import pytest

from data.packed import PackedStrings


@pytest.mark.parametrize(
    "strings",
    [
        [],
        ["asthma"],
        ["asthma", "", "COPD"],
        ["Crohn\u2019s", "caf\u00e9 au lait", "plain"],
        ["lone \ud800", "\U0001f600"],
    ],
)
def test_they_come_out_as_they_went_in(strings: list[str]) -> None:
    packed = PackedStrings(strings)
    assert list(packed) == [packed[number] for number in range(len(packed))] == strings
