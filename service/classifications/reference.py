"""A code as the code book shows it: its place, its nature, its terms, its use."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data.classifications import (
    Classification,
    Entry,
    EntryKind,
    NationalUse,
    Nature,
    SearchHit,
    TitleSource,
    beside,
    national_use,
    nature_of,
    notes_of,
    official_code,
    title_source,
)
from data.episodes import Role
from data.terms import BookTerm, term_book
from service.deps import CodeTables

_LIKE_A_CODE = re.compile(r"\s*[A-Za-z]\d[\dXx. \u2020*]{1,5}\s*")
_NEAR = 8


@dataclass(frozen=True, slots=True)
class CodeReference:
    """All that the tables and terms say of an entry; nothing of any patient."""

    table: Classification
    role: Role
    entry: Entry
    above: tuple[Entry, ...]
    """From the chapter down."""
    list: tuple[Entry, ...]
    """What stands side by side: the codes of its category; of anything wider, what is below it."""
    before: Entry | None
    after: Entry | None
    """Its neighbours under the same parent."""
    nature: Nature
    title_source: TitleSource
    notes: tuple[str, ...]
    terms: tuple[BookTerm, ...]
    national: NationalUse

    @property
    def list_of(self) -> Entry:
        """The entry whose parts stand side by side."""
        return self.above[-1] if _is_code_of_category(self.entry) else self.entry


def reference(tables: CodeTables, table: Classification, entry: Entry, tables_dir: Path) -> CodeReference:
    official = official_code(table, entry.code, tables_dir)
    siblings = beside(table, entry)
    place = siblings.index(entry)
    return CodeReference(
        table=table,
        role=role_of(tables, table),
        entry=entry,
        above=tuple(reversed(table.ancestors(entry.code))),
        list=siblings if _is_code_of_category(entry) else table.children(entry.code),
        before=siblings[place - 1] if place else None,
        after=siblings[place + 1] if place + 1 < len(siblings) else None,
        nature=nature_of(table, entry, official),
        title_source=title_source(table),
        notes=notes_of(table, entry, official),
        terms=term_book(table.name).of(entry.code),
        national=national_use(table, entry),
    )


def role_of(tables: CodeTables, table: Classification) -> Role:
    return next(role for role, one in tables.by_role.items() if one is table)


def _is_code_of_category(entry: Entry) -> bool:
    return entry.kind is EntryKind.SUBCATEGORY and entry.parent is not None


def code_meant(tables: Iterable[Classification], query: str) -> tuple[Classification, Entry] | None:
    """The one code or category that was typed; None for words, and where two classifications have it."""
    if not _LIKE_A_CODE.fullmatch(query):
        return None
    found = [(table, entry) for table in tables if (entry := table.get(query)) is not None]
    return found[0] if len(found) == 1 else None


def near_codes(table: Classification, written: str) -> tuple[SearchHit, ...]:
    """Codes that begin like something that is no code, the longest likeness first."""
    for length in range(len(written), 0, -1):
        hits = table.search(written[:length], _NEAR)
        if hits:
            return hits
    return ()
