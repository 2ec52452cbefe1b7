"""Which rules of the standards speak of a code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from data.classifications import Entry, EntryKind
from data.episodes import Role
from data.standards import CodeSet, Rule, Severity, StandardsEdition

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION)
_CATEGORY = 3
_SHORT = 10
"""A range of so many categories still speaks of each of them."""
_GIVES = frozenset({"becomes", "instead", "add"})
"""Arguments that name the code which a rule leads to."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A rule that names a code, its category, or a range that it lies in."""

    rule: Rule
    closeness: int
    """Characters of the code that the rule names: 4 the code itself, 1 its letter."""
    gives: bool
    """The rule leads to the code; otherwise it speaks of codings that hold it."""

    @property
    def is_wide(self) -> bool:
        """It speaks of a range of categories."""
        return self.closeness < _CATEGORY


def rules_touching(edition: StandardsEdition, role: Role, entry: Entry) -> tuple[Touch, ...]:
    """The rules in force that touch a code or category: errors first, then what names it most closely."""
    if entry.kind in (EntryKind.CHAPTER, EntryKind.BLOCK):
        return ()
    code = entry.code if entry.assignable else entry.code[:3]
    found = [touch for rule in edition.in_force if rule.role is role and (touch := _touch(rule, code))]
    return tuple(
        sorted(found, key=lambda one: (_ORDER.index(one.rule.severity), -one.closeness, one.rule.id))
    )


def _touch(rule: Rule, code: str) -> Touch | None:
    named = [
        (name, max((_closeness(one, code) for one in written), default=0)) for name, written in _named(rule)
    ]
    close = max((closeness for _, closeness in named), default=0)
    if not close:
        return None
    return Touch(rule, close, gives=all(name in _GIVES for name, found in named if found))


def _named(rule: Rule) -> Iterator[tuple[str, Iterable[str]]]:
    """Codes as the rule writes them, by argument."""
    for name, value in rule.arguments.items():
        if isinstance(value, CodeSet):
            yield name, value.written
        elif isinstance(value, tuple):
            yield name, [one for codes in value if isinstance(codes, CodeSet) for one in codes.written]
        elif name in _GIVES and isinstance(value, str):
            yield name, (value,)


def _closeness(written: str, code: str) -> int:
    """How much of the code is named; a category is touched by what names a code below it."""
    if "-" in written:
        within = _range(written)
        return (_CATEGORY if len(within.prefixes) <= _SHORT else 1) if code in within else 0
    if code.startswith(written):
        return len(written)
    return _CATEGORY if len(code) == _CATEGORY and written.startswith(code) else 0


@cache
def _range(written: str) -> CodeSet:
    return CodeSet.of((written,))
