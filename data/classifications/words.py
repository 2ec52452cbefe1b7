"""Words of titles and queries: how they are split, and which words of a vocabulary a typed word means."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

FILL_WORDS = frozenset(
    {
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "due",
        "for",
        "from",
        "in",
        "into",
        "not",
        "of",
        "on",
        "or",
        "the",
        "to",
    }
    | {"with", "without", "other", "unspecified", "specified", "elsewhere", "classified", "nec", "nos"}
)
"""Words that say little; a query may hold or lack them."""

_APOSTROPHES = re.compile("['\u2018\u2019\u201b\u2032\u02bc\u00b4`]")
_WORD = re.compile(r"#\s*\w+|\w+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SAME_WORD = 0.97
_BEGINNING = 0.85
_ONE_TYPO = 0.75
_TWO_TYPOS = 0.6
_TYPO_FROM = 4
"""Shorter words are abbreviations: a letter more or less is another word."""
_LONGEST_TYPO = 30
_TWO_TYPOS_FROM = 8
_BEGINNING_FROM = 2
_MOST_BEGINNINGS = 400
"""Words that one beginning stands for, at most."""


def split_words(phrase: str) -> list[str]:
    """Lower-case words without accents and apostrophes; `# NOF` is one word, `#nof`."""
    plain = _APOSTROPHES.sub("", phrase).lower()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return ["".join(word.split()) for word in _WORD.findall(plain)]


class Vocabulary:
    """Numbered words. Immutable."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._numbers = {word: number for number, word in enumerate(words)}
        self._sorted = sorted(words)

    def number_of(self, word: str) -> int | None:
        return self._numbers.get(word)

    def like(self, typed: str) -> dict[int, float]:
        """The words that a typed word is, singular or plural, each with how sure that is, up to 1."""
        return self._numbered(_other_number_of(typed), _SAME_WORD) | self._numbered([typed], 1.0)

    def begun_by(self, typed: str) -> dict[int, float]:
        """Likewise for a word that is still being typed: it also stands for all words it begins."""
        return self._numbered(self._beginning_with(typed), _BEGINNING) | self.like(typed)

    def guesses(self, typed: str, *, unfinished: bool = False) -> dict[int, float]:
        """All that a typed word may mean: itself, what it begins, what it is a slip of."""
        return self._misspelt(typed, unfinished=unfinished) | self.begun_by(typed)

    def _misspelt(self, typed: str, *, unfinished: bool) -> dict[int, float]:
        if not _TYPO_FROM <= len(typed) <= _LONGEST_TYPO or not typed.isascii():
            return {}
        variants = sorted(set(_one_edit(typed)))
        found = self._numbered(variants, _ONE_TYPO)
        if not found and unfinished and len(typed) > _TYPO_FROM:
            begun = (word for variant in variants for word in self._beginning_with(variant))
            found = self._numbered(begun, _ONE_TYPO * _BEGINNING)
        if not found and len(typed) >= _TWO_TYPOS_FROM:
            found = self._numbered(self._two_edits_away(typed), _TWO_TYPOS)
        return found

    def _numbered(self, words: Iterable[str], likeness: float) -> dict[int, float]:
        return {self._numbers[word]: likeness for word in words if word in self._numbers}

    def _beginning_with(self, typed: str) -> Iterator[str]:
        if len(typed) < _BEGINNING_FROM:
            return
        first = bisect_left(self._sorted, typed)
        for word in self._sorted[first : first + _MOST_BEGINNINGS]:
            if not word.startswith(typed):
                return
            yield word

    def _two_edits_away(self, typed: str) -> Iterator[str]:
        """Words two edits away that share the first two letters."""
        first = bisect_left(self._sorted, typed[:2])
        letters = set(typed)
        for word in self._sorted[first:]:
            if not word.startswith(typed[:2]):
                return
            alike = abs(len(word) - len(typed)) <= 2 and len(letters.symmetric_difference(word)) <= 4
            if alike and _within(word, typed, 2):
                yield word


def _other_number_of(typed: str) -> list[str]:
    """Singular and plural."""
    if len(typed) < _TYPO_FROM:
        return []
    return [typed + "s", typed + "es", typed.removesuffix("s"), typed.removesuffix("es")]


def _one_edit(word: str) -> Iterator[str]:
    """Every word one letter left out, added, changed or swapped away."""
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    for head, tail in splits:
        yield from (head + letter + tail for letter in _LETTERS)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in _LETTERS)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


def _within(one: str, other: str, edits: int) -> bool:
    """Whether so many letters left out, added, changed or swapped make one word of the other."""
    same = 0
    for letter, against in zip(one, other, strict=False):
        if letter != against:
            break
        same += 1
    one, other = one[same:], other[same:]
    if not one or not other or not edits:
        return len(one) + len(other) <= edits
    swapped = len(one) > 1 and one[:2] == other[1::-1] and _within(one[2:], other[2:], edits - 1)
    return swapped or any(
        _within(left, right, edits - 1)
        for left, right in ((one[1:], other[1:]), (one[1:], other), (one, other[1:]))
    )
