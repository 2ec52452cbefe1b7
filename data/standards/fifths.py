"""Words that give a fifth character: an open fracture, gangrene, the joint."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from data.curated import read_rows
from data.standards.codes import CodeSet

FIFTHS_FILE = Path(__file__).parent / "fifths.tsv"


@dataclass(frozen=True, slots=True)
class FifthWords:
    codes: CodeSet
    pattern: re.Pattern[str]
    """Finds the words, whole from their beginning, in small letters."""
    digit: str


@cache
def read_fifths(path: Path = FIFTHS_FILE) -> tuple[FifthWords, ...]:
    """
    Raises:
        CuratedFileError: a line is not right.
    """
    found = []
    for row in read_rows(path, ("codes", "words", "digit")):
        try:
            codes = CodeSet.of(row.required("codes").split("|"))
        except ValueError as error:
            raise row.problem("codes", str(error)) from None
        if len(str(row.count("digit"))) != 1:
            raise row.problem("digit", "is one digit")
        words = "|".join(map(re.escape, row.required("words").split("|")))
        found.append(FifthWords(codes, re.compile(rf"(?<!\w)(?:{words})"), row["digit"]))
    return tuple(found)
