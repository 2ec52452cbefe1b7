"""Finds many phrases at once: an Aho-Corasick automaton over normalised words.

Phrases and text stand between single spaces, so a hit always begins and ends on whole words.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

import ahocorasick

from models.text import Reading, Stream

Payload = TypeVar("Payload")


class Hit(NamedTuple, Generic[Payload]):
    first: int
    """Number of the first word, and of the last."""
    last: int
    payloads: tuple[Payload, ...]


class PhraseIndex(Generic[Payload]):
    def __init__(self, phrases: Iterable[tuple[str, Payload]]) -> None:
        """From normalised words and what they stand for; a phrase may stand for several things."""
        payloads: dict[str, list[Payload]] = {}
        for key, payload in phrases:
            if key:
                payloads.setdefault(key, []).append(payload)
        self._automaton: Any = ahocorasick.Automaton()
        for key, found in payloads.items():
            self._automaton.add_word(f" {key} ", (key.count(" "), tuple(found)))
        if payloads:
            self._automaton.make_automaton()
        self._empty = not payloads

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
        if self._empty or not stream.numbers:
            return
        place_at, numbers, stands_alone = stream.place_at, stream.numbers, reading.stands_alone
        for end, (spaces, payloads) in self._automaton.iter(stream.joined):
            place = place_at(end)
            first, last = numbers[place - spaces], numbers[place]
            if (last - first > spaces or not apart) and stands_alone(first, last):
                yield Hit(first, last, payloads)
