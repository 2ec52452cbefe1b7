"""A document as it is read: folded words, statements and sections, all in one coordinate system."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from models.text.folding import FoldedText, fold_text
from models.text.headings import HeadingIndex
from models.text.lines import read_lines
from models.text.sections import Sections, find_sections
from models.text.sentences import find_breaks
from models.text.windows import Stream
from models.text.words import FILLERS, find_words

_LONGEST_STATEMENT = 150
"""Words."""
_MAYBE = ("+/-", "+ /-", "+/ -", "+ / -", "\u00b1")
_SIGN = 6
"""Characters that such a sign and spaces around it take."""


@dataclass(frozen=True)
class Reading:
    """Words are numbered; `starts` and `ends` count folded characters, spans count code points as sent."""

    text: FoldedText
    words: list[str]
    starts: list[int]
    ends: list[int]
    statements: list[int]
    """The first word of each statement, in order; the first is 0."""
    sections: Sections

    @cached_property
    def full(self) -> Stream:
        """All words."""
        return Stream(self.words, range(len(self.words)), self.statements)

    @cached_property
    def lean(self) -> Stream:
        """The words without those that may stand inside a phrase: sides, articles, degrees."""
        kept = [number for number, word in enumerate(self.words) if word not in FILLERS]
        words = [self.words[number] for number in kept]
        firsts = [bisect_left(kept, first) for first in self.statements]
        return Stream(words, kept, firsts, self.full)

    @cached_property
    def _statement_of_each(self) -> list[int]:
        """Of each word: asked so often that looking for it each time would take longer."""
        ends = (*self.statements[1:], len(self.words))
        sizes = (end - first for first, end in zip(self.statements, ends, strict=True))
        return [number for number, size in enumerate(sizes) for _ in range(size)]

    def statement_of(self, word: int) -> int:
        return self._statement_of_each[word]

    def statement_words(self, statement: int) -> tuple[int, int]:
        """First word of a statement, and the one after its last."""
        following = statement + 1
        end = self.statements[following] if following < len(self.statements) else len(self.words)
        return self.statements[statement], end

    def gap(self, word: int) -> str:
        """What stands between a word and the one before it."""
        start = self.ends[word - 1] if word else 0
        return self.text.folded[start : self.starts[word]]

    @cached_property
    def _says_maybe(self) -> bool:
        """Whether `+/-` stands anywhere: few notes have it."""
        return any(sign in self.text.folded for sign in _MAYBE)

    def maybe_before(self, word: int) -> bool:
        """`+/-` stands before it: with it or without."""
        before = self.text.folded[max(0, self.starts[word] - _SIGN) : self.starts[word]]
        return self._says_maybe and before.rstrip().endswith(_MAYBE)

    def maybe_within(self, first: int, last: int) -> bool:
        """`+/-` stands between these words, as in `OGD +/- dilatation`."""
        if not self._says_maybe:
            return False
        written = self.text.folded[self.starts[first] : self.ends[last]]
        return any(sign in written for sign in _MAYBE)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Code points, as sent, from the start of one word to the end of another."""
        return self.text.original_span(self.starts[first], self.ends[last])

    def written(self, first: int, last: int) -> str:
        start, end = self.span(first, last)
        return self.text.original[start:end]

    def stands_alone(self, first: int, last: int) -> bool:
        """Whether no letter or digit touches these words: `mg` does not stand alone in `5mg`.

        A letter or digit always belongs to a word, so only words without a gap can touch.
        """
        starts, ends = self.starts, self.ends
        if first and ends[first - 1] == starts[first] and self._joined(starts[first]):
            return False
        following = last + 1
        return following == len(starts) or ends[last] != starts[following] or not self._joined(ends[last])

    def _joined(self, position: int) -> bool:
        """Whether a letter or digit stands on both sides of a position."""
        return self.text.folded[position - 1].isalnum() and self.text.folded[position].isalnum()


def read_text(text: str, headings: HeadingIndex) -> Reading:
    folded = fold_text(text)
    lines = read_lines(folded.folded)
    words, starts, ends = find_words(folded.folded)
    return Reading(
        text=folded,
        words=words,
        starts=starts,
        ends=ends,
        statements=_first_words(starts, find_breaks(folded, lines)),
        sections=find_sections(folded, lines, headings),
    )


def _first_words(starts: list[int], breaks: list[int]) -> list[int]:
    """The first word of each statement; one without an end is cut, so that no text takes forever."""
    if not starts:
        return []
    firsts = {0, *(bisect_left(starts, position) for position in breaks)}
    firsts.discard(len(starts))
    ordered = sorted(firsts)
    return [
        first
        for start, end in zip(ordered, [*ordered[1:], len(starts)], strict=True)
        for first in range(start, end, _LONGEST_STATEMENT)
    ]
