"""Finds the phrases of terms in a note."""

from models.mentions.compiled import CompiledTerm, compile_terms, term_from_row, term_row
from models.mentions.finding import Mention, MentionFinder
from models.mentions.phrases import Hit, PhraseIndex

__all__ = [
    "CompiledTerm",
    "Hit",
    "Mention",
    "MentionFinder",
    "PhraseIndex",
    "compile_terms",
    "term_from_row",
    "term_row",
]
