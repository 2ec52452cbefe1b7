"""Finds entries as coders type: a code or its beginning, words in any order, abbreviations, typos.

Each title and synonym is a phrase of words. A query finds the phrases that hold all its words (or, where
none does, most of them), the last word being still typed. What coders mean first is decided by how well
the phrase matches and, as a prior, by how often England recorded the code.
"""

import heapq
import math
import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from data.classifications.entry import Entry
from data.classifications.forms import FILLER, fold_code
from data.classifications.words import FILL_WORDS, Vocabulary, split_words
from data.packed import PackedStrings

_FILL_WEIGHT = 0.15
"""Share of a word such as `unspecified` in how much of a phrase a query covers."""
_MATCH_WEIGHT = 3.0
_COVERAGE_WEIGHT = 1.0
_WHOLE_PHRASE = 1.5
_ASSIGNABLE = 0.7
_USAGE_WEIGHT = 0.3
"""Per power of ten of national usage: I10X has 6.4 million, so 2.0."""
_PARTIAL_SHARE = 0.5
"""A phrase that does not hold every word of the query holds at least this share of them."""
_PARTIAL_PENALTY = 2.0
_SPECIAL_PENALTY = 2.5
_MOST_WORDS = 12
"""Words of a query that are looked at: a pasted page must not hold up the coder."""
_MOST_PHRASES = 1000
_CODE_SCORE = 20.0
_WHOLE_CODE = 10.0
_CODE_ALONE_FROM = 3
"""A query of so many characters that begins a code is meant as a code and nothing else."""
_CODE_START = re.compile(r"[A-Z]|(?=.*\d)[A-Z0-9]{2,8}")


@dataclass(frozen=True, slots=True)
class Synonym:
    """A further phrase to find an entry by."""

    code: str
    phrase: str
    special: bool = False
    """Whether the phrase means the entry in surroundings only that a query does not tell."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    entry: Entry
    matched: str
    """The title, synonym or code that the query met."""


Columns = Mapping[str, Any]
"""What is slow to work out of an index: its words and phrases, as JSON."""


def _made_now(make: Callable[[], Columns]) -> Columns:
    return make()


_Found = tuple[int, float, int | None]
"""Position of an entry, its score, and the number of the phrase that was met; None for its code."""


class _Phrase(NamedTuple):
    """A title or synonym, before it is put into columns."""

    owner: int
    """Position of its entry."""
    text: str
    words: tuple[int, ...]
    weight: float
    """Sum over its words, those that say little counting little."""
    standing: float
    """What its entry is worth before any query."""


class _Phrases:
    """The phrases in columns, the best standing first: a fifth of the memory of as many objects."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.owners = array("I", columns["owners"])
        self.texts = PackedStrings(columns["texts"])
        self.weights = array("d", columns["weights"])
        self.standings = array("d", columns["standings"])
        self._words = array("I", columns["words"])
        self._ends = array("I", accumulate(columns["lengths"], initial=0))

    def words(self, number: int) -> "array[int]":
        return self._words[self._ends[number] : self._ends[number + 1]]

    def postings(self, words: int) -> "list[array[int]]":
        """For each word the numbers of the phrases that hold it, in order."""
        ends = np.asarray(self._ends, dtype=np.int64)
        lengths = ends[1:] - ends[:-1]
        flat = np.asarray(self._words)
        by_word = np.argsort(flat, kind="stable")
        numbers = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)[by_word]
        firsts = np.searchsorted(flat[by_word], np.arange(1, words))
        return [array("I", found.tobytes()) for found in np.split(numbers, firsts)]


