"""What a phrase may stand for: its terms, and which of them hold where it stands."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from data.classifications import asterisk_categories
from data.episodes import Role
from data.terms import Need, NeedSubject, TermKind, fold_phrase
from models.mentions.compiled import CompiledTerm
from models.mentions.conditions import Place, closeness, needs_hold
from models.mentions.term_table import TermTable

_SHORT_PHRASE = 5
_APOSTROPHE_INSIDE = re.compile(r"['\u2019\u2018\u02bc\u00b4`](?!s?\Z)")
_POSITIVE = frozenset({NeedSubject.NEAR, NeedSubject.CLOSE, NeedSubject.BEFORE, NeedSubject.AFTER})
_FEW = 4
"""So many terms are looked at one by one; of more only those that the words around allow."""
_MOST_REMEMBERED = 50_000
"""Phrases whose terms are kept as objects once they were met."""


class Meaning(NamedTuple):
    term: CompiledTerm
    layer: str
    """Terms of one layer compete for the text; external causes and manifestations do not."""
    same_letters: bool
    """Abbreviations and very short phrases: no plural or apostrophe is folded away (`PU'd` is no PUD)."""

    def holds(self, place: Place) -> bool:
        needs = self.term.needs
        return (not self.same_letters or _keeps_to(self.term, place.written)) and (
            not needs or needs_hold(needs, place)
        )


class Meanings:
    """Those of one phrase, in the order of their terms."""

    def __init__(self, terms: Iterable[CompiledTerm]) -> None:
        self.all = tuple(Meaning(term, _layer(term), _same_letters(term)) for term in terms)
        self._free: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        if len(self.all) > _FEW:
            self._sort_by_words()

    def _sort_by_words(self) -> None:
        """By the words of which one must stand in the statement; `_free` need none."""
        for number, meaning in enumerate(self.all):
            asked = next((need for need in meaning.term.needs if need.subject in _POSITIVE), None)
            if asked is None:
                self._free.append(number)
            else:
                for word in asked.firsts:
                    self._by_word.setdefault(word, []).append(number)

    def holding(self, place: Place) -> list[Meaning]:
        return [meaning for meaning in self._possible(place) if meaning.holds(place)]

    def _possible(self, place: Place) -> Iterable[Meaning]:
        if len(self.all) <= _FEW:
            return self.all
        possible = set(self._free)
        for word in place.words:
            if word in self._by_word:
                possible.update(self._by_word[word])
        return (self.all[number] for number in sorted(possible))


class MeaningsOf:
    """The meanings of the keys of a table, made when a key is first met."""

    def __init__(self, table: TermTable) -> None:
        self._table = table
        self._known: dict[int, tuple[Meanings]] = {}

    def __call__(self, key: int) -> tuple[Meanings]:
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[key] = (Meanings(self._table.of_key(key)),)
        return known


def most_specific(terms: list[CompiledTerm], place: Place) -> CompiledTerm:
    """Conditions decide first, then case, then the same wording, then the closest words."""
    written = fold_phrase(place.written)
    return max(terms, key=_specificity(written, place))


def _specificity(written: str, place: Place) -> Callable[[CompiledTerm], tuple[int, bool, bool, float]]:
    return lambda term: (
        len(term.needs),
        term.exact_case,
        fold_phrase(term.phrase) == written,
        sum(closeness(need, place) for need in term.needs if _is_close(need)),
    )


def _is_close(need: Need) -> bool:
    return need.subject is NeedSubject.CLOSE


def _layer(term: CompiledTerm) -> str:
    if term.kind == TermKind.HINT:
        return "hint"
    if term.role is Role.DIAGNOSIS and term.code[:3] in asterisk_categories():
        return "manifestation"
    return "cause" if term.role is Role.DIAGNOSIS and term.code[0] in "VWXY" else term.role


def _same_letters(term: CompiledTerm) -> bool:
    return term.exact_case or term.kind == TermKind.ABBREVIATION or len(term.phrase) <= _SHORT_PHRASE


def _keeps_to(term: CompiledTerm, written: str) -> bool:
    wanted, found = _letters(term.phrase), _letters(written)
    if not term.exact_case:
        wanted, found = wanted.lower(), found.lower()
    if found not in {wanted, f"{wanted}s"}:
        return fold_phrase(term.phrase) == fold_phrase(written) and not term.exact_case
    return not _APOSTROPHE_INSIDE.search(written) or bool(_APOSTROPHE_INSIDE.search(term.phrase))


def _letters(written: str) -> str:
    return written if written.isalnum() else "".join(filter(str.isalnum, written))
