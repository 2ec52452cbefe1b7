"""Places of occurrence: the fourth character of an external cause, by the words that name the place."""

from dataclasses import dataclass
from pathlib import Path

from data.curated import read_rows

PLACES_FILE = Path(__file__).parent / "places.tsv"
_DIGITS = frozenset("012345678")


@dataclass(frozen=True, slots=True)
class PlaceOfOccurrence:
    phrase: str
    character: str
    """Fourth character of W00-Y34, `0` to `8` (ICD-10 volume 1, chapter XX)."""


def read_places(path: Path = PLACES_FILE) -> tuple[PlaceOfOccurrence, ...]:
    """
    Raises:
        CuratedFileError: a line is wrong, or a phrase stands twice.
    """
    places: list[PlaceOfOccurrence] = []
    seen: dict[str, int] = {}
    for row in read_rows(path, ("place", "phrases", "note")):
        if row["place"] not in _DIGITS:
            raise row.problem("place", f"{row['place']!r} is not one of 0 to 8")
        for phrase in row.required("phrases").replace("_", " ").split("|"):
            if not phrase.strip():
                raise row.problem("phrases", "has an empty phrase")
            if phrase.lower() in seen:
                raise row.problem("phrases", f"{phrase!r} stands already on line {seen[phrase.lower()]}")
            seen[phrase.lower()] = row.line
            places.append(PlaceOfOccurrence(phrase, row["place"]))
    return tuple(places)
