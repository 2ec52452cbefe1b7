"""Section headings as NHS notes write them: the PRSB headings and their many local variants."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import Row, read_rows
from data.language.vocabulary import SectionKind

HEADINGS_FILE = Path(__file__).parent / "headings.tsv"
COLUMNS = ("heading", "section", "form", "note")


class HeadingForm(StrEnum):
    """Where the words are a heading; each form includes those before it."""

    LINE = "line"
    """Alone on a line, or at its start before a colon, a dash or a wide gap."""
    INLINE = "inline"
    """Also in the middle of a line, before a colon."""
    BARE = "bare"
    """Also at the start of a statement with nothing after: `PMH AF, HTN`."""


@dataclass(frozen=True, slots=True)
class Heading:
    heading: str
    section: SectionKind
    form: HeadingForm


def read_headings(path: Path = HEADINGS_FILE) -> tuple[Heading, ...]:
    headings: list[Heading] = []
    seen: dict[str, int] = {}
    for row in read_rows(path, COLUMNS):
        heading = row.required("heading")
        _refuse_repeat(row, heading.lower(), seen)
        headings.append(Heading(heading, row.one_of("section", SectionKind), row.one_of("form", HeadingForm)))
    return tuple(headings)


def _refuse_repeat(row: Row, key: str, seen: dict[str, int]) -> None:
    if key in seen:
        raise row.problem("heading", f"stands already on line {seen[key]}")
    seen[key] = row.line
