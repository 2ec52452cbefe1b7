"""Term weights of an episode (TF-IDF), as scikit-learn computes them, with nothing but a dictionary.

Features are runs of normalised words (`left hip`) and, within the boundaries of words, runs of characters
(` hip `), which forgive inflection and typing errors. Each of the two kinds is weighted and scaled to length
one by itself. Counts of the documents of an episode are added up; no run reaches from one into the next.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.folding import FoldedText, fold_text
from models.text.words import find_words

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ReadText:
    """A document's text, folded, with its normalised words and where they stand in the folded text."""

    folded: FoldedText
    words: list[str]
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> "ReadText":
        folded = fold_text(text)
        return cls(folded, *find_words(folded.folded))


@dataclass(frozen=True, slots=True)
class WordRuns:
    """Runs of up to `longest` normalised words."""

    longest: int

    def found(self, text: ReadText) -> Iterator[str]:
        words = text.words
        yield from words
        for length in range(2, self.longest + 1):
            for start in range(len(words) - length + 1):
                yield " ".join(words[start : start + length])

    def spans(self, text: ReadText, wanted: str) -> Iterator[Span]:
        """Where the run stands in the text as sent."""
        run = wanted.split(" ")
        for place in range(len(text.words) - len(run) + 1):
            if text.words[place : place + len(run)] == run:
                yield text.folded.original_span(text.starts[place], text.ends[place + len(run) - 1])


@dataclass(frozen=True, slots=True)
class CharacterRuns:
    """Runs of characters within a word and the blank on each side of it, `shortest` to `longest` of them."""

    shortest: int
    longest: int

    def found(self, text: ReadText) -> Iterator[str]:
        for word in text.folded.folded.split():
            yield from self._of_word(f" {word} ")

    def _of_word(self, padded: str) -> Iterator[str]:
        """A word shorter than a run is one run, whole, once."""
        for length in range(self.shortest, self.longest + 1):
            yield padded[:length]
            for start in range(1, len(padded) - length + 1):
                yield padded[start : start + length]
            if len(padded) <= length:
                break

    def spans(self, text: ReadText, wanted: str) -> Iterator[Span]:
        """The words, as sent, that hold the run."""
        folded, end = text.folded.folded, 0
        for word in folded.split():
            start = folded.index(word, end)
            end = start + len(word)
            if wanted in f" {word} ":
                yield text.folded.original_span(start, end)


Runs = WordRuns | CharacterRuns


@dataclass(frozen=True)
class Block:
    """Features of one kind, with how rare each of them is."""

    runs: Runs
    vocabulary: tuple[str, ...]
    rarity: tuple[float, ...]
    """Inverse document frequency."""

    def __post_init__(self) -> None:
        if len(self.vocabulary) != len(self.rarity) or len(self._places) != len(self.vocabulary):
            raise ValueError("a vocabulary holds each run once, with its rarity")
        if not np.isfinite(self.rarity).all():
            raise ValueError("rarities must be finite")

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {run: place for place, run in enumerate(self.vocabulary)}

    @cached_property
    def _rarity(self) -> Floats:
        return np.asarray(self.rarity, dtype=np.float64)

    def weigh(self, texts: Sequence[ReadText]) -> tuple[Integers, Floats]:
        """Places in the vocabulary, rising, and their weights: (1 + ln count) * rarity, to length one."""
        known = self._places
        counts = Counter(known[run] for text in texts for run in self.runs.found(text) if run in known)
        places = np.asarray(sorted(counts), dtype=np.int64)
        often = np.asarray([counts[place] for place in places.tolist()], dtype=np.float64)
        weights = (1 + np.log(often)) * self._rarity[places]
        length = np.sqrt((weights**2).sum())
        return places, weights / length if length else weights

    def to_json(self) -> dict[str, Any]:
        return {"vocabulary": list(self.vocabulary), "rarity": list(self.rarity), **_runs_json(self.runs)}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Block":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        vocabulary = tuple(map(str, written["vocabulary"]))
        return cls(_runs(written), vocabulary, tuple(map(float, written["rarity"])))


def _runs_json(runs: Runs) -> dict[str, Any]:
    if isinstance(runs, WordRuns):
        return {"runs": "words", "longest": runs.longest}
    return {"runs": "characters", "shortest": runs.shortest, "longest": runs.longest}


def _runs(written: Mapping[str, Any]) -> Runs:
    if written["runs"] == "words":
        return WordRuns(int(written["longest"]))
    return CharacterRuns(int(written["shortest"]), int(written["longest"]))


@dataclass(frozen=True, slots=True)
class Vectoriser:
    """Blocks side by side: the features of the second begin where those of the first end."""

    blocks: tuple[Block, ...]

    @property
    def width(self) -> int:
        return sum(len(block.vocabulary) for block in self.blocks)

    def weigh(self, texts: Sequence[ReadText]) -> tuple[Integers, Floats]:
        """The features of a sequence of documents and the weight of each."""
        places, weights, before = [], [], 0
        for block in self.blocks:
            found, weighed = block.weigh(texts)
            places.append(found + before)
            weights.append(weighed)
            before += len(block.vocabulary)
        return np.concatenate(places), np.concatenate(weights)

    def run_at(self, place: int) -> tuple[Runs, str]:
        """The run that is feature `place`, with what finds it."""
        for block in self.blocks:
            if place < len(block.vocabulary):
                return block.runs, block.vocabulary[place]
            place -= len(block.vocabulary)
        raise IndexError(place)
