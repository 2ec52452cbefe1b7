"""Phrases that UK clinicians write, and the codes they lead to: one TSV a chapter (docs/data-formats.md)."""

from data.terms.folding import fold_phrase
from data.terms.needs import Need, NeedSubject
from data.terms.reading import TERMS_FOLDER, Term, TermKind, check_terms, read_terms

__all__ = [
    "TERMS_FOLDER",
    "Need",
    "NeedSubject",
    "Term",
    "TermKind",
    "check_terms",
    "fold_phrase",
    "read_terms",
]
