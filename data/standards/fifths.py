"""Fifth characters: what each says, and the words that give one (an open fracture, gangrene, the joint)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.curated import Row, read_rows
from data.standards.codes import CodeSet

FIFTHS_FILE = Path(__file__).parent / "fifths.tsv"
DIGITS_FILE = Path(__file__).parent / "fifth_digits.tsv"


@dataclass(frozen=True, slots=True)
class FifthWords:
    codes: CodeSet
    pattern: re.Pattern[str]
    """Finds the words, whole from their beginning, in small letters."""
    digit: str


@dataclass(frozen=True, slots=True)
class FifthDigit:
    codes: CodeSet
    digit: str
    meaning: str
    mark: str
    """How certain the handbook is."""


@cache
def read_fifths(path: Path = FIFTHS_FILE) -> tuple[FifthWords, ...]:
    """
    Raises:
        CuratedFileError: a line is not right.
    """
    found = []
    for row in read_rows(path, ("codes", "words", "digit")):
        words = "|".join(map(re.escape, row.required("words").split("|")))
        found.append(FifthWords(_codes(row), re.compile(rf"(?<!\w)(?:{words})"), _digit(row)))
    return tuple(found)


@cache
def read_fifth_digits(path: Path = DIGITS_FILE) -> tuple[FifthDigit, ...]:
    """
    Raises:
        CuratedFileError: a line is not right.
    """
    rows = read_rows(path, ("codes", "digit", "meaning", "mark"))
    return tuple(
        FifthDigit(_codes(row), _digit(row), row.required("meaning"), row.required("mark")) for row in rows
    )


def fifths_of(code: str) -> Mapping[str, str]:
    """The fifth characters that a diagnosis may have, each with what it says; most have none."""
    return {one.digit: one.meaning for one in read_fifth_digits() if code in one.codes}


def _codes(row: Row) -> CodeSet:
    try:
        return CodeSet.of(row.required("codes").split("|"))
    except ValueError as error:
        raise row.problem("codes", str(error)) from None


def _digit(row: Row) -> str:
    if len(str(row.count("digit"))) != 1:
        raise row.problem("digit", "is one digit")
    return row["digit"]
