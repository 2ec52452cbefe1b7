"""Which codes a model misses most, and which it suggests most often where coders did not give them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.classifications import Classification
from training.metrics import Coding, Scored

LONGEST = 50
_PARTNERS = 3
"""Codes that are named beside a missed or a false one."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """A code with how often it went wrong, and what stood in its place."""

    role: str
    code: str
    title: str
    times: int
    gold: int
    suggested: int
    offered: int
    """Times that it stood among the further candidates instead."""
    instead: tuple[str, ...]
    """For a missed code the false ones of the same letter in the same episodes, and the other way round."""


def most_missed(
    episodes: Sequence[Scored], tables: Iterable[Classification], limit: int = LONGEST
) -> tuple[Confusion, ...]:
    return _most(episodes, tables, limit, missed=True)


def most_false(
    episodes: Sequence[Scored], tables: Iterable[Classification], limit: int = LONGEST
) -> tuple[Confusion, ...]:
    return _most(episodes, tables, limit, missed=False)


def as_table(confusions: Iterable[Confusion]) -> dict[str, list[str | int | float | None]]:
    """Columns of a table, as MLflow keeps them."""
    found = list(confusions)
    return {
        "role": [item.role for item in found],
        "code": [item.code for item in found],
        "title": [item.title for item in found],
        "times": [item.times for item in found],
        "gold": [item.gold for item in found],
        "suggested": [item.suggested for item in found],
        "offered": [item.offered for item in found],
        "instead": [", ".join(item.instead) for item in found],
    }


def _most(
    episodes: Sequence[Scored], tables: Iterable[Classification], limit: int, *, missed: bool
) -> tuple[Confusion, ...]:
    titles = {entry.code: entry.title for table in tables for entry in table.assignable()}
    found = [
        confusion
        for codings in (
            [episode.diagnoses for episode in episodes],
            [episode.procedures for episode in episodes],
        )
        for confusion in _confusions(codings, titles, missed=missed)
    ]
    found.sort(key=lambda item: (-item.times, item.role, item.code))
    return tuple(found[:limit])


def _confusions(codings: Sequence[Coding], titles: dict[str, str], *, missed: bool) -> list[Confusion]:
    gold, suggested, offered, wrong = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    instead: dict[str, Counter[str]] = {}
    for coding in codings:
        given, put = coding.count(coding.gold), coding.count(coding.suggested)
        lost, false = given - put, put - given
        here, there = (lost, false) if missed else (false, lost)
        gold, suggested, wrong = gold + given, suggested + put, wrong + here
        offered.update(set(coding.ranked) & set(lost))
        for code in here:
            instead.setdefault(code, Counter()).update(other for other in there if other[0] == code[0])
    return [
        Confusion(
            role=codings[0].role.value,
            code=code,
            title=titles.get(code, ""),
            times=times,
            gold=gold[code],
            suggested=suggested[code],
            offered=offered[code],
            instead=tuple(other for other, _ in instead[code].most_common(_PARTNERS)),
        )
        for code, times in wrong.items()
    ]
