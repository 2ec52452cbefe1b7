"""Which part of a note a position lies in: diagnoses, past history, plan ...

A heading alone on its line opens a section until the next heading; one with text after it
(`PMH: AF, HTN`) opens a section until a blank line or the next label, then the enclosing section goes
on. A line that looks like a heading and is not in the table opens `other`, so that a family history
does not reach over the page.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from data.language import SectionKind
from models.text.folding import FoldedText
from models.text.headings import HeadingIndex, capitals_at, looks_like_heading
from models.text.lines import Line

_LIST_MARK = re.compile(r"[\s>*•·▪●#=_|~-]*(?:\(?(?:\d{1,2}|[a-h])[.)]\s+)?")
_BULLET = re.compile(r"\s*[>*•·▪●~-]")
_DELIMITER = re.compile(r":|\s-+\s?|-\s|\t| {2,}|\s?\||[.,;](?=\s)")
_ROUND = re.compile(r"\([^()]{0,100}\)?")
_FRAME = " \t:-=*_#~|>"
_LONGEST_HEADING = 60
_LABEL_WORDS = 3
_BEFORE_COLON = re.compile(r"[^.;:,|\t()\[\]]{1,50}\Z")
_DATE = re.compile(
    r"\s+\(?(?:on\s+)?(?:\d{1,2}[/.-]\d{1,2}[/.-]|\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{3,9},?\s+)\d{2,4}\)?\s*\Z"
)
"""At the end of a label: `Operation 12/03/2026`, `Procedure (12 March 2026)`."""
_LONGEST_DATE = 30
_DATE_BEFORE = re.compile(
    r"\s*\(?(?:\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}(?: \d{4})?)\)?"
    r"(?:\s*[:-])?\s+(?=[a-z])"
)
"""Before a label: `03/03 THEATRE: ...`."""
_DAY_AND_TIME = re.compile(r"\s*\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?,?\s+[0-2]?\d[:.]?[0-5]\d(?:h|hrs)?\b")
"""An entry of a log: `14/4 1115 Propess in`."""
_WIDE_GAP = re.compile(r" {3,}")
_STATEMENT_START = re.compile(r"[.;]\s+")
_SHORT_KINDS = frozenset({SectionKind.ALLERGIES, SectionKind.FAMILY_HISTORY, SectionKind.ADMIN})


@dataclass(frozen=True, slots=True)
class _Opening:
    start: int
    kind: SectionKind | None
    """None for a label that is no heading: it only ends a section opened in a line."""
    own_line: bool
    end: int = 0
    """Where the heading itself ends."""


class Sections:
    """The sections of one document, in order; positions count folded characters."""

    def __init__(self, starts: list[int], kinds: list[SectionKind], heading_ends: list[int]) -> None:
        self._starts = starts
        self._kinds = kinds
        self._heading_ends = heading_ends

    def kind_at(self, position: int) -> SectionKind:
        return self._kinds[self.number_at(position)]

    def number_at(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1

    def headings(self) -> Iterator[tuple[int, int]]:
        """Where each heading begins and ends."""
        return (
            (start, end) for start, end in zip(self._starts, self._heading_ends, strict=True) if start < end
        )

    def is_heading(self, start: int, end: int) -> bool:
        """Whether these characters lie inside a heading of the table."""
        number = self.number_at(start)
        return self._starts[number] <= start and end <= self._heading_ends[number]


def find_sections(text: FoldedText, lines: tuple[Line, ...], headings: HeadingIndex) -> Sections:
    builder = _SectionBuilder()
    for number, line in enumerate(lines):
        if line.blank:
            builder.end_inline(line.start)
            continue
        opening = None
        if not (number and lines[number - 1].wrapped):
            opening = _opening_of_line(text, lines, number, headings)
        if opening is not None:
            builder.open(opening)
        if opening is None or not opening.own_line:
            for inner in _openings_inside(text.folded, line, headings):
                builder.end_short(text.folded, inner.start)
                builder.open(inner)
        builder.end_short(text.folded, line.end)
        if not line.wrapped:
            builder.end_line(line.end)
    return builder.finish()


class _SectionBuilder:
    def __init__(self) -> None:
        self._starts = [0]
        self._kinds = [SectionKind.OTHER]
        self._heading_ends = [0]
        self._enclosing = SectionKind.OTHER
        self._inline = False

    def open(self, opening: _Opening) -> None:
        if opening.kind is None:
            self.end_inline(opening.start)
            return
        if opening.own_line:
            self._enclosing = opening.kind
        self._inline = not opening.own_line
        self._begin(opening.start, opening.kind, opening.end)

    def end_inline(self, position: int) -> None:
        if self._inline:
            self._inline = False
            self._begin(position, self._enclosing, position)

    def end_short(self, folded: str, end: int) -> None:
        """Some sections opened in a line last for one statement only: `Allergies: none. Lives alone.`"""
        if self._inline and self._kinds[-1] in _SHORT_KINDS:
            stop = _STATEMENT_START.search(folded, max(self._starts[-1], self._heading_ends[-1]), end)
            if stop is not None:
                self.end_inline(stop.end())

    def end_line(self, end: int) -> None:
        if self._inline and self._kinds[-1] in _SHORT_KINDS:
            self.end_inline(end)

    def _begin(self, position: int, kind: SectionKind, heading_end: int) -> None:
        if self._starts[-1] >= position:
            self._kinds[-1], self._heading_ends[-1] = kind, heading_end
        else:
            self._starts.append(position)
            self._kinds.append(kind)
            self._heading_ends.append(heading_end)

    def finish(self) -> Sections:
        return Sections(self._starts, self._kinds, self._heading_ends)


def _opening_of_line(
    text: FoldedText, lines: tuple[Line, ...], number: int, headings: HeadingIndex
) -> _Opening | None:
    line = lines[number]
    start = _content_start(text.folded, line)
    body = text.folded[start : line.end].strip()
    heading = _ROUND.sub("", body).strip(_FRAME) if len(body) <= 2 * _LONGEST_HEADING else body
    if len(heading) <= _LONGEST_HEADING:
        kind = headings.at_line_start(heading)
        if kind is not None:
            return _Opening(start, kind, own_line=True, end=line.end)
    labelled = _opening_of_label(text.folded, start, line.end, headings)
    if labelled is not None and labelled.kind is not None:
        return labelled
    if _DAY_AND_TIME.match(text.folded, line.start, line.end):
        return _Opening(line.start, None, own_line=False)
    return _opening_without_label(text, start, headings) or (
        _Opening(start, SectionKind.OTHER, own_line=True)
        if not _is_bulleted(text.folded, line) and looks_like_heading(text, lines, number, body)
        else labelled
    )


def _content_start(folded: str, line: Line) -> int:
    mark = _LIST_MARK.match(folded, line.start, line.end)
    start = mark.end() if mark and mark.end() < line.end else line.start
    date = _DATE_BEFORE.match(folded, start, line.end)
    return date.end() if date else start


def _is_bulleted(folded: str, line: Line) -> bool:
    return _BULLET.match(folded, line.start, line.end) is not None


def _opening_of_label(folded: str, start: int, end: int, headings: HeadingIndex) -> _Opening | None:
    delimiter = _DELIMITER.search(folded, start, min(end, start + _LONGEST_HEADING))
    if delimiter is None or delimiter.group()[0] in ".,;":
        return None
    label_end = _before_date(folded, start, delimiter.start())
    kind = headings.at_line_start(_ROUND.sub("", folded[start:label_end]))
    if kind is not None:
        alone = not folded[delimiter.end() : end].strip(_FRAME)
        return _Opening(start, kind, own_line=alone, end=delimiter.start())
    is_label = delimiter.group() == ":" and folded.count(" ", start, delimiter.start()) < _LABEL_WORDS
    return _Opening(start, None, own_line=False) if is_label else None


def _opening_without_label(text: FoldedText, start: int, headings: HeadingIndex) -> _Opening | None:
    capitals = capitals_at(text, start)
    kind = headings.at_line_start(capitals) if capitals else None
    if kind is None:
        kind = headings.bare_at(text.folded, start)
    return _Opening(start, kind, own_line=False) if kind is not None else None


def _openings_inside(folded: str, line: Line, headings: HeadingIndex) -> list[_Opening]:
    if (
        folded.find(":", line.start, line.end) == -1
        and _STATEMENT_START.search(folded, line.start, line.end) is None
    ):
        return []
    openings = [*_colons_inside(folded, line, headings), *_bare_inside(folded, line, headings)]
    return sorted(openings, key=lambda opening: opening.start)


def _colons_inside(folded: str, line: Line, headings: HeadingIndex) -> Iterator[_Opening]:
    colon = folded.find(":", line.start, line.end)
    while colon != -1:
        label_end = _before_date(folded, line.start, colon)
        before = _BEFORE_COLON.search(folded, max(line.start, label_end - 50), label_end)
        if before is not None:
            gap = max((match.end() for match in _WIDE_GAP.finditer(before.group())), default=0)
            start = before.start() + gap
            kind = headings.in_mid_line(folded[start:label_end])
            if kind is not None and start > line.start:
                yield _Opening(start, kind, own_line=False, end=colon)
        colon = folded.find(":", colon + 1, line.end)


def _before_date(folded: str, start: int, end: int) -> int:
    """Where a label ends but for the date that stands behind it."""
    if not (folded[end - 1].isdigit() or folded[end - 1] in ") "):
        return end
    date = _DATE.search(folded, max(start, end - _LONGEST_DATE), end)
    return date.start() if date else end


def _bare_inside(folded: str, line: Line, headings: HeadingIndex) -> Iterator[_Opening]:
    for match in _STATEMENT_START.finditer(folded, line.start, line.end):
        kind = headings.bare_at(folded, match.end())
        if kind is not None:
            yield _Opening(match.end(), kind, own_line=False)
