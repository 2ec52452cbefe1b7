"""A coding that is written down apart from any episode: for blind audits and for practice.

All of it stands in the form that is sent to and fro: nothing is stored before it is finished, and nothing is
lost when a session ends, because the form is kept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from data.classifications import Classification
from data.episodes import Role
from service.workbench.decision_forms import Form
from service.workbench.desk import Hit
from service.workbench.finding import find

FINISH = "finish"
_SEPARATORS = re.compile(r"[\s,;]+")
_MOST = 100
"""Codes of one role."""
_FIELDS = {Role.DIAGNOSIS: "diagnoses", Role.PROCEDURE: "procedures"}

Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The codes so far, and what the search boxes hold."""

    codes: Mapping[Role, Codes] = field(default_factory=lambda: dict.fromkeys(Role, ()))
    typed: Mapping[Role, str] = field(default_factory=lambda: dict.fromkeys(Role, ""))
    hits: Mapping[Role, tuple[Hit, ...]] = field(default_factory=lambda: dict.fromkeys(Role, ()))
    said: str = ""
    """What just happened, for who cannot see it."""
    focus: Role = Role.DIAGNOSIS
    """Whose box is written in next."""

    @property
    def is_empty(self) -> bool:
        return not any(self.codes.values())

    @property
    def unfinished(self) -> bool:
        """Something typed is not a code yet."""
        return any(text.strip() for text in self.typed.values())

    def written(self, role: Role) -> str:
        """The codes of a role as their hidden field holds them."""
        return " ".join(self.codes[role])


def read_sheet(form: Form) -> Sheet:
    """The sheet as the form brought it."""
    codes = {
        role: tuple(filter(None, _SEPARATORS.split(form.get(name, ""))))[:_MOST]
        for role, name in _FIELDS.items()
    }
    typed = {role: form.get(f"add_{role}", "")[:200] for role in Role}
    return Sheet(codes, typed)


def worked(sheet: Sheet, action: str, tables: Mapping[Role, Classification], on: date | None) -> Sheet:
    """The sheet after a button: `up:diagnosis:2`, `take:procedure:W371`, or the boxes alone."""
    kind, _, rest = action.partition(":")
    named, _, value = rest.partition(":")
    role = next((one for one in Role if one == named), None)
    if role is None:
        return _with_typed(sheet, tables, on)
    if kind == "take":
        entry = tables[role].get(value)
        cleared = replace(sheet, typed={**sheet.typed, role: ""}, focus=role)
        return _with(cleared, role, (entry.code,), tables) if entry is not None else sheet
    return _moved(sheet, kind, role, value, tables)


def _with_typed(sheet: Sheet, tables: Mapping[Role, Classification], on: date | None) -> Sheet:
    for role in Role:
        if sheet.typed[role].strip():
            found = find(tables[role], sheet.typed[role], on)
            sheet = replace(sheet, hits={**sheet.hits, role: found.hits}, focus=role, said=_told(found.hits))
            if found.codes:
                cleared = replace(sheet, typed={**sheet.typed, role: ""})
                sheet = _with(cleared, role, found.codes, tables)
    return sheet


def _told(hits: tuple[Hit, ...]) -> str:
    return (
        f"{len(hits)} codes found" if hits else "Nothing found. Try fewer or other words, or the code itself."
    )


def _with(sheet: Sheet, role: Role, codes: Codes, tables: Mapping[Role, Classification]) -> Sheet:
    """A diagnosis stands once; a procedure may stand more than once."""
    every = (*sheet.codes[role], *codes)
    kept = tuple(dict.fromkeys(every)) if role is Role.DIAGNOSIS else every
    shown = ", ".join(tables[role].display(code) for code in codes)
    return replace(sheet, codes={**sheet.codes, role: kept[:_MOST]}, said=f"{shown} added")


def _moved(sheet: Sheet, kind: str, role: Role, value: str, tables: Mapping[Role, Classification]) -> Sheet:
    codes = list(sheet.codes[role])
    if not (value.isascii() and value.isdigit() and int(value) < len(codes)):
        return sheet
    place = int(value)
    code = codes.pop(place)
    there = {"up": max(place - 1, 0), "down": place + 1, "first": 0}.get(kind)
    if there is not None:
        codes.insert(there, code)
    words = "removed" if there is None else f"is number {codes.index(code) + 1} now"
    shown = tables[role].display(code)
    return replace(sheet, codes={**sheet.codes, role: tuple(codes)}, said=f"{shown} {words}", focus=role)
