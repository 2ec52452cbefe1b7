"""Phrases that UK clinicians write, and the codes they lead to: one TSV a chapter (docs/data-formats.md)."""

from data.terms.book import BookTerm, TermBook, term_book
from data.terms.compositions import composed_terms, read_compositions
from data.terms.coverage import Coverage, coverage_by_chapter
from data.terms.drugs import Drug, drug_terms, read_drugs
from data.terms.folding import fold_phrase
from data.terms.local import (
    LOCAL_COLUMNS,
    Blocked,
    LocalTerms,
    LocalUse,
    local_row,
    local_terms,
    read_local_terms,
    write_local_terms,
)
from data.terms.needs import WORDED, Need, NeedSubject
from data.terms.reading import TERMS_FOLDER, Term, TermKind, check_terms, read_terms, terms_digest

__all__ = [
    "LOCAL_COLUMNS",
    "TERMS_FOLDER",
    "WORDED",
    "Blocked",
    "BookTerm",
    "Coverage",
    "Drug",
    "LocalTerms",
    "LocalUse",
    "Need",
    "NeedSubject",
    "Term",
    "TermBook",
    "TermKind",
    "check_terms",
    "composed_terms",
    "coverage_by_chapter",
    "drug_terms",
    "fold_phrase",
    "local_row",
    "local_terms",
    "read_compositions",
    "read_drugs",
    "read_local_terms",
    "read_terms",
    "term_book",
    "terms_digest",
    "write_local_terms",
]
