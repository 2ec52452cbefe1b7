"""Sentences that stand in two splits of a corpus: what one teaches by heart, the other does not measure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data.episodes import CodedEpisode

SHORTEST = 8
"""Words of a sentence that counts: shorter ones are headings and set phrases."""
MOST_ALIKE = 90.0
"""Per cent of normalised insertions and deletions (rapidfuzz `ratio`)."""
_END = re.compile(r"(?<=[.!?;])\s+|\n+")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_WORD = re.compile(r"\w[\w'/-]*")
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Sentence:
    episode: str
    masked: str
    """Lower case, single spaces, every number as 0."""


@dataclass(frozen=True, slots=True)
class Alike:
    one: Sentence
    other: Sentence
    similarity: float
    """Per cent."""


def sentences(episodes: Iterable[CodedEpisode]) -> Iterator[Sentence]:
    """The sentences of eight words and more."""
    for coded in episodes:
        for document in coded.episode.documents:
            for written in _END.split(document.text):
                masked = _NUMBER.sub("0", " ".join(written.lower().split()))
                if len(_WORD.findall(masked)) >= SHORTEST:
                    yield Sentence(coded.episode.id, masked)


def sentences_alike(one: Iterable[Sentence], other: Iterable[Sentence]) -> Iterator[Alike]:
    """Every pair of the two sets that is too similar, the sentences of `one` in order."""
    from rapidfuzz import fuzz, process

    rows, columns = list(one), list(other)
    if not columns:
        return
    texts = [sentence.masked for sentence in columns]
    for first in range(0, len(rows), _BLOCK):
        block = rows[first : first + _BLOCK]
        scores: Any = process.cdist(
            [sentence.masked for sentence in block], texts, scorer=fuzz.ratio, score_cutoff=MOST_ALIKE
        )
        for row, column in zip(*scores.nonzero(), strict=True):
            yield Alike(block[row], columns[column], float(scores[row, column]))


def split_leaks(splits: Mapping[str, Iterable[CodedEpisode]]) -> Iterator[tuple[str, str, Alike]]:
    """Pairs of splits with the sentences that both hold."""
    names = list(splits)
    found = {name: list(sentences(episodes)) for name, episodes in splits.items()}
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            yield from ((name, other, alike) for alike in sentences_alike(found[name], found[other]))
