"""Codes as coders type them in one line: `I10 E119 J449 / W371 Z942`.

Diagnoses, then procedures after `/`. A code that only the other classification has goes there by itself. A
procedure code of chapter Y or Z belongs to the procedure before it; any other begins a procedure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from data.classifications import Entry
from data.episodes import Role
from service.episodes import schemas as s
from service.episodes.desk import Desk
from service.workbench.decision_forms import new_group

_CODE = re.compile(r"[A-Z][0-9]{2}(\.?[0-9X])?[-0-9]?", re.IGNORECASE)
_MOST = 40
"""Codes in one line."""
_OTHER = {Role.DIAGNOSIS: Role.PROCEDURE, Role.PROCEDURE: Role.DIAGNOSIS}
_SUBSIDIARY = ("Y", "Z")


@dataclass(slots=True)
class Typed:
    """A line of codes: what of it can be added."""

    adds: list[s.Add] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """As typed: no code of either classification that may stand in a coding."""
    standing: list[str] = field(default_factory=list)
    """Diagnoses that stand already, as displayed."""


def is_codes(query: str) -> bool:
    """Whether there is nothing in the line but what looks like codes."""
    words = query.replace("/", " ").replace(",", " ").split()
    return 0 < len(words) <= _MOST and all(_CODE.fullmatch(word) for word in words)


def read_codes(query: str, role: Role, desk: Desk, evidence: s.EvidenceIn | None = None) -> Typed:
    """
    Args:
        role: of the codes before a `/`.
        evidence: of each code.
    """
    typed, group = Typed(), new_group(desk) - 1
    spans = (evidence,) if evidence else ()
    taken = {line.code for line in desk.coding.diagnoses}
    for word, wanted in _words(query, role):
        found = _found(desk, word, wanted)
        if found is None:
            typed.unknown.append(word)
        elif found.role is Role.PROCEDURE:
            group += not (found.code.startswith(_SUBSIDIARY) and group)
            typed.adds.append(found.added(spans, group))
        elif found.code in taken:
            typed.standing.append(desk.tables.by_role[found.role].display(found.code, found.fifth))
        else:
            taken.add(found.code)
            typed.adds.append(found.added(spans))
    return typed


def _words(query: str, role: Role) -> Iterator[tuple[str, Role]]:
    before, slash, after = query.replace(",", " ").partition("/")
    for word in before.split():
        yield word, Role.DIAGNOSIS if slash else role
    for word in after.replace("/", " ").split():
        yield word, Role.PROCEDURE


@dataclass(frozen=True, slots=True)
class _Found:
    role: Role
    code: str
    """As it is stored."""
    fifth: str

    def added(self, evidence: tuple[s.EvidenceIn, ...], group: int | None = None) -> s.Add:
        fifth = self.fifth or None
        return s.Add(kind="add", role=self.role, code=self.code, fifth=fifth, group=group, evidence=evidence)


def _found(desk: Desk, word: str, role: Role) -> _Found | None:
    """By the classification that was meant, else by the other."""
    for wanted in (role, _OTHER[role]):
        entry, fifth = desk.tables.by_role[wanted].with_fifth(word)
        if entry is not None and _stands(desk, wanted, entry) and (wanted is Role.DIAGNOSIS or not fifth):
            return _Found(wanted, entry.code, fifth)
    return None


def _stands(desk: Desk, role: Role, entry: Entry) -> bool:
    """Whether the code may stand in this coding."""
    return entry.assignable and desk.tables.by_role[role].valid_on(entry.code, desk.row.episode_end)
