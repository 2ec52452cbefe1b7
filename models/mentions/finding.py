"""Mentions: the phrases of terms in a document, the longest winning where they overlap."""

import re
from collections.abc import Container, Iterable, Iterator
from copy import copy
from itertools import chain
from typing import NamedTuple

from data.classifications import asterisk_categories
from data.episodes import Episode, Role
from data.language import SectionKind
from data.terms import NeedSubject, TermKind, fold_phrase
from models.mentions.compiled import CompiledTerm
from models.mentions.conditions import Context, Place, closeness, needs_hold
from models.mentions.phrases import Hit, PhraseIndex
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


class _Pattern(NamedTuple):
    """A term, and how closely the text must keep to its wording."""

    term: CompiledTerm
    same_letters: bool
    """Abbreviations and very short phrases: no plural or apostrophe is folded away (`PU'd` is no PUD)."""


_SHORT_PHRASE = 5
_APOSTROPHE_INSIDE = re.compile(r"['\u2019\u2018\u02bc\u00b4`](?!s?\Z)")
_UNFOLDED_PLURAL = 2
"""Letters of an abbreviation whose plural is too short to be folded: `PEs`."""
_ARTICLES = frozenset({"the", "a", "an"})


BlockedKey = tuple[Role, str, str]
"""Role, code, and the normalised words that do not mean it."""


class MentionFinder:
    def __init__(self, terms: Iterable[CompiledTerm]) -> None:
        self._indexes: tuple[PhraseIndex[_Pattern], ...] = (_index(terms),)
        self._blocked: frozenset[BlockedKey] = frozenset()

    def with_local(self, terms: Iterable[CompiledTerm], blocked: Iterable[BlockedKey]) -> "MentionFinder":
        """This finder with terms that come before its own, and without meanings that are blocked."""
        other = copy(self)
        other._indexes = (_index(terms), *self._indexes)
        other._blocked = frozenset(blocked)
        return other

    def find(self, reading: Reading, episode: Episode, document: int) -> list[Mention]:
        """Mentions in the order of the text; a mention inside a longer one of its role is left out."""
        hits = chain.from_iterable(index.find_apart(reading) for index in self._indexes)
        if self._blocked:
            hits = chain.from_iterable(_unblocked(hit, reading, self._blocked) for hit in hits)
        found = _applicable(hits, Context(reading, episode))
        mentions = [
            _mention(reading, document, hit, term)
            for layer in found.values()
            for hit, term in _longest(layer, len(reading.words))
        ]
        return sorted(mentions, key=lambda mention: (mention.first, -mention.last))


def _index(terms: Iterable[CompiledTerm]) -> PhraseIndex[_Pattern]:
    return PhraseIndex(pair for term in terms for pair in _patterns(term))


def _unblocked(
    hit: Hit[_Pattern], reading: Reading, blocked: Container[BlockedKey]
) -> Iterator[Hit[_Pattern]]:
    """The hit without the terms that are kept from its words; nothing where none is left."""
    words = " ".join(reading.words[hit.first : hit.last + 1])
    kept = tuple(
        pattern
        for pattern in hit.payloads
        if all(
            (pattern.term.role, pattern.term.code, key) not in blocked for key in (words, pattern.term.key)
        )
    )
    if kept:
        yield hit._replace(payloads=kept)


def _patterns(term: CompiledTerm) -> Iterator[tuple[str, _Pattern]]:
    short = term.kind == TermKind.ABBREVIATION or len(term.phrase) <= _SHORT_PHRASE
    pattern = _Pattern(term, short or term.exact_case)
    key = term.key
    yield key, pattern
    words = key.split(" ")
    if term.exact_case and len(words[-1]) == _UNFOLDED_PLURAL:
        yield f"{key}s", pattern
    without_articles = " ".join(word for word in words[1:] if word not in _ARTICLES)
    if len(words) > 2 and f"{words[0]} {without_articles}" != key:
        yield f"{words[0]} {without_articles}".strip(), pattern


_Found = tuple[Hit[_Pattern], CompiledTerm]


def _layer(term: CompiledTerm) -> str:
    """Terms of one layer compete for the text; external causes and manifestations do not."""
    if term.kind == TermKind.HINT:
        return "hint"
    if term.role is Role.DIAGNOSIS and term.code[:3] in asterisk_categories():
        return "manifestation"
    return "cause" if term.role is Role.DIAGNOSIS and term.code[0] in "VWXY" else term.role


def _applicable(hits: Iterable[Hit[_Pattern]], context: Context) -> dict[str, list[_Found]]:
    """The hits whose case and conditions hold, each with the term that it stands for, by layer."""
    reading = context.reading
    found: dict[str, list[_Found]] = {}
    for hit in hits:
        place = Place(context, hit.first, hit.last)
        terms = [
            pattern.term
            for pattern in hit.payloads
            if (not pattern.same_letters or _keeps_to(pattern.term, reading.written(hit.first, hit.last)))
            and (not pattern.term.needs or needs_hold(pattern.term.needs, place))
        ]
        for layer in {_layer(term) for term in terms}:
            of_layer = [term for term in terms if _layer(term) == layer]
            term = of_layer[0] if len(of_layer) == 1 else _most_specific(of_layer, reading, hit, place)
            found.setdefault(layer, []).append((hit, term))
    return found


def _most_specific(
    terms: list[CompiledTerm], reading: Reading, hit: Hit[_Pattern], place: Place
) -> CompiledTerm:
    """Conditions decide first, then case, then the same wording, then the closest words."""
    written = fold_phrase(reading.written(hit.first, hit.last))
    return max(
        terms,
        key=lambda term: (
            len(term.needs),
            term.exact_case,
            fold_phrase(term.phrase) == written,
            sum(closeness(need, place) for need in term.needs if need.subject is NeedSubject.CLOSE),
        ),
    )


def _keeps_to(term: CompiledTerm, written: str) -> bool:
    wanted, found = _letters(term.phrase), _letters(written)
    if not term.exact_case:
        wanted, found = wanted.lower(), found.lower()
    if found not in {wanted, f"{wanted}s"}:
        return fold_phrase(term.phrase) == fold_phrase(written) and not term.exact_case
    return not _APOSTROPHE_INSIDE.search(written) or bool(_APOSTROPHE_INSIDE.search(term.phrase))


def _letters(written: str) -> str:
    return "".join(character for character in written if character.isalnum())


def _longest(found: Iterable[_Found], words: int) -> Iterator[_Found]:
    taken = bytearray(words)
    for hit, term in sorted(found, key=lambda pair: (pair[0].first - pair[0].last, pair[0].first)):
        if not any(taken[hit.first : hit.last + 1]):
            taken[hit.first : hit.last + 1] = b"\x01" * (hit.last + 1 - hit.first)
            yield hit, term


def _mention(reading: Reading, document: int, hit: Hit[_Pattern], term: CompiledTerm) -> Mention:
    start, end = reading.span(hit.first, hit.last)
    return Mention(
        term=term,
        document=document,
        first=hit.first,
        last=hit.last,
        start=start,
        end=end,
        statement=reading.statement_of(hit.first),
        section=reading.sections.kind_at(reading.starts[hit.first]),
    )
