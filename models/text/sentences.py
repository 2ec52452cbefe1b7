"""Where one statement ends and the next begins, in notes that are seldom sentences.

A statement ends at a line end, a full stop, a semicolon or a bullet; not after "Dr.",
"b.d.", an initial or inside a number. "Did she faint? No." is one statement: the answer belongs to it.
"""

import re
from collections.abc import Iterator

from models.text.folding import FoldedText
from models.text.lines import Line

_STOP = re.compile(r"[.!?;•▪●|](?:(?<=[;•▪●|])|(?<=[.!?])[.!?]*(?=[\s)\"'\]]|\Z))")
"""Begins with a set of characters, not with alternatives: so it is searched for in half the time."""
_BEFORE = re.compile(r"[\w.]+\Z")
_NEXT = re.compile(r"[\s)\"'\]]*([\w\[#?+-]*)")
_ANSWER = re.compile(r"[ \t]*[-]?[ \t]*(?:no|none|nil|yes|never|not\b[^.;\n]{0,40})[ \t]*(?:[.,:;\r\n-]|\Z)")
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
_CONDITIONS = frozenset({"ms", "mr", "sr", "st"})
"""Multiple sclerosis, mitral regurgitation, sinus rhythm and the ST segment, where they are in capitals."""
_NUMBER = "no"
_DIGIT_NEXT = re.compile(r"\s*#?\d")
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
    word = _word_before(text.folded, start)
    if word == _NUMBER:  # `AKI - no. Sepsis - no.`, but `hosp no. 123`
        return _DIGIT_NEXT.match(text.folded, end) is None
    if not word or word in _TITLES:
        return not word or (word in _CONDITIONS and _in_capitals(text, start - len(word), start))
    if (len(word) == 1 and word.isalpha()) or ("." in word and len(word) <= 7):
        return _next_is_capital(text, end)
    return True


def _word_before(folded: str, end: int) -> str:
    start = max(0, end - _LONGEST_WORD_BACK)
    space = folded.rfind(" ", start, end)
    word = folded[space + 1 if space >= 0 else start : end]
    if word.isalnum():
        return word  # most; the pattern is slow, and finds the same
    before = _BEFORE.search(folded, start, end)
    return before.group() if before else ""


def _in_capitals(text: FoldedText, start: int, end: int) -> bool:
    """And the line is not: in a line of capitals `MR. JONES` is a man."""
    first, last = text.original_span(start, end)
    if not text.original[first:last].isupper():
        return False
    line_end = text.original.find("\n", last)
    line_start = text.original.rfind("\n", 0, first)
    return not text.original[line_start + 1 : line_end if line_end >= 0 else None].isupper()


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
