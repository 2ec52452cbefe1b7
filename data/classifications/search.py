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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from data.classifications.entry import Entry
from data.classifications.forms import FILLER, fold_code
from data.classifications.words import FILL_WORDS, Vocabulary, split_words

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


class _Phrase(NamedTuple):
    """A title or synonym as the index holds it."""

    owner: int
    """Position of its entry."""
    text: str
    words: tuple[int, ...]
    weight: float
    """Sum over its words, those that say little counting little."""
    standing: float
    """What its entry is worth before any query."""


class SearchIndex:
    """An inverted index over the phrases of entries, in memory. Immutable once made."""

    def __init__(self, entries: Iterable[Entry], synonyms: Iterable[Synonym]) -> None:
        self._entries = sorted(entries, key=lambda entry: entry.code)
        self._codes = [entry.code for entry in self._entries]
        self._priors = array("f", (_prior(entry) for entry in self._entries))
        self._vocabulary = Vocabulary()
        self._phrases = sorted(
            (*self._titles(), *self._owned(synonyms)),
            key=lambda phrase: -phrase.standing - _COVERAGE_WEIGHT / phrase.weight,
        )
        self._vocabulary.freeze()
        self._postings = [array("I") for _ in self._vocabulary.words]
        for number, phrase in enumerate(self._phrases):
            for word in phrase.words:
                self._postings[word].append(number)

    def _titles(self) -> Iterator[_Phrase]:
        for owner, entry in enumerate(self._entries):
            if split_words(entry.title):
                yield self._phrase(owner, entry.title, 0.0)

    def _owned(self, synonyms: Iterable[Synonym]) -> Iterator[_Phrase]:
        """Synonyms of the entries that there are: terms may know codes that an imported table has not."""
        for synonym in synonyms:
            owner = self._owner(synonym.code)
            if owner is not None and split_words(synonym.phrase):
                yield self._phrase(owner, synonym.phrase, -_SPECIAL_PENALTY * synonym.special)

    def _phrase(self, owner: int, text: str, bonus: float) -> _Phrase:
        words = dict.fromkeys(split_words(text))
        weight = sum(_FILL_WEIGHT if word in FILL_WORDS else 1.0 for word in words)
        numbers = tuple(self._vocabulary.number(word) for word in words)
        return _Phrase(owner, text, numbers, max(1.0, weight), self._priors[owner] + bonus)

    def _owner(self, code: str) -> int | None:
        position = bisect_left(self._codes, code)
        found = position < len(self._codes) and self._codes[position] == code
        return position if found else None

    def search(self, query: str, limit: int) -> tuple[SearchHit, ...]:
        """At most `limit` entries, best first, each with what the query met."""
        best: dict[int, tuple[float, str]] = {}
        for owner, score, matched in self._found(query):
            if owner not in best or score > best[owner][0]:
                best[owner] = score, matched
        ranked = heapq.nsmallest(max(limit, 0), best, key=lambda owner: (-best[owner][0], self._codes[owner]))
        return tuple(SearchHit(self._entries[owner], best[owner][1]) for owner in ranked)

    def _found(self, query: str) -> list[tuple[int, float, str]]:
        start = fold_code(query)
        by_code = list(self._by_code(start)) if _CODE_START.fullmatch(start) else []
        if by_code and len(start) >= _CODE_ALONE_FROM:
            return by_code
        return by_code + list(self._by_words(split_words(query)[:_MOST_WORDS]))

    def _by_code(self, start: str) -> Iterator[tuple[int, float, str]]:
        """Entries whose code is the query or begins with it; they come before all others."""
        position = bisect_left(self._codes, start)
        if len(start) == 4 and self._codes[position : position + 1] != [start]:
            start = start.removesuffix(FILLER)
            position = bisect_left(self._codes, start)
        while position < len(self._codes) and self._codes[position].startswith(start):
            whole = self._codes[position] in {start, start + FILLER}
            score = _CODE_SCORE + _WHOLE_CODE * whole + self._priors[position]
            yield position, score, self._codes[position]
            position += 1

    def _by_words(self, words: Sequence[str]) -> Iterator[tuple[int, float, str]]:
        meant = [word for word in words if word not in FILL_WORDS] or words
        if not meant:
            return
        whole = {self._vocabulary.number_of(word) for word in words}
        found = self._phrases_with(meant)
        for number in _best(found):
            phrase = self._phrases[number]
            score = phrase.standing + _MATCH_WEIGHT * found[number]
            score += _COVERAGE_WEIGHT * min(1.0, len(meant) / phrase.weight)
            if len(phrase.words) == len(whole) and whole.issuperset(phrase.words):
                score += _WHOLE_PHRASE
            yield phrase.owner, score, phrase.text

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
            found = {
                phrase: total
                + max(likeness[word] for word in self._phrases[phrase].words if word in likeness)
                for phrase, total in found.items()
                if not alike.isdisjoint(self._phrases[phrase].words)
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
