"""Lines of a note, and which line ends are only the wrapping of a narrow page.

A line end is a wrap where the first word of the next line would not have fitted: the habit of every
greedy line breaker. Ends of bullet lines, headings and short lines are real ends.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

_LINE = re.compile(r"[^\r\n\v\f\x85\x1c-\x1e]*(?:\r\n|[\r\n\v\f\x85\x1c-\x1e]|\Z)")
_LIST_MARK = re.compile(r"[ \t]*(?:[-*•·▪●◦>#=_|\[]|\(?[0-9a-z]{1,2}[.)](?:\s|\Z))")
_FIRST_WORD = re.compile(r"\S+")
_NARROWEST_PAGE = 50
_WIDEST_PAGE = 130


@dataclass(frozen=True, slots=True)
class Line:
    start: int
    end: int
    """Without the line break."""
    wrapped: bool = False
    """The next line goes on with the same sentence."""
    blank: bool = False


def read_lines(folded: str) -> tuple[Line, ...]:
    spans = [_without_break(folded, *match.span()) for match in _LINE.finditer(folded) if match.group()]
    width = max((end - start for start, end in spans), default=0)
    wraps = _wraps(folded, spans, width) if _NARROWEST_PAGE <= width <= _WIDEST_PAGE else frozenset()
    return tuple(
        Line(start, end, number in wraps, not folded[start:end].strip())
        for number, (start, end) in enumerate(spans)
    )


def _without_break(folded: str, start: int, end: int) -> tuple[int, int]:
    while end > start and folded[end - 1] in "\r\n\v\f\x85\x1c\x1d\x1e":
        end -= 1
    return start, end


def _wraps(folded: str, spans: list[tuple[int, int]], width: int) -> frozenset[int]:
    wraps = frozenset(
        number
        for number, ((start, end), (following, stop)) in enumerate(pairwise(spans))
        if _is_wrap(folded, end - start, (following, stop), width)
        and not folded[start:end].rstrip().endswith((".", ":", ";"))
    )
    return wraps if len(wraps) > 1 else frozenset()


def _is_wrap(folded: str, length: int, following: tuple[int, int], width: int) -> bool:
    if length < _NARROWEST_PAGE or _LIST_MARK.match(folded, *following):
        return False
    word = _FIRST_WORD.search(folded, *following)
    return word is not None and length + 1 + word.end() - word.start() > width
