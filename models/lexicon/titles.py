"""Titles of codes that the words of a statement cover, wherever in the statement these stand.

Where models/lexicon/descriptions.py asks what a run of telling words may mean, this asks of every title how
much of it the statement says: `absceso ... en el músculo psoas` for `Psoas muscle abscess`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.lexicon.descriptions import DescriptionIndex, Descriptions
from models.lexicon.matching import narrowest
from models.lexicon.words import Statement

Floats = NDArray[np.float64]
_LEAST_SURE = 0.3
"""Of a word of the text that it stands for a word of a title."""
_LEAST_COVERED = 0.55
_MOST_TITLES = 30
"""Of one statement."""
_WIDEST = 12
_REMEMBERED = 100_000


class Covered(NamedTuple):
    """A title that words of a statement cover."""

    code: str
    coverage: float
    """Share of its words, each weighed by how rare it is and how surely a word stands for it."""
    told: float
    """The same, not as a share: how much is said."""
    missing: float
    """Rarity of the rarest word that nothing stands for."""
    least_sure: float
    places: tuple[int, ...]
    """Of the words of the statement that stand for its words, in order, within the narrowest stretch."""
    rank: int
    """Among the titles of the statement."""


class _Said(NamedTuple):
    """The words of titles that a statement speaks of."""

    surest: dict[str, float]
    """How surely one of its words stands for each."""
    stood: dict[str, list[int]]
    """Where these words are in the statement."""


class TitleMatcher:
    """Immutable but for a memory of words; threads may share it."""

    def __init__(self, index: DescriptionIndex, descriptions: Descriptions) -> None:
        self._index = index
        self._descriptions = descriptions
        self._known: dict[str, tuple[tuple[str, float], ...]] = {}

    def find(self, statement: Statement) -> Iterator[Covered]:
        """The titles that the statement covers best, one of each code."""
        said = self._said(statement)
        if not said.surest:
            return
        seen: set[str] = set()
        for rank, (title, told) in enumerate(self._best(said.surest)):
            code, words = self._index.described[title]
            places = _narrowest_places([said.stood[word] for word in words if word in said.stood], statement)
            if code not in seen and places is not None:
                yield self._covered(title, told, said.surest, places, rank)
            seen.add(code)

    def _said(self, statement: Statement) -> _Said:
        said = _Said({}, {})
        for place, word in enumerate(statement.words):
            for other, sure in self._surely(word):
                if sure > said.surest.get(other, 0.0):
                    said.surest[other] = sure
                said.stood.setdefault(other, []).append(place)
        return said

    def _surely(self, word: str) -> tuple[tuple[str, float], ...]:
        """The words of titles that a word stands for, with how surely."""
        known = self._known.get(word)
        if known is None:
            found = self._descriptions.stands_for(word).items()
            known = tuple((other, sure) for other, sure in found if sure >= _LEAST_SURE)
            if len(self._known) < _REMEMBERED:
                self._known[word] = known
        return known

    def _covered(
        self, title: int, told: float, surest: Mapping[str, float], places: tuple[int, ...], rank: int
    ) -> Covered:
        code, words = self._index.described[title]
        missing = (self._index.rarity[word] for word in words if word not in surest)
        return Covered(
            code=code,
            coverage=told / float(self._index.sums[title]),
            told=told,
            missing=max(missing, default=0.0),
            least_sure=min(surest[word] for word in words if word in surest),
            places=places,
            rank=rank,
        )

    def _best(self, surest: Mapping[str, float]) -> Iterable[tuple[int, float]]:
        index = self._index
        holders = [index.holders[word] for word in surest]
        weights = np.repeat(
            [index.rarity[word] * sure for word, sure in surest.items()], [len(one) for one in holders]
        )
        told = np.bincount(np.concatenate(holders), weights, minlength=len(index.sums))
        found = np.nonzero(told > _LEAST_COVERED * index.sums)[0]
        order = np.lexsort((found, -told[found] * told[found] / index.sums[found]))[:_MOST_TITLES]
        return ((int(place), float(told[place])) for place in found[order])


def _narrowest_places(stood: Sequence[Sequence[int]], statement: Statement) -> tuple[int, ...] | None:
    first, last = narrowest(stood)
    if statement.places[last] - statement.places[first] > _WIDEST:
        return None
    return tuple(sorted({place for places in stood for place in places if first <= place <= last}))
