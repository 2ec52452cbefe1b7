"""Recognises headings: those of the table by their normalised words, others by their looks."""

import re
from collections.abc import Iterable

from data.language import Heading, HeadingForm, SectionKind
from models.text.folding import FoldedText
from models.text.lines import Line
from models.text.words import first_word, normal_word, normal_words

_BARE_WORDS = 3
_FIRST_WORD = re.compile(r"[^\W\d_]{1,20}")
_BARE_CHARACTERS = 24
_CAPITALS = re.compile(r"[A-Z][A-Z &/-]{3,40}(?=\s+[A-Z]?[a-z0-9])")
_SENTENCE_LENGTH = 60


class HeadingIndex:
    """The headings of the table, found by their normalised words."""

    def __init__(self, headings: Iterable[Heading]) -> None:
        self._by_words: dict[str, tuple[SectionKind, HeadingForm]] = {}
        for heading in headings:
            self._by_words.setdefault(_key(heading.heading), (heading.section, heading.form))
        self._first_words = frozenset(words.partition(" ")[0] for words in self._by_words)
        self._bare = {
            words: kind for words, (kind, form) in self._by_words.items() if form is HeadingForm.BARE
        }
        self._bare_first_words = frozenset(words.partition(" ")[0] for words in self._bare)

    def at_line_start(self, written: str) -> SectionKind | None:
        found = self._find(written)
        return found[0] if found else None

    def in_mid_line(self, written: str) -> SectionKind | None:
        found = self._find(written)
        return found[0] if found and found[1] is not HeadingForm.LINE else None

    def _find(self, written: str) -> tuple[SectionKind, HeadingForm] | None:
        """Most lines are no heading, and the first word tells."""
        lowered = written.lower()
        if first_word(lowered) not in self._first_words:
            return None
        return self._by_words.get(" ".join(normal_words(lowered)))

    def bare_at(self, folded: str, position: int) -> SectionKind | None:
        """The section whose bare heading (`PMH`) stands at a position."""
        first = _FIRST_WORD.match(folded, position)
        if first is None or normal_word(first.group()) not in self._bare_first_words:
            return None
        words = normal_words(folded[position : position + _BARE_CHARACTERS])
        keys = (" ".join(words[:count]) for count in range(_BARE_WORDS, 0, -1))
        return next((self._bare[key] for key in keys if key in self._bare), None)


def _key(written: str) -> str:
    return " ".join(normal_words(written.lower()))


def capitals_at(text: FoldedText, position: int) -> str | None:
    """A heading in capitals followed by ordinary writing: `COMPLICATIONS None immediate`."""
    start, _ = text.original_span(position, position + 1)
    match = _CAPITALS.match(text.original, start)
    return match.group().lower() if match else None


def looks_like_heading(text: FoldedText, lines: tuple[Line, ...], number: int, body: str) -> bool:
    """Whether an unknown line after a blank one heads what follows it."""
    if number and not lines[number - 1].blank:
        return False
    if not 4 <= len(body) <= _SENTENCE_LENGTH or body.endswith((".", ",", ";")):
        return False
    if body.endswith(":"):
        return True
    start, end = text.original_span(lines[number].start, lines[number].end)
    written = text.original[start:end]
    return written.isupper() or (_is_plain_title(written) and _sentence_follows(text, lines, number))


def _is_plain_title(written: str) -> bool:
    words = written.split()
    return len(words) <= 6 and words[0][:1].isupper() and all(word.isalpha() for word in words)


def _sentence_follows(text: FoldedText, lines: tuple[Line, ...], number: int) -> bool:
    if number + 1 >= len(lines) or lines[number + 1].blank:
        return False
    following = lines[number + 1]
    sentence = text.folded[following.start : following.end].rstrip()
    return len(sentence) > _SENTENCE_LENGTH or sentence.endswith(".")
