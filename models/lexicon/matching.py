"""Finds the phrases of a lexicon in the statements of a text: as they were, with gaps, and in part.

Tight: the words of a phrase side by side, in any order. Loose: all in one statement, others between them.
Partial: words that are missing or only similar (`hemorrágica` for `hemorragia`); the share that is there,
each word weighed by how rare it is, is the coverage of the hit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.lexicon.lexicon import Phrase, RoleLexicon
from models.lexicon.words import Statement, grams, likeness

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
_LONGEST = 8
"""Words of a phrase that is looked for as a whole."""
_WIDEST_GAP = 6
_LEAST_COVERAGE = 0.6
_WHOLE = 0.9999
_MOST_PARTIAL = 25
"""Of one statement."""
_ALIKE = 0.62
_SIMILAR_WORTH = 0.9
_MOST_SIMILAR = 4
_SHORTEST_SIMILAR = 5


class Hit(NamedTuple):
    phrase: int
    """Its place in the lexicon."""
    first: int
    """Number of its first word in the reading, and of its last."""
    last: int
    words: int
    """How many of its words are there."""
    coverage: float = 1.0
    gap: int = 0
    """Words that carry meaning between its words."""
    longest: bool = True
    """It stands in no longer tight hit."""

    @property
    def whole(self) -> bool:
        return self.coverage > _WHOLE

    @property
    def tight(self) -> bool:
        return self.whole and not self.gap


class PhraseMatcher:
    """Immutable but for a memory of similar words; threads may share it."""

    def __init__(self, lexicon: RoleLexicon) -> None:
        self._phrases = lexicon.phrases
        self._wide = lexicon.wide
        self._reach = _longest_by_word(lexicon.phrases)
        self._places: dict[int, list[int]] = {}
        for place, phrase in enumerate(lexicon.phrases):
            self._places.setdefault(sum(map(hash, phrase.words)), []).append(place)
        self._similar = _SimilarWords(self._reach)
        if self._wide and lexicon.phrases:
            self._index = _BagIndex(lexicon)

    def find(self, statements: Iterable[Statement], *, similar: bool = True) -> list[Hit]:
        """Hits of all statements; without `similar` only whole phrases."""
        found: list[Hit] = []
        for statement in statements:
            tight = self._tight(statement)
            if not tight and not self._wide:
                continue
            found.extend(_with_longest(tight, tight))
            if self._wide and self._phrases:
                seen = {hit.phrase for hit in tight}
                others = [hit for hit in self._others(statement, similar) if hit.phrase not in seen]
                found.extend(_with_longest(others, tight))
        return found

    def _tight(self, statement: Statement) -> list[Hit]:
        """Runs of known words are looked up by the sum of their hashes, which no order of words changes."""
        words, places, with_sum = statement.words, statement.places, self._places
        longest = [self._reach.get(word, 0) for word in words]
        hashes = [hash(word) for word in words]
        found: list[Hit] = []
        for start, most in enumerate(longest):
            total = 0
            for stop in range(start, min(start + most, len(words))):
                if not longest[stop]:
                    break
                total += hashes[stop]
                if total in with_sum:
                    here = sorted(words[start : stop + 1])
                    found.extend(
                        Hit(phrase, places[start], places[stop], len(here))
                        for phrase in with_sum[total]
                        if here == list(self._phrases[phrase].words)
                    )
        return found

    def _others(self, statement: Statement, similar: bool) -> Iterator[Hit]:
        stood: dict[str, list[int]] = {}
        worth: dict[str, float] = {}
        for place, word in enumerate(statement.words):
            for other, alike in self._readings_of(word, similar):
                stood.setdefault(other, []).append(place)
                worth[other] = max(alike, worth.get(other, 0.0))
        if not worth:
            return
        for phrase, coverage in self._index.covered(worth, _LEAST_COVERAGE if similar else _WHOLE):
            lists = [stood[word] for word in self._phrases[phrase].words if word in stood]
            first, last = narrowest(lists)
            gap = max(last - first + 1 - len(lists), 0)
            if gap <= _WIDEST_GAP:
                yield Hit(phrase, statement.places[first], statement.places[last], len(lists), coverage, gap)

    def _readings_of(self, word: str, similar: bool) -> Sequence[tuple[str, float]]:
        if word in self._reach:
            return ((word, 1.0),)
        return self._similar.to(word) if similar else ()


def _longest_by_word(phrases: Iterable[Phrase]) -> dict[str, int]:
    """Each word of the phrases with the length of the longest phrase that has it."""
    longest: dict[str, int] = {}
    for phrase in phrases:
        for word in phrase.words:
            longest[word] = max(longest.get(word, 0), min(len(phrase.words), _LONGEST))
    return longest


def _with_longest(hits: Sequence[Hit], tight: Sequence[Hit]) -> Iterator[Hit]:
    tight = [hit for hit in tight if hit.words > 1]
    for hit in hits:
        inside = any(
            other.words > hit.words and other.first <= hit.last and other.last >= hit.first for other in tight
        )
        yield hit._replace(longest=False) if inside else hit


def narrowest(places: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The narrowest stretch that holds one place of each list.

    >>> narrowest([[0, 7], [9], [8, 20]])
    (7, 9)
    """
    ordered = sorted((place, number) for number, of_word in enumerate(places) for place in of_word)
    last: dict[int, int] = {}
    best = (ordered[0][0], ordered[-1][0])
    for place, number in ordered:
        last[number] = place
        if len(last) == len(places) and place - min(last.values()) < best[1] - best[0]:
            best = (min(last.values()), place)
    return best


