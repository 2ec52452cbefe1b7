"""The headings of a document, so that a reader can jump between its sections."""

from dataclasses import dataclass
from functools import cache

from data.language import read_headings
from models.text.folding import fold_text
from models.text.headings import HeadingIndex
from models.text.lines import read_lines
from models.text.sections import find_sections

_LONGEST = 40
_MOST = 40


@dataclass(frozen=True, slots=True)
class Heading:
    start: int
    """Code points, as everywhere."""
    end: int
    words: str


def headings_of(text: str) -> tuple[Heading, ...]:
    """In the order of the text; only what is known as a heading or looks like one."""
    folded = fold_text(text)
    found = find_sections(folded, read_lines(folded.folded), _index()).headings()
    spans = (folded.original_span(*place) for place in found)
    headed = (Heading(start, end, _words(text[start:end])) for start, end in spans)
    return tuple(heading for heading in headed if heading.words)[:_MOST]


def _words(written: str) -> str:
    return " ".join(written.strip(" \t\r\n:-=*_#~|>.").split())[:_LONGEST]


@cache
def _index() -> HeadingIndex:
    return HeadingIndex(read_headings())
