"""Words as the lexicon compares them: the normalised words of a reading, cut to their stems.

The cut knows no language: a plural s and the vowels at the end go, which brings together the genders and
numbers of Romance languages and the plurals of English. It need not be right, only the same for all.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import NamedTuple

from models.text import Reading

_SHORTEST = 4
_REMEMBERED = 200_000
_stems: dict[str, str] = {}


def stem(word: str) -> str:
    """
    >>> stem("infecciones"), stem("derecha"), stem("fractures"), stem("t")
    ('infeccion', 'derech', 'fractur', 't')
    """
    known = _stems.get(word)
    if known is not None:
        return known
    cut = word[:-1] if word.endswith("s") and len(word) >= _SHORTEST else word
    while len(cut) > _SHORTEST and cut[-1] in "aeo":
        cut = cut[:-1]
    if len(_stems) < _REMEMBERED:
        _stems[word] = cut
    return cut


def stems(words: Iterable[str]) -> list[str]:
    known = _stems.get
    return [known(word) or stem(word) for word in words]


def bag(words: Iterable[str], stops: Collection[str]) -> tuple[str, ...]:
    """The distinct words that carry meaning, in alphabetical order: what a phrase is known by."""
    return tuple(sorted({word for word in words if word not in stops}))


class Statement(NamedTuple):
    """The words of one statement that carry meaning, and where in the reading each stands."""

    words: tuple[str, ...]
    places: tuple[int, ...]


def statements_of(reading: Reading, stops: Collection[str]) -> tuple[Statement, ...]:
    words = stems(reading.words)
    kept = [place for place, word in enumerate(words) if word not in stops]
    bounds = [bisect_left(kept, first) for first in (*reading.statements, len(words))]
    found = []
    for start, end in pairwise(bounds):
        if start < end:
            places = tuple(kept[start:end])
            found.append(Statement(tuple([words[place] for place in places]), places))
    return tuple(found)


def grams(word: str) -> set[str]:
    """The runs of three characters, the ends of the word marked."""
    marked = f"^{word}$"
    return {marked[place : place + 3] for place in range(len(marked) - 2)}


def likeness(shared: int, one: int, other: int) -> float:
    """Dice: of runs that two words share, and how many each has."""
    return 2 * shared / (one + other) if one + other else 0.0