class _BagIndex:
    """How much of each phrase the words of a statement cover."""

    def __init__(self, lexicon: RoleLexicon) -> None:
        holders: dict[str, list[int]] = {}
        for place, phrase in enumerate(lexicon.phrases):
            for word in phrase.words:
                holders.setdefault(word, []).append(place)
        self._holders = {word: np.asarray(found) for word, found in holders.items()}
        self._rarity = {word: _rarity(word, lexicon) for word in holders}
        self._totals = np.array(
            [sum(self._rarity[word] for word in phrase.words) for phrase in lexicon.phrases]
        )

    def covered(self, worth: Mapping[str, float], least: float) -> list[tuple[int, float]]:
        """Phrases and their coverage, in order of place; of partial ones those with most covered."""
        holders: list[Places] = [self._holders[word] for word in worth]
        weights = np.repeat(
            [self._rarity[word] * alike for word, alike in worth.items()], [len(found) for found in holders]
        )
        sums = np.bincount(np.concatenate(holders), weights, minlength=len(self._totals))
        coverage = sums / self._totals
        found = np.nonzero(coverage > least)[0]
        partial = found[coverage[found] <= _WHOLE]
        if len(partial) > _MOST_PARTIAL:
            kept = partial[np.argsort(-sums[partial], kind="stable")[:_MOST_PARTIAL]]
            found = np.sort(np.concatenate([found[coverage[found] > _WHOLE], kept]))
        return [(int(place), min(float(coverage[place]), 1.0)) for place in found]


def _rarity(word: str, lexicon: RoleLexicon) -> float:
    stood, _ = lexicon.words.get(word, (0, 0))
    return log((lexicon.documents + 1) / (min(stood, lexicon.documents) + 0.5)) + 0.3


class _SimilarWords:
    """Words of the lexicon that are written like a word that is not in it."""

    def __init__(self, words: Iterable[str]) -> None:
        self._grams: dict[str, set[str]] = {
            word: grams(word) for word in words if len(word) >= _SHORTEST_SIMILAR
        }
        self._holders: dict[str, list[str]] = {}
        for word, found in self._grams.items():
            for gram in found:
                self._holders.setdefault(gram, []).append(word)
        self._known: dict[str, tuple[tuple[str, float], ...]] = {}

    def to(self, word: str) -> tuple[tuple[str, float], ...]:
        """With how alike they are, the most similar first."""
        known = self._known.get(word)
        if known is None:
            known = self._find(word) if len(word) >= _SHORTEST_SIMILAR else ()
            if len(self._known) < 100_000:
                self._known[word] = known
        return known

    def _find(self, word: str) -> tuple[tuple[str, float], ...]:
        own = grams(word)
        shared: dict[str, int] = {}
        for gram in own:
            for other in self._holders.get(gram, ()):
                shared[other] = shared.get(other, 0) + 1
        alike = []
        for other, count in shared.items():
            beginning = _common_beginning(word, other) / max(len(word), len(other))
            found = max(likeness(count, len(own), len(self._grams[other])), beginning)
            if found >= _ALIKE:
                alike.append((other, round(_SIMILAR_WORTH * found, 3)))
        return tuple(sorted(alike, key=lambda pair: (-pair[1], pair[0]))[:_MOST_SIMILAR])


def _common_beginning(one: str, other: str) -> int:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
