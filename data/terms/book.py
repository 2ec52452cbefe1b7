"""The terms of each code, to look up: made once of the files of terms, and kept on disk (data/cache.py)."""

import json
from functools import cache
from itertools import groupby
from typing import NamedTuple

from data.cache import cached
from data.packed import PackedStrings
from data.terms.needs import Need
from data.terms.reading import Term, TermKind, read_terms, terms_digest


class BookTerm(NamedTuple):
    """A phrase that is known for a code, as people read it."""

    phrase: str
    kind: TermKind
    exact_case: bool
    needs: tuple[str, ...]
    """Conditions as they are written: `sex=female`, `near=hip|knee`."""
    companions: tuple[str, ...]
    note: str


class TermBook:
    """Terms by code; each code's are read when they are asked for. Immutable."""

    def __init__(self, by_code: dict[str, str]) -> None:
        """
        Args:
            by_code: terms as JSON: a hundred thousand rows as objects would take memory that stays taken.
        """
        self._numbers = {code: number for number, code in enumerate(by_code)}
        self._written = PackedStrings(list(by_code.values()))

    def of(self, code: str) -> tuple[BookTerm, ...]:
        """The terms of a stored code, in the order of the files; none where none is known."""
        number = self._numbers.get(code)
        written = json.loads(self._written[number]) if number is not None else ()
        return tuple(
            BookTerm(phrase, TermKind(kind), exact, tuple(needs), tuple(companions), note)
            for phrase, kind, exact, needs, companions, note in written
        )


@cache
def term_book(classification_name: str) -> TermBook:
    """The terms that ship for a classification.

    Raises:
        CuratedFileError: a file of terms is not right.
    """
    key = terms_digest(classification_name)
    return TermBook(cached(f"book-of-{classification_name}", key, lambda: _by_code(classification_name)))


def _by_code(classification_name: str) -> dict[str, str]:
    terms = sorted(read_terms(classification_name), key=lambda term: term.code)
    return {
        code: json.dumps([_row(term) for term in same], ensure_ascii=False)
        for code, same in groupby(terms, key=lambda term: term.code)
    }


def _row(term: Term) -> list[object]:
    needs = [_written(need) for need in term.needs]
    return [term.phrase, term.kind.value, term.exact_case, needs, list(term.companions), term.note]


def _written(need: Need) -> str:
    return f"{need.subject.value}{need.operator}{'|'.join(need.values)}"
