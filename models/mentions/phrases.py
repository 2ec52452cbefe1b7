"""Finds many phrases at once: an Aho-Corasick automaton over normalised words.

Phrases and text stand between single spaces, so a hit always begins and ends on whole words.
"""

from collections.abc import Iterable
from typing import Any, Generic, NamedTuple, TypeVar

import ahocorasick

from models.text import Reading

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
        """Every occurrence, overlapping ones too, in order of their ends."""
        if self._empty or not reading.words:
            return []
        word_at = reading.word_at_joined_end
        hits: list[Hit[Payload]] = []
        for end, (spaces, payloads) in self._automaton.iter(reading.joined):
            last = word_at(end)
            if reading.stands_alone(last - spaces, last):
                hits.append(Hit(last - spaces, last, payloads))
        return hits
