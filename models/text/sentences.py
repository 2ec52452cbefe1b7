"""Where one statement ends and the next begins, in notes that are seldom sentences.

A statement ends at a line end, a full stop, a semicolon or a bullet; not after "Dr.",
"b.d.", an initial or inside a number. "Did she faint? No." is one statement: the answer belongs to it.
"""

import re
from collections.abc import Iterator

from models.text.folding import FoldedText
from models.text.lines import Line

_STOP = re.compile(r"[.!?]+(?=[\s)\"'\]]|\Z)|;|[•▪●|]")
_BEFORE = re.compile(r"[\w.]+\Z")
_NEXT = re.compile(r"[\s)\"'\]]*([\w\[#?+-]*)")
_ANSWER = re.compile(r"[ \t]*[-]?[ \t]*(?:no|none|nil|yes|never|not\b[^.;\n]{0,40})[ \t]*(?:[.,;\r\n-]|\Z)")
_TITLES = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "miss",
        "prof",
        "sr",
        "st",
        "e.g",
        "i.e",
        "eg",
        "vs",
        "approx",
        "no",
        "fig",
        "hosp",
        "dept",
        "tel",
        "ref",
        "p.t",
        "c.f",
        "cf",
    ]
)
_LONGEST_WORD_BACK = 24


def find_breaks(text: FoldedText, lines: tuple[Line, ...]) -> list[int]:
    """Positions in the folded text at which a new statement begins, in order."""
    line_ends = (line.end for line in lines if not line.wrapped)
    return sorted({*_stops(text), *line_ends})


def _stops(text: FoldedText) -> Iterator[int]:
    folded = text.folded
    for match in _STOP.finditer(folded):
        mark = match.group()
        if mark[0] == "." and not _full_stop(text, match.start(), match.end()):
            continue
        if mark[0] == "?" and not _question_ends(folded, match.start(), match.end()):
            continue
        yield match.end()


def _full_stop(text: FoldedText, start: int, end: int) -> bool:
    if end - start > 1:
        return True
    before = _BEFORE.search(text.folded, max(0, start - _LONGEST_WORD_BACK), start)
    if before is None:
        return True
    word = before.group()
    if word in _TITLES:
        return False
    if (len(word) == 1 and word.isalpha()) or ("." in word and len(word) <= 7):
        return _next_is_capital(text, end)
    return True


def _next_is_capital(text: FoldedText, position: int) -> bool:
    following = _NEXT.match(text.folded, position)
    if following is None or following.start(1) >= len(text.folded):
        return True
    start, _ = text.original_span(following.start(1), following.start(1) + 1)
    return text.original[start].isupper()


def _question_ends(folded: str, start: int, end: int) -> bool:
    if start == 0 or folded[start - 1].isspace() or folded[start - 1] in "([?":
        return False
    return _ANSWER.match(folded, end) is None
