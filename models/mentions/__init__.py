"""Finds the phrases of terms in a note."""

from models.mentions.compiled import (
    CompiledTerm,
    compile_term,
    compile_terms,
    phrase_key,
    term_rows,
    terms_from_rows,
)
from models.mentions.finding import BlockedKey, Mention, MentionFinder
from models.mentions.phrases import Hit, PhraseIndex
from models.mentions.titles import title_phrases

__all__ = [
    "BlockedKey",
    "CompiledTerm",
    "Hit",
    "Mention",
    "MentionFinder",
    "PhraseIndex",
    "compile_term",
    "compile_terms",
    "phrase_key",
    "term_rows",
    "terms_from_rows",
    "title_phrases",
]
