"""Feedback on a practice case: each line with its verdict, its words, and what explains it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data.episodes import CodedEpisode, Evidence, NotCodedReason
from models.standards import Finding
from service.deps import CodeTables
from service.practice.marking import Marked, Marking, Verdict
from service.workbench import wording
from service.workbench.marks import Mark, MarkKind, Piece, pieces
from service.workbench.wording import Tag

VERDICTS = {
    Verdict.RIGHT: Tag("Right", "green", "✓"),
    Verdict.CATEGORY: Tag("Right category, other fourth character", "yellow", "≈"),
    Verdict.MISSED: Tag("Missed", "orange", "○"),
    Verdict.NOT_NEEDED: Tag("Not needed", "red", "✕"),
}
_LOOKS = {Verdict.RIGHT: MarkKind.STANDING}
"""Words of what was not right look like something that waits to be seen."""


@dataclass(frozen=True, slots=True)
class Quote:
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Line:
    marked: Marked
    verdict: Tag
    quotes: tuple[Quote, ...]
    because: str
    """Why a code was not needed, where the right coding leaves its mention out on purpose."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Pane:
    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    lines: tuple[Line, ...]
    panes: tuple[Pane, ...]
    besides: tuple[Finding, ...]
    """Findings that speak of no line: what the standards miss."""


def feedback(case: CodedEpisode, marking: Marking, told: Sequence[Finding], tables: CodeTables) -> Feedback:
    lines = tuple(_line(number, marked, told) for number, marked in enumerate(marking.lines))
    marks = [item for number, line in enumerate(lines) for item in _marks(number, line, tables)]
    panes = tuple(
        Pane(
            document.title or wording.DOCUMENT_KINDS[document.kind],
            tuple(pieces(document.text, [mark for place, mark in marks if place == number])),
        )
        for number, document in enumerate(case.episode.documents)
    )
    return Feedback(lines, panes, tuple(one for one in told if not one.lines))


def _line(number: int, marked: Marked, told: Sequence[Finding]) -> Line:
    own = tuple(one for one in told if marked.place is not None and marked.place in one.lines)
    quotes = tuple(Quote(e.text, f"evidence-{number}-{place}") for place, e in enumerate(_evidence(marked)))
    return Line(marked, VERDICTS[marked.verdict], quotes, _because(marked), own)


def _evidence(marked: Marked) -> tuple[Evidence, ...]:
    if marked.wanted is not None:
        return marked.wanted.evidence
    return (marked.left_out.evidence,) if marked.left_out else ()


def _because(marked: Marked) -> str:
    if marked.left_out is None:
        return ""
    reason = wording.LEFT_OUT_REASONS[NotCodedReason(marked.left_out.reason)]
    return f"{reason}: {marked.left_out.note}" if marked.left_out.note else reason


def _marks(number: int, line: Line, tables: CodeTables) -> Iterator[tuple[int, Mark]]:
    """By document."""
    marked = line.marked
    code = marked.wanted.code if marked.wanted else marked.given or ""
    label = f"{tables.by_role[marked.role].display(code)}: {line.verdict.text}"
    kind = _LOOKS.get(marked.verdict, MarkKind.SUGGESTED)
    for quote, where in zip(line.quotes, _evidence(marked), strict=True):
        yield where.document, Mark(where.start, where.end, kind, str(number), label, quote.anchor)
