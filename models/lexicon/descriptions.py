"""Codes by their descriptions: words of the text, put into words of titles, against all titles of a table.

How words stand for each other is learned (training/lexicon.py) and, for words that are never seen with a
code, guessed from how they are written: `hiperplasia` and `hyperplasia`. So codes that no training document
was given can be found, in another language than that of the titles, too. A label set without titles
describes its codes by their parts: the characters of a procedure code are section, system, operation, site.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import fsum, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.classifications import Classification, EntryKind
from data.classifications.forms import with_filler
from data.episodes import Role
from models.lexicon.words import grams, likeness, stems
from models.text import normal_words
from models.text.folding import fold_text

Floats = NDArray[np.float64]
Described = tuple[str, frozenset[str]]
"""A code, and the words of one of its descriptions."""
_SMALL_WORDS = "of the and in with to other unspecified not elsewhere classified for by due site encounter"
_SMALL = frozenset(stems(_SMALL_WORDS.split()))
_NO_CODES = frozenset({EntryKind.CHAPTER, EntryKind.BLOCK})
_LONGEST_CODE = 6
"""US codes of seven characters are the sixth with an encounter."""
_LEAST_LIKE, _CLEARLY_LIKE = 0.45, 0.5
_MOST_LIKE = 8
_MOST_DESCRIPTIONS, _MOST_CODES = 24, 10
_LEAST_SCORE = 0.15
_UNKNOWN_WEIGHT = 3.0
"""Of a word of the text that stands for no word of any title."""
_REMEMBERED = 50_000


class Meaning(NamedTuple):
    """A code that a phrase may mean."""

    code: str
    score: float
    """Cosine of phrase and description, words weighed by how rare they are."""
    title_share: float
    """Of the description that the phrase covers."""
    phrase_share: float
    """Of the phrase that the description covers."""
    rank: int
    behind: float
    """How much less than the best score."""


def described_codes(role: Role, table: Classification, known: Iterable[str]) -> tuple[Described, ...]:
    """The titles of a table, and what else names its codes, titles first.

    Where it has no titles, the parts of known codes and of their recombinations.
    """
    divided = {entry.code[:3] for entry in table if len(entry.code) > 3}
    entries = [
        entry
        for entry in table
        if entry.kind not in _NO_CODES and len(entry.code) <= _LONGEST_CODE and entry.code not in divided
    ]
    titles = [(entry.code, entry.title) for entry in entries if entry.title]
    if not titles:
        return parts_of_codes(known)
    codes = {entry.code for entry in entries}
    titles += [(one.code, one.phrase) for one in table.synonyms() if one.code in codes]
    described = ((_stored(role, code), _title_words(title)) for code, title in titles)
    return tuple((code, words) for code, words in described if words)


def _stored(role: Role, code: str) -> str:
    return with_filler(code) if role is Role.DIAGNOSIS else code


def _title_words(title: str) -> frozenset[str]:
    return frozenset(stems(normal_words(fold_text(title).folded))) - _SMALL


def parts_of_codes(known: Iterable[str]) -> tuple[Described, ...]:
    codes = sorted(set(known))
    beginnings = {code[:3] for code in codes}
    rests: dict[str, set[str]] = {}
    for code in codes:
        rests.setdefault(code[:2], set()).add(code[3:])
    made = {begin + rest for begin in beginnings for rest in rests[begin[:2]]} | set(codes)
    return tuple((code, _parts(code)) for code in sorted(made))


def _parts(code: str) -> frozenset[str]:
    """`BW24`: section B, system BW, operation B.2, site BW..4, and what follows the site as one part."""
    named = {f"s:{code[0]}", f"y:{code[:2]}", f"o:{code[0]}.{code[2:3]}"}
    if code[3:4]:
        named.add(f"p:{code[:2]}..{code[3]}")
    if code[4:]:
        named.add(f"r:{code[0]}...{code[4:]}")
    return frozenset(named)


class DescriptionIndex:
    """The descriptions of a table by their words. Immutable; lexica share it."""

    def __init__(self, described: Sequence[Described]) -> None:
        self.described = described
        counts = Counter(word for _, words in described for word in words)
        self.rarity = {word: log(len(described) / count) + 0.01 for word, count in counts.items()}
        holders: dict[str, list[int]] = {}
        for place, (_, words) in enumerate(described):
            for word in words:
                holders.setdefault(word, []).append(place)
        self.holders = {word: np.asarray(found) for word, found in holders.items()}
        # exact: words of a title come in another order in each process, and a plain sum's last bit with it
        self.sums = np.array([fsum(self.rarity[word] for word in words) for _, words in described])
        squares = (fsum(self.rarity[word] ** 2 for word in words) for _, words in described)
        self.norms = np.sqrt(np.fromiter(squares, dtype=np.float64, count=len(described)))
        self.cognates = Cognates(word for word in sorted(counts) if ":" not in word)
        self.titles: dict[str, frozenset[str]] = {}
        for code, words in described:
            self.titles.setdefault(code, words)
        self.parents = frozenset(code[:-1] for code in self.titles if len(code) > 3)


def index_descriptions(role: Role, table: Classification, known: Iterable[str]) -> DescriptionIndex:
    """Of a table, made once; of a label set, made for the codes that are known."""
    if any(entry.title for entry in table):
        return _index_of_table(role, table)
    return _index_of_labels(tuple(sorted(set(known))))


@lru_cache(maxsize=4)
def _index_of_table(role: Role, table: Classification) -> DescriptionIndex:
    return DescriptionIndex(described_codes(role, table, ()))


@lru_cache(maxsize=4)
def _index_of_labels(codes: tuple[str, ...]) -> DescriptionIndex:
    return DescriptionIndex(parts_of_codes(codes))


class Descriptions:
    """Immutable but for its memory of phrases; threads may share it."""

    def __init__(self, index: DescriptionIndex, translations: Mapping[str, Mapping[str, float]]) -> None:
        self._translations = translations
        self._described = index.described
        self._rarity = index.rarity
        self._holders = index.holders
        self._sums = index.sums
        self._norms = index.norms
        self._cognates = index.cognates
        self._known: dict[tuple[str, ...], tuple[Meaning, ...]] = {}

    def meanings(self, words: tuple[str, ...]) -> tuple[Meaning, ...]:
        """The codes that a phrase may mean, best first."""
        known = self._known.get(words)
        if known is None:
            known = tuple(self._find(words)) if self._described else ()
            if len(self._known) < _REMEMBERED:
                self._known[words] = known
        return known

    def _find(self, words: tuple[str, ...]) -> Iterable[Meaning]:
        stands_for = [self.stands_for(word) for word in words]
        query: dict[str, float] = {}
        for found in stands_for:
            for word, weight in found.items():
                query[word] = max(weight, query.get(word, 0.0))
        if not query:
            return []
        best = [
            max((w * self._rarity[word] for word, w in found.items()), default=0.0) for found in stands_for
        ]
        norm = sqrt(sum(max(weight, _UNKNOWN_WEIGHT) ** 2 for weight in best))
        scores = self._scores(query) / norm
        return self._ranked(scores, query, stands_for)

    def _scores(self, query: Mapping[str, float]) -> Floats:
        holders = [self._holders[word] for word in query]
        weights = np.repeat(
            [weight * self._rarity[word] ** 2 for word, weight in query.items()],
            [len(found) for found in holders],
        )
        sums = np.bincount(np.concatenate(holders), weights, minlength=len(self._norms))
        return np.asarray(sums / self._norms, dtype=np.float64)

    def _ranked(
        self, scores: Floats, query: Mapping[str, float], stands_for: Sequence[Mapping[str, float]]
    ) -> list[Meaning]:
        most = min(_MOST_DESCRIPTIONS, len(scores))
        best = np.argpartition(-scores, most - 1)[:most]
        best = best[np.lexsort((best, -scores[best]))]
        found: dict[str, Meaning] = {}
        top = float(scores[best[0]])
        for place in best:
            code, words = self._described[place]
            score = float(scores[place])
            if code in found or score < _LEAST_SCORE or len(found) >= _MOST_CODES:
                continue
            title = fsum(query.get(word, 0.0) * self._rarity[word] for word in words) / self._sums[place]
            covered = [max((one.get(word, 0.0) for word in words), default=0.0) for one in stands_for]
            found[code] = Meaning(
                code, score, float(title), sum(covered) / len(covered), len(found), top - score
            )
        return list(found.values())

    def stands_for(self, word: str) -> dict[str, float]:
        """Words of titles, and how surely (0 to 1) the word stands for each."""
        learned = self._translations.get(word, {})
        surest = max(learned.values(), default=0.0)
        found = {
            other: min(weight / surest, 1.0) * min(1.0, 0.4 + surest)
            for other, weight in learned.items()
            if other in self._rarity
        }
        for other, alike in self._cognates.of(word).items():
            guess = (alike - 0.3) * 1.2 if alike > _CLEARLY_LIKE else 0.3 * alike
            found[other] = max(guess, found.get(other, 0.0))
        return found


class Cognates:
    """Words that are written alike, the usual shifts between Romance languages and English apart."""

    def __init__(self, words: Iterable[str]) -> None:
        self._sizes: dict[str, int] = {}
        self._holders: dict[str, list[str]] = {}
        for word in sorted(set(words)):
            if len(word) < 4:
                self._holders.setdefault(word, []).append(word)
                self._sizes[word] = 1
                continue
            found = grams(_common_spelling(word))
            self._sizes[word] = len(found)
            for gram in found:
                self._holders.setdefault(gram, []).append(word)
        self._known: dict[str, dict[str, float]] = {}

    def of(self, word: str) -> dict[str, float]:
        known = self._known.get(word)
        if known is None:
            known = self._find(word)
            if len(self._known) < _REMEMBERED:
                self._known[word] = known
        return known

    def _find(self, word: str) -> dict[str, float]:
        own = {word} if len(word) < 4 else grams(_common_spelling(word))
        shared = Counter(other for gram in own for other in self._holders.get(gram, ()))
        alike = ((other, likeness(count, len(own), self._sizes[other])) for other, count in shared.items())
        near = sorted(
            (pair for pair in alike if pair[1] >= _LEAST_LIKE), key=lambda pair: (-pair[1], pair[0])
        )
        return dict(near[:_MOST_LIKE])


_SHIFTS = (
    ("ph", "f"),
    ("th", "t"),
    ("y", "i"),
    ("rrh", "rr"),
    ("rh", "r"),
    ("ch", "c"),
    ("k", "c"),
    ("qu", "c"),
)


def _common_spelling(word: str) -> str:
    for written, common in _SHIFTS:
        word = word.replace(written, common)
    return word
