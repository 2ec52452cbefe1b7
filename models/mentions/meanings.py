"""What a phrase may stand for: its terms, and which of them hold where it stands."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from data.classifications import asterisk_categories
from data.episodes import Role
from data.terms import Need, NeedSubject, TermKind, fold_phrase
from models.mentions.compiled import CompiledTerm
from models.mentions.conditions import Place, apostrophe_inside, closeness, letters_of, needs_hold
from models.mentions.term_table import TermTable

_SHORT_PHRASE = 5
_POSITIVE = frozenset({NeedSubject.NEAR, NeedSubject.CLOSE, NeedSubject.BEFORE, NeedSubject.AFTER})
_FEW = 4
"""So many terms are looked at one by one; of more only those that the words around allow."""
_MOST_REMEMBERED = 50_000
"""Phrases whose terms are kept as objects once they were met."""


class Letters(NamedTuple):
    """How an abbreviation or a very short phrase is written, to be compared with the text."""

    exact_case: bool
    plain: frozenset[str]
    """Its letters and digits, without and with a plural s; small unless case counts."""
    capitals: tuple[tuple[int, str], ...]
    """Where beside words in small letters only the capitals count: `right CTD`, `Right CTD`."""
    folded: str
    apostrophe: bool
    """It has an apostrophe inside itself."""

    @classmethod
    def of(cls, term: CompiledTerm) -> "Letters":
        letters = letters_of(term.phrase)
        mixed = any(word.islower() for word in term.phrase.split()) and not term.phrase.islower()
        plain = letters if term.exact_case and not mixed else letters.lower()
        capitals = tuple((place, letter) for place, letter in enumerate(letters) if letter.isupper())
        return cls(
            term.exact_case and not mixed,
            frozenset({plain, f"{plain}s"}),
            capitals if term.exact_case and mixed else (),
            fold_phrase(term.phrase),
            apostrophe_inside(term.phrase),
        )

    def stand_at(self, place: Place) -> bool:
        """No plural or apostrophe is folded away: `PU'd` is no PUD."""
        if (place.letters if self.exact_case else place.small_letters) not in self.plain:
            return not self.exact_case and not self.capitals and self.folded == place.folded
        if any(place.letters[at] != letter for at, letter in self.capitals):
            return False
        return self.apostrophe or not place.apostrophe


class Meaning(NamedTuple):
    term: CompiledTerm
    layer: str
    """Terms of one layer compete for the text; external causes, manifestations and U07 do not."""
    letters: Letters | None
    """Of abbreviations and very short phrases, which must be written so."""

    def holds(self, place: Place) -> bool:
        needs = self.term.needs
        return (self.letters is None or self.letters.stand_at(place)) and (
            not needs or needs_hold(needs, place)
        )


class Meanings:
    """Those of one phrase, in the order of their terms."""

    def __init__(self, terms: Iterable[CompiledTerm]) -> None:
        self.all = tuple(Meaning(term, _layer(term), _letters(term)) for term in terms)
        self.certain = all(one.letters is None and not one.term.needs for one in self.all)
        """They hold wherever the phrase stands."""
        self._asking = [(_asked(meaning), meaning) for meaning in self.all]
        self._free: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        if len(self.all) > _FEW:
            self._sort_by_words()

    def _sort_by_words(self) -> None:
        """By the words of which one must stand in the statement; `_free` need none."""
        for number, (asked, _) in enumerate(self._asking):
            if asked is None:
                self._free.append(number)
            else:
                for word in asked:
                    self._by_word.setdefault(word, []).append(number)
        self._words = frozenset(self._by_word)

    def holding(self, place: Place) -> list[Meaning]:
        return [one for one in self._possible(place.words) if one.holds(place)]

    def _possible(self, statement: frozenset[str]) -> list[Meaning]:
        """Those that hold as far as the words of the statement tell: most phrases mean nothing there."""
        if len(self.all) <= _FEW:
            return [one for asked, one in self._asking if asked is None or not asked.isdisjoint(statement)]
        words = self._words & statement
        if not words:
            return [self.all[number] for number in self._free]
        possible = set(self._free).union(*(self._by_word[word] for word in words))
        return [self.all[number] for number in sorted(possible)]


def _asked(meaning: Meaning) -> frozenset[str] | None:
    """Words of which one must stand in the statement, if its conditions ask for any."""
    return next((need.firsts for need in meaning.term.needs if need.subject in _POSITIVE), None)


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
    """Conditions decide first, then case, the same wording, the closest words, and what goes with it."""
    strictest = max(map(_strictness, terms))
    left = [term for term in terms if _strictness(term) == strictest]
    return left[0] if len(left) == 1 else max(left, key=_likeness(place))


def _strictness(term: CompiledTerm) -> tuple[int, bool]:
    return len(term.needs), term.exact_case


def _likeness(place: Place) -> Callable[[CompiledTerm], tuple[bool, float, int]]:
    return lambda term: (
        fold_phrase(term.phrase) == place.folded,
        sum(closeness(need, place) for need in term.needs if _is_close(need)),
        len(term.companions),
    )


def _is_close(need: Need) -> bool:
    return need.subject is NeedSubject.CLOSE


_BESIDE_OTHERS = frozenset({"U07", "Z38"})
"""COVID beside its pneumonia, the birth beside its weight: the same words tell both."""


def _layer(term: CompiledTerm) -> str:
    if term.kind == TermKind.HINT:
        return "hint"
    if term.role is Role.DIAGNOSIS and term.code[:3] in asterisk_categories():
        return "manifestation"
    if term.role is Role.DIAGNOSIS and term.code[:3] in _BESIDE_OTHERS:
        return term.code[:3]
    return "cause" if term.role is Role.DIAGNOSIS and term.code[0] in "VWXY" else term.role


def _letters(term: CompiledTerm) -> Letters | None:
    short = term.exact_case or term.kind == TermKind.ABBREVIATION or len(term.phrase) <= _SHORT_PHRASE
    return Letters.of(term) if short else None
