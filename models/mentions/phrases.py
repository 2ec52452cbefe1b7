"""Finds many phrases at once: the runs of words of a text, of every length, looked up by their numbers.

A run that has the number of a phrase is compared with it word by word, so what is found is always exact.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.packed import PackedStrings
from models.text import Reading, Stream, run_numbers

Payload = TypeVar("Payload")
_ROOM_IN_FILTER = 16
"""Places of the filter for each phrase: of 16 runs that are no phrase it lets one pass."""
_WORD_BITS = 64
_MOST_REMEMBERED = 50_000
"""Phrases that are kept as strings once they were met."""


class Hit(NamedTuple, Generic[Payload]):
    first: int
    """Number of the first word, and of the last."""
    last: int
    payloads: tuple[Payload, ...]


_PAIR = 2
_Run = tuple[int, int, int]
"""Words of a stream that are a phrase: the last, the first, and the number of the phrase."""


class PhraseKeys:
    """Different phrases, each of normalised words between single spaces, numbered in the order given."""

    def __init__(self, keys: Sequence[str]) -> None:
        numbers = run_numbers(keys)
        order = np.argsort(numbers, kind="stable")
        self._keys = PackedStrings(keys)
        self._met: dict[int, str] = {}
        self._longest = max((key.count(" ") + 1 for key in keys), default=0)
        self._numbers = numbers[order]
        self._order = order.astype(np.int32)
        bits = (_ROOM_IN_FILTER * len(keys)).bit_length()
        self._shift = np.uint64(_WORD_BITS - bits)
        self._filter = np.zeros(1 << bits, dtype=np.bool_)
        self._filter[self._numbers >> self._shift] = True
        self._begun = np.zeros(1 << bits, dtype=np.bool_)
        self._begun[run_numbers(_first_pairs(keys)) >> self._shift] = True
        if len(keys) > 1 and (np.diff(self._numbers) == 0).any():
            raise ValueError("a phrase stands twice")

    def __len__(self) -> int:
        return len(self._keys)

    def vocabulary(self) -> Counter[str]:
        """The words, and in how many phrases each stands."""
        return Counter(chain.from_iterable(key.split(" ") for key in self._keys))

    def runs(self, stream: Stream, *, apart: bool) -> list[_Run]:
        """The phrases in a stream, the first to end first; `apart`: only with left-out words inside."""
        if not self._longest or not len(stream.words):
            return []
        numbers, starts, ends = self._likely(stream, apart)
        places = np.searchsorted(self._numbers, numbers)
        places[places == len(self._numbers)] = 0
        same = self._numbers[places] == numbers
        keys = self._order[places[same]].tolist()
        words, written = stream.words, self._written
        return sorted(
            (end, start, key)
            for end, start, key in zip(ends[same].tolist(), starts[same].tolist(), keys, strict=True)
            if written(key) == " ".join(words[start : end + 1])
        )

    def _likely(
        self, stream: Stream, apart: bool
    ) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
        """The numbers of runs that the filter lets pass, with their first words and their last."""
        windows = stream.windows(self._longest)
        more, starts = self._passing(windows)
        inside = more < stream.room[starts]
        more, starts = more[inside], starts[inside]
        ends = starts + more
        if apart:
            words = stream.number_array
            gaps = words[ends] - words[starts] > more
            more, starts, ends = more[gaps], starts[gaps], ends[gaps]
        return windows[more, starts], starts, ends

    def _passing(self, windows: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns that the filter lets pass; long runs only where the first two words begin one."""
        more, starts = np.nonzero(self._filter[windows[:_PAIR] >> self._shift])
        if len(windows) <= _PAIR:
            return more, starts
        begun = np.flatnonzero(self._begun[windows[_PAIR - 1] >> self._shift])
        longer, columns = np.nonzero(self._filter[windows[_PAIR:, begun] >> self._shift])
        return np.concatenate((more, longer + _PAIR)), np.concatenate((starts, begun[columns]))

    def _written(self, key: int) -> str:
        """A phrase; those that were met once are likely to be met again, and kept."""
        known = self._met.get(key)
        if known is None:
            if len(self._met) >= _MOST_REMEMBERED:
                self._met.clear()
            known = self._met[key] = self._keys[key]
        return known


def _first_pairs(keys: Iterable[str]) -> list[str]:
    """The first two words of the phrases that have more."""
    split = (key.split(" ", _PAIR) for key in keys)
    return list({f"{words[0]} {words[1]}" for words in split if len(words) > _PAIR})


class PhraseIndex(Generic[Payload]):
    """Immutable; threads may share it."""

    def __init__(self, keys: PhraseKeys, payloads: Callable[[int], tuple[Payload, ...]]) -> None:
        """
        Args:
            payloads: what the key of this number stands for.
        """
        self._keys = keys
        self._payloads = payloads

    @classmethod
    def of(cls, phrases: Iterable[tuple[str, Payload]]) -> "PhraseIndex[Payload]":
        """From normalised words and what they stand for; a phrase may stand for several things."""
        payloads: dict[str, tuple[Payload, ...]] = {}
        for key, payload in phrases:
            if key:
                payloads[key] = (*payloads.get(key, ()), payload)
        return cls(PhraseKeys(tuple(payloads)), tuple(payloads.values()).__getitem__)

    def vocabulary(self) -> Counter[str]:
        return self._keys.vocabulary()

    def find(self, reading: Reading) -> list[Hit[Payload]]:
        """Every occurrence, overlapping ones too."""
        return list(self._hits(reading, reading.full))

    def find_apart(self, reading: Reading) -> list[Hit[Payload]]:
        """Every occurrence, and those with words inside that change nothing: `fracture of left hip`."""
        hits = self.find(reading)
        if len(reading.lean.numbers) < len(reading.words):
            hits.extend(self._hits(reading, reading.lean, apart=True))
        return hits

    def _hits(self, reading: Reading, stream: Stream, apart: bool = False) -> Iterator[Hit[Payload]]:
        numbers, stands_alone, payloads = stream.numbers, reading.stands_alone, self._payloads
        for end, start, key in self._keys.runs(stream, apart=apart):
            first, last = numbers[start], numbers[end]
            if stands_alone(first, last):
                yield Hit(first, last, payloads(key))
