"""The text as matching sees it, with a map back to code points of the text as sent.

Case, accents, quotation marks, dashes and kinds of space are folded away; nothing is folded in the
stored text itself. Most notes fold character for character and need no map at all; where a character
vanishes (a combining accent, a zero-width space) or grows (a ligature), the shift is remembered.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from models.text.forms import plain_form

_QUOTES = "'\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`\uff07"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_NO_DECOMPOSITION = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "ı": "i"}


def _fold_character(character: str) -> str:
    if character in _QUOTES:
        return "'"
    if character in _DASHES:
        return "-"
    if character in "\r\n\t":
        return character
    lowered = character.lower()
    lowered = _NO_DECOMPOSITION.get(lowered, lowered)
    plain = unicodedata.normalize("NFKD", lowered)
    return "".join(_fold_part(part) for part in plain)


def _fold_part(part: str) -> str:
    category = unicodedata.category(part)
    if category in {"Mn", "Me", "Cf"}:  # combining marks, zero-width characters, byte-order mark
        return ""
    if category == "Zs":
        return " "
    if category in {"Zl", "Zp"}:
        return "\n"
    return part.lower()


class _FoldTable(dict[int, str]):
    """Folds of characters, worked out when first met: a table for `str.translate`."""

    def __missing__(self, code_point: int) -> str:
        folded = _fold_character(chr(code_point))
        self[code_point] = folded
        return folded


_FOLDS = _FoldTable()


@dataclass(frozen=True, slots=True)
class FoldedText:
    """Folded text, and where each of its characters stood."""

    original: str
    folded: str
    _folded_at: tuple[int, ...] = ()
    """Where a run of plain characters begins in `folded`, and below where it began in `original`."""
    _original_at: tuple[int, ...] = ()

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The code points of the text as sent behind `folded[start:end]`, combining marks included."""
        if not self._folded_at:
            return start, end
        first, last = self._origin(start), self._origin(end - 1) + 1
        while last < len(self.original) and unicodedata.category(self.original[last]) in {"Mn", "Me"}:
            last += 1
        return first, last

    def _origin(self, position: int) -> int:
        run = bisect_right(self._folded_at, position) - 1
        return self._original_at[run] + position - self._folded_at[run]


def fold_text(text: str) -> FoldedText:
    if text.isascii():
        return FoldedText(text, plain_form(text.lower().replace("`", "'")))
    uneven = frozenset(c for c in set(text) if len(_FOLDS[ord(c)]) != 1)
    if not uneven:
        return FoldedText(text, plain_form(text.translate(_FOLDS)))
    return _fold_unevenly(text, uneven)


def _fold_unevenly(text: str, uneven: frozenset[str]) -> FoldedText:
    pieces: list[str] = []
    folded_at, original_at = [0], [0]
    length = 0
    for start, end in _runs(text, uneven):
        piece = text[start:end].translate(_FOLDS)
        grown = range(len(piece)) if end - start == 1 else range(1 if piece else 0)
        folded_at.extend(length + offset for offset in grown)
        original_at.extend(start for _ in grown)
        pieces.append(piece)
        length += len(piece)
    return FoldedText(text, plain_form("".join(pieces)), tuple(folded_at), tuple(original_at))


def _runs(text: str, uneven: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Runs of characters that fold one to one, and each uneven character alone."""
    start = 0
    for position, character in enumerate(text):
        if character in uneven:
            if start < position:
                yield start, position
            yield position, position + 1
            start = position + 1
    if start < len(text):
        yield start, len(text)
