"""How much of national use the terms speak for, chapter by chapter."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from data.classifications import Classification, Entry, EntryKind
from data.terms.reading import Term


@dataclass(slots=True)
class Coverage:
    """One chapter, or all of a classification."""

    chapter: str
    title: str = ""
    codes: int = 0
    """Codes that England used in 2023-24."""
    codes_with_terms: int = 0
    phrases: int = 0
    usage: int = 0
    """Episodes in England 2023-24, counted once for each code."""
    usage_with_terms: int = 0
    missing: list[Entry] = field(default_factory=list)
    """Codes without terms, the most used first."""

    @property
    def share(self) -> float | None:
        """Of national use; None where there is none."""
        return self.usage_with_terms / self.usage if self.usage else None

    def count(self, entry: Entry, phrases: int) -> None:
        self.phrases += phrases
        self.codes_with_terms += phrases > 0
        self.usage_with_terms += entry.usage if phrases else 0
        self.codes += 1
        self.usage += entry.usage
        if not phrases:
            self.missing.append(entry)


def coverage_by_chapter(table: Classification, terms: Iterable[Term]) -> tuple[Coverage, ...]:
    """A row for each chapter in order of the table, and one for all of it at the end."""
    phrases: dict[str, int] = {}
    for term in terms:
        phrases[term.code] = phrases.get(term.code, 0) + 1
    rows = {e.code: Coverage(e.code, e.title) for e in table if e.kind is EntryKind.CHAPTER}
    whole = Coverage("all")
    for entry in sorted(table.assignable(), key=lambda entry: -entry.usage):
        known = phrases.get(entry.code, 0)
        if entry.usage or known:
            rows[entry.chapter].count(entry, known)
            whole.count(entry, known)
    return (*rows.values(), whole)
