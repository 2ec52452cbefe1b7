"""The place of an external cause, told beside it."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from data.classifications import load_classification
from data.episodes import Role
from models.coder import LexiconCoder
from models.knowledge import make_parts
from models.prediction import ModelVersion
from tests.unit.models.small_model import episode


@cache
def day_one() -> LexiconCoder:
    tables = {Role.DIAGNOSIS: load_classification("icd10")}
    parts = make_parts(tables, created=datetime(2026, 3, 1, tzinfo=UTC))
    return LexiconCoder(ModelVersion("x", "1", ""), parts.terms, parts.language, parts.ranker, tables)


def causes(text: str, **facts: Any) -> dict[str, set[str]]:
    """The words that each cause rests on."""
    found = day_one().candidates(episode(text, **facts))
    return {one.code: {words.text for words in one.evidence} for one in found if one.code[0] in "WX"}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Unwitnessed fall. Found on her kitchen floor. Fractured neck of femur.", "W190"),
        ("Unwitnessed fall. Seen by staff of the nursing home in her bedroom. Fractured wrist.", "W191"),
        ("Unwitnessed fall. He had been in the playing field. Fractured wrist.", "W193"),
        ("Unwitnessed fall. Fractured wrist.", "W199"),
        ("Unwitnessed fall. Lives in own flat with his wife. Fractured wrist.", "W199"),
        ("Unwitnessed fall. Works in a restaurant. Fractured wrist.", "W199"),
        ("Unwitnessed fall. Admission to the ward. Fractured wrist.", "W199"),
        ("Unwitnessed fall. It was the street or a shop. Fractured wrist.", "W199"),
        ("Unwitnessed fall. Fractured wrist.\nPlan\nPhysiotherapy at home.", "W199"),
        (
            "Unwitnessed fall. Fractured wrist. CT normal. Bloods normal. X-ray seen. Slept in the kitchen.",
            "W199",
        ),
    ],
)
def test_the_nearest_place_of_the_accident_is_taken(text: str, cause: str) -> None:
    assert {code for code in causes(text) if code.startswith("W19")} == {cause}


def test_the_words_of_the_place_are_evidence() -> None:
    assert causes("Unwitnessed fall. Found in her conservatory. Fractured wrist.")["W190"] == {
        "Unwitnessed fall",
        "conservatory",
    }


def test_a_cause_that_its_place_makes_one_already_there_stands_once() -> None:
    text = "Fell at home. Unwitnessed fall in the kitchen. Fractured wrist."
    found = [one.code for one in day_one().candidates(episode(text)) if one.code.startswith("W19")]
    assert found == ["W190"]
