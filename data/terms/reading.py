"""Reads and validates the files of terms."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from data.cache import digest_of
from data.classifications import asterisk_categories
from data.curated import Row, read_rows
from data.errors import CuratedFileError
from data.terms.folding import fold_phrase
from data.terms.needs import Need, parse_needs

TERMS_FOLDER = Path(__file__).parent
_SOURCES = (TERMS_FOLDER, TERMS_FOLDER.parent, TERMS_FOLDER.parent / "language")
_COLUMNS = ("code", "phrase", "kind", "match", "needs", "note")
_PROCEDURE_COLUMNS = ("code", "phrase", "kind", "match", "needs", "companions", "note")
_CODE_SHAPES = {"icd10": re.compile(r"[A-Z]\d\d[\dX]"), "opcs4": re.compile(r"[A-HJ-Z]\d{3}")}
_WORD = re.compile(r"[^\W_]|[#+&]")
"""What `fold_phrase` keeps."""
_ANY_CODE = re.compile(r"[A-Z0-9]{3,8}")
_COMPANION = re.compile(r"[A-HJ-Z]\d\d[\d?]")


class TermKind(StrEnum):
    NAME = "name"
    SYNONYM = "synonym"
    ABBREVIATION = "abbreviation"
    EPONYM = "eponym"
    SPELLING = "spelling"
    """A variant or common misspelling."""
    LAY = "lay"
    HINT = "hint"
    """A medicine taken for it; made from data/terms/drugs.tsv, never coded alone."""


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase and the code it leads to."""

    code: str
    phrase: str
    """As written; compared under `fold_phrase`, unless `exact_case`."""
    kind: TermKind
    exact_case: bool = False
    """Only in this case: for abbreviations that are also words (`ALL`, `MS`)."""
    needs: tuple[Need, ...] = ()
    companions: tuple[str, ...] = ()
    """Codes in the same group as the procedure, in order; `Z94?` is worked out from the text."""
    note: str = ""
    path: Path = field(default=Path(), compare=False)
    line: int = field(default=0, compare=False)

    @property
    def special(self) -> bool:
        """Whether the phrase means the code in certain surroundings only."""
        return any(need.special for need in self.needs)


def read_terms(classification_name: str, folder: Path = TERMS_FOLDER) -> tuple[Term, ...]:
    """All terms of a classification, in order of file and line; none where no file stands.

    Raises:
        CuratedFileError: a line is wrong, or a phrase leads to two codes and nothing decides between them.
    """
    terms = tuple(
        term_of_row(row, classification_name)
        for path in sorted((folder / classification_name).glob("*.tsv"))
        for row in read_rows(path, _columns(classification_name))
    )
    refuse_conflicts(terms)
    return terms


def terms_digest(classification_name: str, folder: Path = TERMS_FOLDER) -> str:
    """sha256 of all that decides what `read_terms` gives: the files, and how they are read."""
    sources = [path for package in _SOURCES for path in package.glob("*.py")]
    return digest_of([*(folder / classification_name).glob("*.tsv"), *sources], classification_name)


def check_terms(terms: Iterable[Term], codes: Container[str]) -> None:
    """Checks that a classification (or another set of codes) has every code of the terms.

    Raises:
        CuratedFileError: the first code that it has not.
    """
    for term in terms:
        if term.code not in codes:
            raise CuratedFileError(term.path, term.line, "code", f"{term.code} is not in the classification")
        for companion in term.companions:
            if not companion.endswith("?") and companion not in codes:
                problem = f"{companion} is not in the classification"
                raise CuratedFileError(term.path, term.line, "companions", problem)


def _columns(classification_name: str) -> tuple[str, ...]:
    return _PROCEDURE_COLUMNS if classification_name == "opcs4" else _COLUMNS


def term_of_row(row: Row, classification_name: str) -> Term:
    """The term of a line, its fields checked.

    Raises:
        CuratedFileError: a field is wrong.
    """
    return Term(
        code=_code(row, classification_name),
        phrase=_phrase(row),
        kind=row.one_of("kind", TermKind),
        exact_case=_exact_case(row),
        needs=parse_needs(row),
        companions=_companions(row) if classification_name == "opcs4" else (),
        note=row["note"],
        path=row.path,
        line=row.line,
    )


def _code(row: Row, classification_name: str) -> str:
    if not _CODE_SHAPES.get(classification_name, _ANY_CODE).fullmatch(row["code"]):
        raise row.problem("code", f"{row['code']!r} is not in stored form")
    return row["code"]


def _phrase(row: Row) -> str:
    phrase = row.required("phrase")
    if not _WORD.search(phrase):
        raise row.problem("phrase", f"{phrase!r} has no words")
    if "  " in phrase:
        raise row.problem("phrase", "has repeated spaces")
    return phrase


def _exact_case(row: Row) -> bool:
    if row["match"] not in {"", "exact"}:
        raise row.problem("match", f"{row['match']!r} is neither empty nor exact")
    return row["match"] == "exact"


def _companions(row: Row) -> tuple[str, ...]:
    companions = tuple(row["companions"].split(" ")) if row["companions"] else ()
    for companion in companions:
        if not _COMPANION.fullmatch(companion):
            raise row.problem("companions", f"{companion!r} is not in stored form")
    return companions


def refuse_conflicts(terms: Iterable[Term]) -> None:
    """
    Raises:
        CuratedFileError: a phrase leads to two codes and nothing decides between them.
    """
    seen: dict[tuple[str, frozenset[Need]], list[Term]] = {}
    for term in terms:
        alike = seen.setdefault((fold_phrase(term.phrase), frozenset(term.needs)), [])
        for other in _same_text(term, alike):
            if other.code != term.code:
                raise CuratedFileError(term.path, term.line, "phrase", _conflict(term, other))
        alike.append(term)


def _same_text(term: Term, alike: Iterable[Term]) -> Iterator[Term]:
    """Those of the terms that meet the same text: two exact ones in different case do not."""
    for other in alike:
        if _is_manifestation(term) != _is_manifestation(other):
            continue  # dagger and asterisk are coded together
        if not (term.exact_case and other.exact_case) or term.phrase == other.phrase:
            yield other


def _is_manifestation(term: Term) -> bool:
    return term.code[:3] in asterisk_categories()


def _conflict(term: Term, other: Term) -> str:
    place = f"{other.path.name}, line {other.line}"
    return f"{term.phrase!r} leads to {other.code} in {place} and to {term.code} here; needs must decide"
