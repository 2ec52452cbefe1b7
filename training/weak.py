"""Evidence made up for codes that come without: the phrase that a code of a document most likely rests on.

Each code of a document is explained by one phrase of it: one that stands in documents with the code far more
often than chance (log-likelihood ratio), and that reads like a title of the code. Long evidence, a line or a
passage, says where to look.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from math import log

from models.lexicon.descriptions import DescriptionIndex
from models.lexicon.words import statements_of
from training.taught import Support, Taught

_MOST_WORDS = 4
_LONG = 8
"""Words of evidence from which it is a passage to look in."""
_LEAST_SHARE = 0.25
"""Of the documents with the phrase, those that were given the code."""
_LEAST_TITLE = 0.5
_TITLE_WORTH = 12.0
_LEAST_TOGETHER = 2
Words = tuple[str, ...]
_Phrases = Mapping[Words, Sequence[tuple[int, tuple[int, ...]]]]
"""Phrases of an episode, and the places of each: document, words."""


def find_evidence(
    taught: Sequence[Taught], stops: frozenset[str], described: DescriptionIndex
) -> list[Taught]:
    """The episodes with one phrase for each code that has no evidence, or only a passage."""
    phrases = [_phrases(episode, stops) for episode in taught]
    offered = [_offered(episode, found) for episode, found in zip(taught, phrases, strict=True)]
    held = Counter(words for found in phrases for words in found)
    given = Counter(code for episode in taught for code in episode.codes)
    both = Counter(
        (words, code) for of_codes in offered for code, found in of_codes.items() for words in found
    )
    titles = _titles(described)

    def worth(words: Words, code: str) -> float:
        together, alone, codes = both[words, code], held[words], given[code]
        title = titles.of(words, code)
        if title < _LEAST_TITLE and (together < _LEAST_TOGETHER or together / alone < _LEAST_SHARE):
            return 0.0
        return together * log(together * len(taught) / (alone * codes)) + _TITLE_WORTH * title

    return [
        replace(episode, supports=(*_short(episode), *_made_up(found, of_codes, worth)))
        for episode, found, of_codes in zip(taught, phrases, offered, strict=True)
    ]


def _short(episode: Taught) -> Iterator[Support]:
    return (support for support in episode.supports if len(support.places) <= _LONG)


def _unexplained(episode: Taught) -> frozenset[str]:
    return episode.codes - {support.code for support in _short(episode)}


def _phrases(episode: Taught, stops: frozenset[str]) -> _Phrases:
    """Runs of up to four words of one statement, by their words, and where each stands."""
    found: dict[Words, list[tuple[int, tuple[int, ...]]]] = defaultdict(list)
    for document, reading in enumerate(episode.readings):
        for statement in statements_of(reading, stops):
            for start in range(len(statement.words)):
                for stop in range(start + 1, min(start + _MOST_WORDS, len(statement.words)) + 1):
                    words = tuple(sorted(set(statement.words[start:stop])))
                    found[words].append((document, statement.places[start:stop]))
    return found


def _offered(episode: Taught, phrases: _Phrases) -> dict[str, Sequence[Words]]:
    """For each code without evidence the phrases that it may rest on: of its passages, where it has any."""
    offered: dict[str, Sequence[Words]] = {}
    for code in sorted(_unexplained(episode)):
        passages = [support for support in episode.supports if support.code == code]
        offered[code] = _within(phrases, passages) if passages else tuple(phrases)
    return offered


def _within(phrases: _Phrases, passages: Iterable[Support]) -> list[Words]:
    inside = {(passage.document, place) for passage in passages for place in passage.places}
    return [
        words
        for words, stood in phrases.items()
        if any(
            (document, places[0]) in inside and (document, places[-1]) in inside for document, places in stood
        )
    ]


def _made_up(
    phrases: _Phrases, offered: Mapping[str, Sequence[Words]], worth: Callable[[Words, str], float]
) -> Iterator[Support]:
    for code, found in offered.items():
        valued = ((worth(words, code), len(words), words) for words in found)
        best = max(valued, default=None)
        if best is not None and best[0] > 0:
            for document, places in phrases[best[2]]:
                yield Support(code, document, places)


@lru_cache(maxsize=4)
def _titles(described: DescriptionIndex) -> "_Titles":
    """One for all lexica of a run: what it has compared once it remembers."""
    return _Titles(described)


class _Titles:
    """How much a phrase reads like the title of a code: words written alike, rare ones counting more."""

    def __init__(self, index: DescriptionIndex) -> None:
        self._titles: dict[str, list[frozenset[str]]] = defaultdict(list)
        for code, words in index.described:
            self._titles[code].append(words)
        self._rarity = index.rarity
        self._cognates = index.cognates
        self._known: dict[tuple[Words, str], float] = {}

    def of(self, words: Words, code: str) -> float:
        """Zero to one: how far each covers the other."""
        known = self._known.get((words, code))
        if known is None:
            known = self._known[words, code] = self._compare(words, code)
        return known

    def _compare(self, words: Words, code: str) -> float:
        alike: dict[str, float] = {}
        for word in words:
            for other, found in self._cognates.of(word).items():
                alike[other] = max(found, alike.get(other, 0.0))
        best = 0.0
        for title in self._titles.get(code, ()):
            whole = sum(self._rarity[word] for word in title)
            covered = sum(self._rarity[word] * alike.get(word, 0.0) for word in title)
            matched = sum(1 for word in title if word in alike)
            best = max(best, covered / whole * min(1.0, matched / len(words)))
        return best
