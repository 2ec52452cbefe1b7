"""Whether the conditions of a term hold where its phrase stands."""

import operator
from collections.abc import Callable, Mapping
from typing import NamedTuple

from data.episodes import Episode
from data.language import SectionKind
from data.terms import Need, NeedSubject

_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


class Place(NamedTuple):
    """Where a phrase stands."""

    episode: Episode
    section: SectionKind
    statement: str
    """The normalised words of its statement, each between spaces."""
    before: str
    """The last normalised words before the phrase in its statement, a space after each."""
    after: str
    """The first normalised words after it, a space before each."""
    facts: frozenset[str]
    """Of the patient: `pregnant`, `newborn`, `child`, `adult`."""


def needs_hold(needs: tuple[Need, ...], place: Place) -> bool:
    return all(_HOLDS[need.subject](need, place) for need in needs)


def _sex(need: Need, place: Place) -> bool:
    return place.episode.sex is not None and place.episode.sex.lower() == need.values[0]


def _age(need: Need, place: Place) -> bool:
    return place.episode.age is not None and _COMPARE[need.operator](place.episode.age, need.age)


def _section(need: Need, place: Place) -> bool:
    return (place.section == need.values[0]) is (need.operator == "=")


def _patient(need: Need, place: Place) -> bool:
    return (need.values[0] in place.facts) is (need.operator == "=")


def _admission(need: Need, place: Place) -> bool:
    return (place.episode.admission_method == need.values[0]) is (need.operator == "=")


def _near(need: Need, place: Place) -> bool:
    return any(f" {word} " in place.statement for word in need.values)


def _close(need: Need, place: Place) -> bool:
    return closeness(need, place) > 0


def closeness(need: Need, place: Place) -> float:
    """1 for words directly beside the phrase, less for words further off, 0 where none is close."""
    before, after = f" {place.before}", f"{place.after} "
    gaps = []
    for word in need.values:
        if (found := before.rfind(f" {word} ")) >= 0:
            gaps.append(before[found + len(word) + 1 :].count(" "))
        if (found := after.find(f" {word} ")) >= 0:
            gaps.append(after[:found].count(" "))
    return 1 / (1 + min(gaps)) if gaps else 0.0


def _before(need: Need, place: Place) -> bool:
    return f" {place.before}".endswith(tuple(f" {word} " for word in need.values))


def _after(need: Need, place: Place) -> bool:
    return f"{place.after} ".startswith(tuple(f" {word} " for word in need.values))


def _not_near(need: Need, place: Place) -> bool:
    return not _near(need, place)


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
}
