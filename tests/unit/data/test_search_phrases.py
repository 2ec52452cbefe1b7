"""Everyday phrases with the codes that coders mean, written by someone who has not seen the terms."""

from functools import cache
from pathlib import Path

import pytest

from data.classifications import load_classification
from data.curated import read_rows
from tests.printed import Say

PHRASES = Path(__file__).parent / "fixtures" / "search_phrases.tsv"


@cache
def places() -> dict[str, list[int | None]]:
    """Place of the right code among the first ten, by classification; None where it is not there."""
    found: dict[str, list[int | None]] = {}
    for row in read_rows(PHRASES, ("classification", "phrase", "code", "note")):
        hits = load_classification(row["classification"]).search(row["phrase"], 10)
        right = set(row["code"].split("|"))
        place = next((number for number, hit in enumerate(hits, 1) if hit.entry.code in right), None)
        found.setdefault(row["classification"], []).append(place)
    return found


@pytest.mark.parametrize(("name", "count"), [("icd10", 150), ("opcs4", 50)])
def test_the_right_code_is_among_the_first_five(name: str, count: int, say: Say) -> None:
    found = places()[name]
    first = sum(place == 1 for place in found) / len(found)
    first_five = sum(place is not None and place <= 5 for place in found) / len(found)
    say(f"search, {name}: {first_five:.1%} in the first five, {first:.1%} first, of {len(found)} phrases")
    assert len(found) == count
    assert first_five >= 0.95