class SearchIndex:
    """An inverted index over the phrases of entries, in memory. Immutable once made."""

    def __init__(
        self,
        entries: Iterable[Entry],
        synonyms: Callable[[], Iterable[Synonym]],
        keep: Callable[[Callable[[], Columns]], Columns] = _made_now,
    ) -> None:
        """
        Args:
            keep: gives what the function would make, perhaps from an earlier time.
        """
        self._entries = sorted(entries, key=lambda entry: entry.code)
        self._codes = [entry.code for entry in self._entries]
        self._priors = array("f", (_prior(entry) for entry in self._entries))
        columns = keep(lambda: self._columns(synonyms()))
        self._vocabulary = Vocabulary(columns["vocabulary"])
        self._phrases = _Phrases(columns)
        self._postings = self._phrases.postings(len(self._vocabulary.words))

    def _columns(self, synonyms: Iterable[Synonym]) -> Columns:
        numbers: dict[str, int] = {}
        phrases = sorted(
            (*self._titles(numbers), *self._owned(synonyms, numbers)),
            key=lambda phrase: -phrase.standing - _COVERAGE_WEIGHT / phrase.weight,
        )
        return {
            "vocabulary": list(numbers),
            "owners": [phrase.owner for phrase in phrases],
            "texts": [phrase.text for phrase in phrases],
            "weights": [phrase.weight for phrase in phrases],
            "standings": [phrase.standing for phrase in phrases],
            "words": [word for phrase in phrases for word in phrase.words],
            "lengths": [len(phrase.words) for phrase in phrases],
        }

    def _titles(self, numbers: dict[str, int]) -> Iterator[_Phrase]:
        for owner, entry in enumerate(self._entries):
            if words := split_words(entry.title):
                yield self._phrase(owner, entry.title, words, numbers, 0.0)

    def _owned(self, synonyms: Iterable[Synonym], numbers: dict[str, int]) -> Iterator[_Phrase]:
        """Synonyms of the entries that there are: terms may know codes that an imported table has not."""
        for synonym in synonyms:
            owner, words = self._owner(synonym.code), split_words(synonym.phrase)
            if owner is not None and words:
                bonus = -_SPECIAL_PENALTY * synonym.special
                yield self._phrase(owner, synonym.phrase, words, numbers, bonus)

    def _phrase(
        self, owner: int, text: str, words: Iterable[str], numbers: dict[str, int], bonus: float
    ) -> _Phrase:
        different = dict.fromkeys(words)
        weight = sum(_FILL_WEIGHT if word in FILL_WORDS else 1.0 for word in different)
        numbered = tuple(numbers.setdefault(word, len(numbers)) for word in different)
        return _Phrase(owner, text, numbered, max(1.0, weight), self._priors[owner] + bonus)

    def _owner(self, code: str) -> int | None:
        position = bisect_left(self._codes, code)
        found = position < len(self._codes) and self._codes[position] == code
        return position if found else None

    def search(self, query: str, limit: int) -> tuple[SearchHit, ...]:
        """At most `limit` entries, best first, each with what the query met."""
        best: dict[int, tuple[float, int | None]] = {}
        for owner, score, matched in self._found(query):
            if owner not in best or score > best[owner][0]:
                best[owner] = score, matched
        ranked = heapq.nsmallest(max(limit, 0), best, key=lambda owner: (-best[owner][0], self._codes[owner]))
        return tuple(
            SearchHit(self._entries[owner], self._matched(owner, best[owner][1])) for owner in ranked
        )

    def _matched(self, owner: int, phrase: int | None) -> str:
        return self._codes[owner] if phrase is None else self._phrases.texts[phrase]

    def _found(self, query: str) -> list[_Found]:
        start = fold_code(query)
        by_code = list(self._by_code(start)) if _CODE_START.fullmatch(start) else []
        if by_code and len(start) >= _CODE_ALONE_FROM:
            return by_code
        return by_code + list(self._by_words(split_words(query)[:_MOST_WORDS]))

    def _by_code(self, start: str) -> Iterator[_Found]:
        """Entries whose code is the query or begins with it; they come before all others."""
        position = bisect_left(self._codes, start)
        if len(start) == 4 and self._codes[position : position + 1] != [start]:
            start = start.removesuffix(FILLER)
            position = bisect_left(self._codes, start)
        while position < len(self._codes) and self._codes[position].startswith(start):
            whole = self._codes[position] in {start, start + FILLER}
            score = _CODE_SCORE + _WHOLE_CODE * whole + self._priors[position]
            yield position, score, None
            position += 1

    def _by_words(self, words: Sequence[str]) -> Iterator[_Found]:
        meant = [word for word in words if word not in FILL_WORDS] or words
        if not meant:
            return
        whole = {self._vocabulary.number_of(word) for word in words}
        found = self._phrases_with(meant)
        for number in _best(found):
            held = self._phrases.words(number)
            score = self._phrases.standings[number] + _MATCH_WEIGHT * found[number]
            score += _COVERAGE_WEIGHT * min(1.0, len(meant) / self._phrases.weights[number])
            if len(held) == len(whole) and whole.issuperset(held):
                score += _WHOLE_PHRASE
            yield self._phrases.owners[number], score, number

    def _phrases_with(self, meant: Sequence[str]) -> dict[int, float]:
        """Phrases with the share, up to 1, in which they hold the words; typos are the second resort."""
        *others, last = meant
        likenesses = [self._vocabulary.like(word) for word in others] + [self._vocabulary.begun_by(last)]
        found = self._all_words(likenesses)
        if not found:
            likenesses = [self._vocabulary.guesses(word) for word in others]
            likenesses.append(self._vocabulary.guesses(last, unfinished=True))
            found = self._all_words(likenesses)
        return found or self._most_words(likenesses)

    def _all_words(self, likenesses: Sequence[dict[int, float]]) -> dict[int, float]:
        """Phrases that hold every word of the query, with the mean likeness."""
        rarest, *others = sorted(likenesses, key=self._reach)
        found = self._holding(rarest)
        for likeness in others:
            alike = likeness.keys()
            held = ((phrase, total, self._phrases.words(phrase)) for phrase, total in found.items())
            found = {
                phrase: total + max(likeness[word] for word in words if word in likeness)
                for phrase, total, words in held
                if not alike.isdisjoint(words)
            }
        if others:
            found = {phrase: total / len(likenesses) for phrase, total in found.items()}
        return found

    def _most_words(self, likenesses: Sequence[dict[int, float]]) -> dict[int, float]:
        """Phrases that hold at least half of the words; a missing word costs more than its share."""
        totals: dict[int, float] = {}
        for likeness in likenesses:
            for phrase, best in self._holding(likeness).items():
                totals[phrase] = totals.get(phrase, 0.0) + best
        count = len(likenesses)
        return {
            phrase: total / count - (1 - total / count) * _PARTIAL_PENALTY
            for phrase, total in totals.items()
            if total >= _PARTIAL_SHARE * count
        }

    def _reach(self, likeness: dict[int, float]) -> int:
        return sum(len(self._postings[word]) for word in likeness)

    def _holding(self, likeness: dict[int, float]) -> dict[int, float]:
        found: dict[int, float] = {}
        for word, quality in sorted(likeness.items(), key=lambda item: item[1]):
            found.update(dict.fromkeys(self._postings[word], quality))
        return found


def _best(found: dict[int, float]) -> list[int]:
    """The phrases worth scoring: those that match best, and of these those of the best standing."""
    by_standing = sorted(found)
    if len(found) > _MOST_PHRASES:
        by_standing.sort(key=found.__getitem__, reverse=True)
    return by_standing[:_MOST_PHRASES]


def _prior(entry: Entry) -> float:
    return _USAGE_WEIGHT * math.log10(1 + entry.usage) + _ASSIGNABLE * entry.assignable
