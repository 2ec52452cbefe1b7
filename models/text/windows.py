"""Numbers for runs of words: a run is found among a hundred thousand phrases by looking its number up.

The number of a run is a polynomial in the numbers of its words, modulo 2 ** 64; those are digests of the
words. So the numbers of all runs of a text, at every place and of every length, are a few array operations.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
Places = NDArray[np.int64]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_AT_A_TIME = 5_000
_REMEMBERED_WORDS = 100_000
_remembered: dict[str, int] = {}


def word_number(word: str) -> int:
    """Always the same for a word, below 2 ** 64."""
    return int.from_bytes(hashlib.blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest())


def run_numbers(runs: Sequence[str]) -> Numbers:
    """The number of each run of words between single spaces; some at a time, to need little memory."""
    known: dict[str, int] = {}
    parts = [
        _some_numbers(runs[start : start + _AT_A_TIME], known) for start in range(0, len(runs), _AT_A_TIME)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint64)


def _some_numbers(runs: Sequence[str], known: dict[str, int]) -> Numbers:
    flat = " ".join(runs).split(" ")
    for word in set(flat).difference(known):
        known[word] = word_number(word)
    words = np.fromiter((known[word] for word in flat), dtype=np.uint64, count=len(flat))
    lengths = np.fromiter((run.count(" ") + 1 for run in runs), dtype=np.int64, count=len(runs))
    firsts = np.cumsum(lengths) - lengths
    numbers: Numbers = words[firsts]
    for offset in range(1, int(lengths.max(initial=0))):
        longer = lengths > offset
        numbers[longer] = numbers[longer] * _FACTOR + words[firsts[longer] + offset]
    return numbers


class Stream:
    """Words one after another, statements held apart, and which words of the reading they are."""

    def __init__(
        self,
        words: Sequence[str],
        numbers: Sequence[int],
        firsts: Sequence[int],
        whole: "Stream | None" = None,
    ) -> None:
        """
        Args:
            numbers: of the words, in the reading.
            firsts: places, in this stream, of the first word of each statement, in order.
            whole: the stream of all words, if this is not it.
        """
        self.words = words
        self.numbers = numbers
        self._firsts = firsts
        self._whole = whole
        self._windows = np.zeros((0, len(words)), dtype=np.uint64)

    @cached_property
    def number_array(self) -> Places:
        return np.fromiter(self.numbers, dtype=np.int64, count=len(self.numbers))

    @cached_property
    def word_numbers(self) -> Numbers:
        if self._whole is not None:
            chosen: Numbers = self._whole.word_numbers[self.number_array]
            return chosen
        return np.array(_numbers(self.words), dtype=np.uint64)

    @cached_property
    def room(self) -> Places:
        """From each word, the words to the end of its statement, itself included."""
        count = len(self.words)
        bounds = np.array([0, *self._firsts[1:], count], dtype=np.int64)
        ends = bounds[1:]
        return ends.repeat(ends - bounds[:-1]) - np.arange(count)

    def windows(self, longest: int) -> Numbers:
        """In row n, the number of the run of n + 1 words from each place; past the end it means nothing."""
        if len(self._windows) < longest:
            self._windows = self._rows(longest)
        return self._windows[:longest]

    def _rows(self, longest: int) -> Numbers:
        count = len(self.words)
        rows = np.zeros((longest, count), dtype=np.uint64)
        rows[0] = self.word_numbers
        for offset in range(1, min(longest, count)):
            run = rows[offset, : count - offset]
            np.multiply(rows[offset - 1, : count - offset], _FACTOR, out=run)
            run += rows[0, offset:]
        return rows


def _numbers(words: Iterable[str]) -> list[int]:
    known = _remembered.get
    return [known(word) or _remember(word) for word in words]


def _remember(word: str) -> int:
    number = word_number(word)
    if len(_remembered) < _REMEMBERED_WORDS:
        _remembered[word] = number
    return number
