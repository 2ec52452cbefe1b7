"""Words as the lexicon compares them: the normalised words of a reading, cut to their stems.

The cut knows no language: a plural s and the vowels at the end go, which brings together the genders and
numbers of Romance languages and the plurals of English. It need not be right, only the same for all.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

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
    return [stem(word) for word in words]


def bag(words: Iterable[str], stops: Collection[str]) -> tuple[str, ...]:
    """The distinct words that carry meaning, in alphabetical order: what a phrase is known by."""
    return tuple(sorted({word for word in words if word not in stops}))


@dataclass(frozen=True, slots=True)
class Statement:
    """The words of one statement that carry meaning, and where in the reading each stands."""

    words: tuple[str, ...]
    places: tuple[int, ...]


def statements_of(reading: Reading, stops: Collection[str]) -> tuple[Statement, ...]:
    words = stems(reading.words)
    found = []
    for number in range(len(reading.statements)):
        first, end = reading.statement_words(number)
        places = tuple(place for place in range(first, end) if words[place] not in stops)
        if places:
            found.append(Statement(tuple(words[place] for place in places), places))
    return tuple(found)


def grams(word: str) -> set[str]:
    """The runs of three characters, the ends of the word marked."""
    marked = f"^{word}$"
    return {marked[place : place + 3] for place in range(len(marked) - 2)}


def likeness(shared: int, one: int, other: int) -> float:
    """Dice: of runs that two words share, and how many each has."""
    return 2 * shared / (one + other) if one + other else 0.0
