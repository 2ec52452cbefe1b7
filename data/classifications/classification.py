"""A classification: its entries, how they hang together, how they are written and found."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType

from data.cache import cached, digest_of
from data.classifications.entry import Entry, EntryKind
from data.classifications.forms import FILLER, dotted, fold_code, with_filler
from data.classifications.search import SearchHit, SearchIndex, Synonym
from data.errors import UnknownCode

_FIFTH_AT = 4
_INDEX_SOURCES = tuple(Path(__file__).parent / name for name in ("search.py", "words.py"))
NO_TITLE = "title: import your table"


class Classification:
    """A code system in one edition. Immutable; safe to share between threads."""

    def __init__(  # noqa: PLR0913 -- one keyword for each thing a table says of itself
        self,
        name: str,
        entries: Iterable[Entry],
        *,
        label: str,
        edition: str,
        synonyms: Callable[[], Iterable[Synonym]] = tuple,
        synonyms_digest: Callable[[], str] | None = None,
        secondary_only: Iterable[str] = (),
        dots: bool = True,
        open_ended: bool = False,
    ) -> None:
        """Makes a classification of its entries.

        Args:
            name: what commands and files call it.
            entries: every entry, parents included.
            label: what people call it.
            edition: which issue of it.
            synonyms: further phrases to find entries by; asked for at the first search.
            synonyms_digest: of all that decides them; with it the index for searching is kept on disk.
            secondary_only: codes of entries (with all below them) that never stand alone.
            dots: whether codes are shown with a dot after the third character.
            open_ended: whether codes that no entry lists may stand in a coding: cut ones, label sets.
        """
        self.name = name
        self.label = label
        self.edition = edition
        self._entries = MappingProxyType({entry.code: entry for entry in entries})
        self._synonyms = synonyms
        self._synonyms_digest = synonyms_digest
        self._secondary_only = frozenset(secondary_only)
        self._dots = dots
        self._open_ended = open_ended

    @classmethod
    def from_labels(cls, name: str, codes: Iterable[str]) -> "Classification":
        """A label set without a table: the codes are all that is known of it."""
        folded = sorted({fold_code(code) for code in codes})
        entries = [Entry(code, "", EntryKind.SUBCATEGORY, None, "") for code in folded]
        return cls(name, entries, label=name, edition="labels", dots=False)

    @cached_property
    def digest(self) -> str:
        """sha256 of all that the table says."""
        running = hashlib.sha256(f"{self.name}\n{self.edition}\n".encode())
        for code in sorted(self._entries):
            entry = self._entries[code]
            known = (code, entry.title, entry.kind, entry.parent, entry.usage, entry.assignable)
            running.update(f"{known}{entry.valid_from}{entry.valid_to}\n".encode())
        return running.hexdigest()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __contains__(self, written: object) -> bool:
        return isinstance(written, str) and self.get(written) is not None

    def __getitem__(self, written: str) -> Entry:
        entry = self.get(written)
        if entry is None:
            raise UnknownCode(written, self.label)
        return entry

    def get(self, written: str) -> Entry | None:
        """The entry of a code in any written form: `i10`, `I10.X` and `I10` are `I10X`."""
        folded = fold_code(written)
        return self._entries.get(folded) or self._entries.get(with_filler(folded)) or self._unfilled(folded)

    def _unfilled(self, folded: str) -> Entry | None:
        """`I10X` in a classification that stores `I10`: US codes, label sets."""
        if len(folded) != 4 or not folded.endswith(FILLER):
            return None
        entry = self._entries.get(folded[:-1])
        return entry if entry and entry.assignable else None

    def with_fifth(self, written: str) -> tuple[Entry | None, str]:
        """The entry of a code in any written form, and its fifth character: `S72.01` is `S720` and `1`."""
        entry, folded = self.get(written), fold_code(written)
        if entry is None and len(folded) == _FIFTH_AT + 1 and folded[_FIFTH_AT].isdigit():
            return self.get(folded[:_FIFTH_AT]), folded[_FIFTH_AT]
        return entry, ""

    def stored(self, written: str) -> str:
        """The stored form of a code in any written form.

        Raises:
            UnknownCode: the classification has no such code.
        """
        return self[written].code

    def display(self, code: str, fifth: str = "") -> str:
        """The code as coders read it: `E11.9`, `I10.X`, `S72.01`; codes that are not ours pass through."""
        entry = self.get(code)
        stored = entry.code if entry else code
        return (dotted(stored) if self._dots else stored) + fifth

    def title(self, code: str) -> str:
        """The title of a code, or where none ships, what to do about it."""
        entry = self.get(code)
        return (entry.title if entry else "") or NO_TITLE

    def parent(self, code: str) -> Entry | None:
        above = self[code].parent
        return self._entries[above] if above else None

    def ancestors(self, code: str) -> tuple[Entry, ...]:
        """The entries above, nearest first."""
        above = []
        entry = self.parent(code)
        while entry is not None:
            above.append(entry)
            entry = self._entries[entry.parent] if entry.parent else None
        return tuple(above)

    def children(self, code: str) -> tuple[Entry, ...]:
        """The entries directly below, in order of code."""
        return self._children.get(self[code].code, ())

    @cached_property
    def _children(self) -> dict[str, tuple[Entry, ...]]:
        below: dict[str, list[Entry]] = {}
        for entry in self._entries.values():
            if entry.parent:
                below.setdefault(entry.parent, []).append(entry)
        return {code: tuple(sorted(found, key=lambda entry: entry.code)) for code, found in below.items()}

    def assignable(self) -> Iterator[Entry]:
        """The entries that may stand in a coding."""
        return (entry for entry in self._entries.values() if entry.assignable)

    def synonyms(self) -> Iterable[Synonym]:
        """Further phrases that name an entry."""
        return self._synonyms()

    def valid_on(self, code: str, day: date | None) -> bool:
        """Whether the code may stand in a coding of an episode that ended that day (`None`: unknown)."""
        if self._open_ended:
            return True
        entry = self.get(code)
        if entry is None or not entry.assignable:
            return False
        begun = day is None or entry.valid_from is None or entry.valid_from <= day
        return begun and (day is None or entry.valid_to is None or day <= entry.valid_to)

    def secondary_only(self, code: str) -> bool:
        """Whether the code never stands alone: OPCS-4 methods (Y), sites (Z and some of O)."""
        if not self._secondary_only:
            return False
        entry = self[code]
        return any(above in self._secondary_only for above in (entry.code, entry.code[:3], entry.chapter))

    def search(self, query: str, limit: int = 20) -> tuple[SearchHit, ...]:
        """The entries that a query finds, best first: by code, title or synonym, typos forgiven."""
        return self._index.search(query, limit)

    @cached_property
    def _index(self) -> SearchIndex:
        findable = [e for e in self._entries.values() if e.kind not in {EntryKind.CHAPTER, EntryKind.BLOCK}]
        if self._synonyms_digest is None:
            return SearchIndex(findable, self._synonyms)
        key = digest_of(_INDEX_SOURCES, self.digest, self._synonyms_digest())
        return SearchIndex(findable, self._synonyms, partial(cached, f"search-{self.name}", key))
