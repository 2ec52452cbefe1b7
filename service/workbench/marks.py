"""A document's text cut where evidence begins and ends, so that overlapping spans can be shown.

Offsets count Unicode code points, as Python's strings do.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from markupsafe import Markup, escape


class MarkKind(StrEnum):
    """What a span is evidence of. The first that covers a piece of text gives its look."""

    STANDING = "standing"
    SUGGESTED = "suggested"
    LEFT_OUT = "left-out"
    """Shown when the reader asks for what was left out."""
    QUIET = "quiet"
    """Of candidates and rejected lines: shown while their line is selected."""
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Mark:
    start: int
    end: int
    kind: MarkKind
    line_id: str | None
    """None for a mention that was left out."""
    label: str
    """Shown when the pointer rests on it."""
    anchor: str
    """Id of the place where it begins."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that the same marks cover."""

    text: str
    marks: tuple[Mark, ...] = ()
    anchors: tuple[str, ...] = ()
    """Of the marks that begin here."""

    @property
    def kind(self) -> MarkKind:
        return min((mark.kind for mark in self.marks), key=list(MarkKind).index)

    @property
    def line_ids(self) -> str:
        return " ".join(dict.fromkeys(mark.line_id for mark in self.marks if mark.line_id))

    @property
    def label(self) -> str:
        return "; ".join(dict.fromkeys(mark.label for mark in self.marks if mark.label))

    @property
    def is_heading(self) -> bool:
        return any(mark.kind is MarkKind.HEADING for mark in self.marks)

    @property
    def is_marked(self) -> bool:
        """As evidence, or as left out."""
        return any(mark.kind is not MarkKind.HEADING for mark in self.marks)


def pieces(text: str, marks: Iterable[Mark]) -> Iterator[Piece]:
    """The whole text in order; marks outside it are left out."""
    within = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    cuts = sorted({0, len(text), *(mark.start for mark in within), *(mark.end for mark in within)})
    for start, end in pairwise(cuts):
        yield _piece(text[start:end], start, end, within)


def _piece(text: str, start: int, end: int, marks: Sequence[Mark]) -> Piece:
    covering = tuple(mark for mark in marks if mark.start <= start and end <= mark.end)
    return Piece(text, covering, tuple(mark.anchor for mark in covering if mark.start == start))


def exact(text: str) -> Markup:
    """Escaped so that browsers hold the same code points: a bare carriage return would become a newline."""
    return Markup(escape(text).replace("\r", Markup("&#13;")))  # noqa: S704 (escaped on this line)
