"""The external cause of a poisoning, by its substance and what tells the intent."""

from typing import Any

import pytest

from tests.unit.models.test_external_causes import causes


@pytest.mark.parametrize(
    ("text", "facts", "cause"),
    [
        ("Swallowed antifreeze at home. Liaison psychiatry: wanted to die.", {}, "X660"),
        ("Drank bleach by accident in her kitchen.", {}, "X490"),
        ("Drank bleach from under the sink at home.", {"age": 3}, "X490"),
    ],
)
def test_a_poisoning_has_the_cause_of_its_substance(text: str, facts: dict[str, Any], cause: str) -> None:
    assert cause in causes(text, **facts)


@pytest.mark.parametrize(
    "text",
    [
        "Drank bleach at home.",
        "Drank bleach at home. Denies that he wanted to die.",
        "Drank bleach at home. Previous overdose in 2019.",
        "Drank bleach at home, by accident he says. His wife says that he wanted to die.",
    ],
)
def test_an_intent_that_is_not_told_is_not_guessed(text: str) -> None:
    assert not {code for code in causes(text, age=40) if code.startswith(("X4", "X6"))}


def test_what_tells_the_intent_is_cited() -> None:
    (evidence,) = (
        found for code, found in causes("Swallowed antifreeze. Wanted to die.").items() if code == "X669"
    )
    assert "Wanted to die" in evidence
