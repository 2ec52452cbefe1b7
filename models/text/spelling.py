"""Misspelt words of a text become the word of the terms that is one letter away.

Four of five misspellings leave out, add, exchange or swap one letter (Damerau 1964). A word is mended where
no term and nobody else knows it, and one word of the terms is near. Neighbours are looked up by what is left
of a word when a letter is left out (Garbe's SymSpell), here kept as numbers: two megabytes for all terms.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.text.reading import Reading

_SHORTEST = 6
"""Letters of a right word, of which one may be left out: shorter ones nearly always have neighbours."""
_MUCH_COMMONER = 5
"""So many times as often in the terms is the word that is taken, where two are near."""
_MOST_REMEMBERED = 50_000
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sister", "nurse", "sr"])


class Spelling:
    """Immutable but for a memory of what was mended; threads may share it."""

    def __init__(self, terms: Mapping[str, int], ordinary: Iterable[str]) -> None:
        """
        Args:
            terms: normalised words of the terms, with the number of phrases that hold each.
            ordinary: normalised words that are right though no term has them; without any nothing is mended.
        """
        self._ordinary = frozenset(ordinary)
        self._known = self._ordinary.union(terms)
        self._words = [word for word in terms if len(word) >= _SHORTEST and word.isalpha()]
        self._counts = [terms[word] for word in self._words]
        self._numbers, self._owners = _index(self._words)
        self._remembered: dict[str, str] = {}

    def knowing(self, words: Iterable[str]) -> "Spelling":
        """The same, but that these words are right, too."""
        other = copy(self)
        other._known = self._known.union(words)
        other._remembered = {}
        return other

    def mended(self, reading: Reading) -> Reading:
        """The reading with its misspelt words as the terms write them; where each stands is not changed."""
        if not self._ordinary:
            return reading
        known = self._known
        strange = [
            number
            for number, word in enumerate(reading.words)
            if len(word) >= _SHORTEST - 1 and word not in known and word.isalpha()
        ]
        mends = {number: better for number in strange if (better := self._better(reading, number))}
        if not mends:
            return reading
        return replace(reading, words=[mends.get(n, word) for n, word in enumerate(reading.words)])

    def _better(self, reading: Reading, number: int) -> str:
        word = reading.words[number]
        better = self._remembered.get(word)
        if better is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            better = self._remembered[word] = self._nearest(word)
        return "" if better and _is_name(reading, number) else better

    def _nearest(self, word: str) -> str:
        """Empty where no word is near, or several that are about as common."""
        found = Counter({self._words[place]: self._counts[place] for place in self._near(word)})
        (best, count), *others = found.most_common(2) or [("", 0)]
        return "" if others and count < _MUCH_COMMONER * others[0][1] else best

    def _near(self, word: str) -> Iterator[int]:
        asked = np.array([hash(form) for form in _forms(word)], dtype=np.int64)
        firsts = np.searchsorted(self._numbers, asked).tolist()
        ends = np.searchsorted(self._numbers, asked, side="right").tolist()
        owners = {
            o for first, end in zip(firsts, ends, strict=True) for o in self._owners[first:end].tolist()
        }
        return (owner for owner in owners if one_letter_away(word, self._words[owner]))


def _index(words: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """What is left of each word without one of its letters, as sorted numbers, and whose it is."""
    pairs = [(hash(form), owner) for owner, word in enumerate(words) for form in _forms(word)]
    numbers = np.array([number for number, _ in pairs], dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    return numbers[order], np.array([owner for _, owner in pairs], dtype=np.int32)[order]


def _forms(word: str) -> set[str]:
    """The word, and it without one letter; the first letter is seldom wrong."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(1, len(word)))}


def one_letter_away(one: str, other: str) -> bool:
    """Left out, added, exchanged, or swapped with the next.

    >>> one_letter_away("bronchioltis", "bronchiolitis"), one_letter_away("codiene", "codeine")
    (True, True)
    """
    if len(one) > len(other):
        one, other = other, one
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    mine, theirs = one[same:], other[same:]
    if len(one) < len(other):
        return mine == theirs[1:]
    swapped = mine[1:2] + mine[:1] + mine[2:]
    return bool(mine) and (mine[1:] == theirs[1:] or swapped == theirs)


def _is_name(reading: Reading, number: int) -> bool:
    """Capitals inside a sentence, or a title before it: `Mr Margit`, `moved to Pendle ward`."""
    first, _ = reading.statement_words(reading.statement_of(number))
    if number > first and reading.words[number - 1] in _TITLES:
        return True
    written = reading.written(number, number)
    return number > first and written[0].isupper() and not written.isupper()
