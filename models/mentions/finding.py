"""Mentions: the phrases of terms in a document, the longest winning where they overlap."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from copy import copy
from typing import NamedTuple

from data.episodes import Episode, Role
from data.language import SectionKind
from models.mentions.compiled import CompiledTerm
from models.mentions.conditions import Context, Place
from models.mentions.meanings import Meanings, MeaningsOf, most_specific
from models.mentions.phrases import Hit, PhraseIndex
from models.mentions.term_table import TermTable
from models.text import Reading


class Mention(NamedTuple):
    term: CompiledTerm
    document: int
    first: int
    """Number of the first word in the reading, and of the last."""
    last: int
    start: int
    """Code points of the document as sent."""
    end: int
    statement: int
    section: SectionKind


BlockedKey = tuple[Role, str, str]
"""Role, code, and the normalised words that do not mean it."""


class MentionFinder:
    def __init__(self, terms: Iterable[CompiledTerm]) -> None:
        self._indexes: tuple[PhraseIndex[Meanings], ...] = (_index(terms),)
        self._blocked: frozenset[BlockedKey] = frozenset()

    def with_local(self, terms: Iterable[CompiledTerm], blocked: Iterable[BlockedKey]) -> "MentionFinder":
        """This finder with terms that come before its own, and without meanings that are blocked."""
        other = copy(self)
        other._indexes = (_index(terms), *self._indexes)
        other._blocked = frozenset(blocked)
        return other

    def vocabulary(self) -> Counter[str]:
        """The normalised words of the phrases, and in how many each stands."""
        return sum((index.vocabulary() for index in self._indexes), Counter())

    def find(
        self,
        reading: Reading,
        episode: Episode,
        document: int,
        facts: frozenset[str],
        year: int | None = None,
    ) -> list[Mention]:
        """Mentions in the order of the text; a mention inside a longer one of its role is left out.

        Args:
            facts: of the patient (models/mentions/facts.py).
            year: of the episode, if it is known.
        """
        hits = [hit for index in self._indexes for hit in index.find_apart(reading)]
        hits = [hit for hit in hits if hit.first == hit.last or not reading.maybe_within(hit.first, hit.last)]
        if self._blocked:
            hits = [_unblocked(hit, reading, self._blocked) for hit in hits]
        found = _applicable(hits, Context(reading, episode, facts, year))
        mentions = [
            _mention(reading, document, hit, term)
            for layer in found.values()
            for hit, term in _longest(layer, len(reading.words))
        ]
        return sorted(mentions, key=lambda mention: (mention.first, -mention.last))


def _index(terms: Iterable[CompiledTerm]) -> PhraseIndex[Meanings]:
    table = TermTable.of(terms)
    return PhraseIndex(table.keys, MeaningsOf(table))


def _unblocked(hit: Hit[Meanings], reading: Reading, blocked: Container[BlockedKey]) -> Hit[Meanings]:
    """The hit without the terms that are kept from its words."""
    words = " ".join(reading.words[hit.first : hit.last + 1])
    (meanings,) = hit.payloads
    kept = [
        one.term
        for one in meanings.all
        if all((one.term.role, one.term.code, key) not in blocked for key in (words, one.term.key))
    ]
    return hit if len(kept) == len(meanings.all) else hit._replace(payloads=(Meanings(kept),))


_Found = tuple[Hit[Meanings], CompiledTerm]


def _applicable(hits: Iterable[Hit[Meanings]], context: Context) -> dict[str, list[_Found]]:
    """The hits whose case and conditions hold, each with the term that it stands for, by layer."""
    found: dict[str, list[_Found]] = {}
    for hit in hits:
        meanings, place = hit.payloads[0], Place(context, hit.first, hit.last)
        holding = meanings.all if meanings.certain else meanings.holding(place)
        if len(holding) == 1:
            found.setdefault(holding[0].layer, []).append((hit, holding[0].term))
            continue
        for layer in dict.fromkeys(meaning.layer for meaning in holding):
            terms = [meaning.term for meaning in holding if meaning.layer == layer]
            term = terms[0] if len(terms) == 1 else most_specific(terms, place)
            found.setdefault(layer, []).append((hit, term))
    return found


def _longest(found: Iterable[_Found], words: int) -> Iterator[_Found]:
    taken = bytearray(words)
    for hit, term in sorted(found, key=lambda pair: (pair[0].first - pair[0].last, pair[0].first)):
        if not any(taken[hit.first : hit.last + 1]):
            taken[hit.first : hit.last + 1] = b"\x01" * (hit.last + 1 - hit.first)
            yield hit, term


def _mention(reading: Reading, document: int, hit: Hit[Meanings], term: CompiledTerm) -> Mention:
    first, last, _ = hit
    start, end = reading.span(first, last)
    section = reading.sections.kind_at(reading.starts[first])
    return Mention(term, document, first, last, start, end, reading.statement_of(first), section)
