"""Whether the conditions of a term hold where its phrase stands."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from data.episodes import Episode
from data.language import SectionKind
from data.terms import Need, NeedSubject, fold_phrase
from models.mentions.weights import low_weights
from models.text import Reading

_REACH = 6
"""Words before and after a phrase that its conditions look at."""
_SMALL = frozenset({"the", "a", "an", "his", "her", "their", "likely", "probably"})
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


PAST_YEAR, LONG_PAST_YEAR = "pastyear", "longpastyear"
"""Stand in conditions for a year at least two, and at least five, before that of the episode."""
_PAST_AFTER, _LONG_PAST_AFTER = 2, 5
_EARLIEST_YEAR = 1900
_APOSTROPHE_INSIDE = re.compile(r"['\u2019\u2018\u02bc\u00b4`](?!s?\Z)")

Held = TypeVar("Held")
Owner = TypeVar("Owner")


class _once(Generic[Owner, Held]):
    """A property that is worked out when first asked for: cached_property without its lock of Python 3.11."""

    def __init__(self, work: Callable[[Owner], Held]) -> None:
        self._work = work
        self._name = work.__name__

    def __get__(self, owner: Owner, _kind: type[Owner]) -> Held:
        held = owner.__dict__[self._name] = self._work(owner)
        return held


def letters_of(written: str) -> str:
    return written if written.isalnum() else "".join(filter(str.isalnum, written))


def apostrophe_inside(written: str) -> bool:
    """Not only before a last s, or at the end."""
    plain = written.isascii() and written.isalnum()
    return not plain and _APOSTROPHE_INSIDE.search(written) is not None


class Context:
    """One document of an episode, as conditions ask for it; put together only as far as they do."""

    def __init__(
        self, reading: Reading, episode: Episode, facts: frozenset[str], year: int | None = None
    ) -> None:
        """
        Args:
            facts: of the patient.
            year: of the episode, if it is known.
        """
        self.reading = reading
        self.episode = episode
        self.facts = facts
        self._year = year
        self._statements: dict[int, str] = {}
        self._words: dict[int, frozenset[str]] = {}

    def words(self, number: int) -> frozenset[str]:
        """Of a statement."""
        known = self._words.get(number)
        if known is None:
            first, end = self.reading.statement_words(number)
            words = self.reading.words[first:end]
            known = self._words[number] = frozenset([*words, *self.years_past(words), *low_weights(words)])
        return known

    def tells(self, need: Need) -> bool:
        """One of these words stands somewhere in the document."""
        words = self._all_words
        return not words.isdisjoint(need.firsts) and any(
            first in words and (first == word or f" {word} " in self._whole)
            for word, first in zip(need.values, need.first_of_each, strict=True)
        )

    @_once
    def _all_words(self) -> frozenset[str]:
        return frozenset(self.reading.words)

    @_once
    def _whole(self) -> str:
        return f" {' '.join(self.reading.words)} "

    def years_past(self, words: Iterable[str]) -> list[str]:
        """What the years among these words are to the episode, as conditions name it."""
        found: list[str] = []
        for word in words:
            if len(word) != 4 or self._year is None or not word.isdecimal():
                continue
            if _EARLIEST_YEAR <= int(word) <= self._year - _PAST_AFTER:
                found.append(PAST_YEAR)
                if int(word) <= self._year - _LONG_PAST_AFTER:
                    found.append(LONG_PAST_YEAR)
        return found

    def statement(self, number: int) -> str:
        if number not in self._statements:
            first, end = self.reading.statement_words(number)
            self._statements[number] = f" {' '.join(self.reading.words[first:end])} "
        return self._statements[number]


class Place:
    """Where a phrase stands: the words of a reading from one to another."""

    def __init__(self, context: Context, first: int, last: int) -> None:
        self._context = context
        self._first = first
        self._last = last
        self._number = number = context.reading.statement_of(first)
        self.words = context.words(number)
        """Of its statement."""

    @property
    def episode(self) -> Episode:
        return self._context.episode

    @property
    def facts(self) -> frozenset[str]:
        return self._context.facts

    def told(self, need: Need) -> bool:
        """Somewhere in its document."""
        return self._context.tells(need)

    @_once
    def written(self) -> str:
        """The phrase as it stands in the text as sent."""
        return self._context.reading.written(self._first, self._last)

    @_once
    def letters(self) -> str:
        """The letters and digits of the phrase as it stands."""
        return letters_of(self.written)

    @_once
    def small_letters(self) -> str:
        return self.letters.lower()

    @_once
    def folded(self) -> str:
        return fold_phrase(self.written)

    @_once
    def apostrophe(self) -> bool:
        """The phrase as it stands has an apostrophe inside."""
        return apostrophe_inside(self.written)

    @_once
    def section(self) -> SectionKind:
        reading = self._context.reading
        return reading.sections.kind_at(reading.starts[self._first])

    @_once
    def statement(self) -> str:
        """The normalised words of its statement, each between spaces."""
        return self._context.statement(self._number)

    @_once
    def before(self) -> str:
        """The last normalised words before the phrase in its statement, small ones apart."""
        start, _ = self._context.reading.statement_words(self._number)
        words = self._context.reading.words[max(start, self._first - _REACH) : self._first]
        past = self._context.years_past(words)
        return "".join(f"{word} " for word in (*past, *words) if word not in _SMALL)

    @_once
    def after(self) -> str:
        """The first normalised words after it, a space before each."""
        _, end = self._context.reading.statement_words(self._number)
        words = self._context.reading.words[self._last + 1 : min(end, self._last + 1 + _REACH)]
        return "".join(f" {word}" for word in (*words, *self._context.years_past(words)))


def needs_hold(needs: tuple[Need, ...], place: Place) -> bool:
    for need in needs:  # noqa: SIM110 -- a plain loop: this is asked some hundreds of times a note
        if not _HOLDS[need.subject](need, place):
            return False
    return True


def _sex(need: Need, place: Place) -> bool:
    """What only one sex can have tells the sex, where nothing else does."""
    return place.episode.sex is None or place.episode.sex.lower() == need.values[0]


_ADULT_YEARS = 40
"""Most patients whose age nobody tells are grown up."""


def _age(need: Need, place: Place) -> bool:
    age = place.episode.age
    return _COMPARE[need.operator](_ADULT_YEARS if age is None else age, need.age)


def _section(need: Need, place: Place) -> bool:
    return (place.section == need.values[0]) is (need.operator == "=")


def _patient(need: Need, place: Place) -> bool:
    return (need.values[0] in place.facts) is (need.operator == "=")


def _admission(need: Need, place: Place) -> bool:
    return (place.episode.admission_method == need.values[0]) is (need.operator == "=")


def _near(need: Need, place: Place) -> bool:
    if place.words.isdisjoint(need.firsts):
        return False
    words = place.words
    for word, first in zip(need.values, need.first_of_each, strict=True):
        if first in words and (first == word or f" {word} " in place.statement):
            return True
    return False


def _close(need: Need, place: Place) -> bool:
    return not place.words.isdisjoint(need.firsts) and closeness(need, place) > 0


def closeness(need: Need, place: Place) -> float:
    """1 for words directly beside the phrase, less for words further off, 0 where none is close."""
    before, after, words = f" {place.before}", f"{place.after} ", place.words
    gaps = []
    for word, first in zip(need.values, need.first_of_each, strict=True):
        if first not in words:
            continue
        spaced = f" {word} "
        if (found := before.rfind(spaced)) >= 0:
            gaps.append(before.count(" ", found + len(word) + 1))
        if (found := after.find(spaced)) >= 0:
            gaps.append(after.count(" ", 0, found))
    return 1 / (1 + min(gaps)) if gaps else 0.0


def _before(need: Need, place: Place) -> bool:
    return not place.words.isdisjoint(need.firsts) and f" {place.before}".endswith(
        tuple(f" {word} " for word in need.values)
    )


def _after(need: Need, place: Place) -> bool:
    return not place.words.isdisjoint(need.firsts) and f"{place.after} ".startswith(
        tuple(f" {word} " for word in need.values)
    )


def _not_near(need: Need, place: Place) -> bool:
    return not _near(need, place)


def _told(need: Need, place: Place) -> bool:
    return place.told(need)


def _not_told(need: Need, place: Place) -> bool:
    return not place.told(need)


_HOLDS: Mapping[NeedSubject, Callable[[Need, Place], bool]] = {
    NeedSubject.SEX: _sex,
    NeedSubject.AGE: _age,
    NeedSubject.SECTION: _section,
    NeedSubject.PATIENT: _patient,
    NeedSubject.ADMISSION: _admission,
    NeedSubject.NEAR: _near,
    NeedSubject.CLOSE: _close,
    NeedSubject.BEFORE: _before,
    NeedSubject.AFTER: _after,
    NeedSubject.NOT_NEAR: _not_near,
    NeedSubject.TOLD: _told,
    NeedSubject.NOT_TOLD: _not_told,
}
