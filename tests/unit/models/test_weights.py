from collections.abc import Sequence

import pytest

from models.mentions.weights import EXTREMELY_LOW_WEIGHT, LOW_WEIGHT, low_weights


@pytest.mark.parametrize(
    ("words", "called"),
    [
        (["bw", "1", "81", "kg"], [LOW_WEIGHT]),
        (["weight", "1810", "g"], [LOW_WEIGHT]),
        (["b", "wt", "2", "340", "g"], [LOW_WEIGHT]),
        (["950", "gram"], [EXTREMELY_LOW_WEIGHT]),
        (["0", "8", "kg"], [EXTREMELY_LOW_WEIGHT]),
        (["3120", "g", "now", "2", "4", "kg"], [LOW_WEIGHT]),
        (["2", "5", "kg"], []),
        (["2", "kg"], [LOW_WEIGHT]),
        (["34", "2", "1990", "g"], [LOW_WEIGHT]),
        (["weight", "kg"], []),
        (["kg"], []),
        (["50", "g", "oral", "glucose"], []),
        (["1810", "ml"], []),
    ],
)
def test_a_weight_is_low_below_two_and_a_half_kilograms(words: Sequence[str], called: list[str]) -> None:
    assert list(low_weights(words)) == called
