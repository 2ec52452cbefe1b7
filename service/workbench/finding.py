"""Codes for what was typed: the code itself, or what a search over titles, terms and notes finds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from data.classifications import Classification, Entry
from service.workbench.desk import Hit

_HITS = 12
_SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class Found:
    """Either codes, or what they could have meant."""

    codes: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()


def find(table: Classification, typed: str, on: date | None) -> Found:
    """
    Args:
        typed: one code or several, in any written form, or words.
        on: the episode end, which chooses the edition.
    """
    words = " ".join(typed[:200].split())
    if not words:
        return Found()
    codes = [_code(table, part, on) for part in _SEPARATORS.split(words)]
    if all(codes):
        return Found(codes=tuple(code for code in codes if code))
    return Found(hits=tuple(_hits(table, words, on))[:_HITS])


def _code(table: Classification, written: str, on: date | None) -> str | None:
    entry = table.get(written)
    valid = entry is not None and entry.assignable and table.valid_on(entry.code, on)
    return entry.code if entry is not None and valid else None


def _hits(table: Classification, words: str, on: date | None) -> Iterator[Hit]:
    """Of a category, the codes below it."""
    seen: set[str] = set()
    for hit in table.search(words, 2 * _HITS):
        for entry in _assignable(table, hit.entry):
            if entry.code not in seen and table.valid_on(entry.code, on):
                seen.add(entry.code)
                matched = "" if hit.matched in (entry.code, entry.title) else hit.matched
                shown = table.display(entry.code)
                yield Hit(entry.code, shown, entry.title, matched, entry.usage, stands=False)


def _assignable(table: Classification, entry: Entry) -> Iterable[Entry]:
    return (entry,) if entry.assignable else (e for e in table.children(entry.code) if e.assignable)
