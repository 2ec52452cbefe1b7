"""Finds the phrases of terms in a note."""

from models.mentions.compiled import (
    CompiledTerm,
    compile_term,
    compile_terms,
    phrase_key,
)
from models.mentions.finding import BlockedKey, Mention, MentionFinder
from models.mentions.phrases import Hit, PhraseIndex
from models.mentions.term_table import TermTable
from models.mentions.titles import title_phrases

__all__ = [
    "BlockedKey",
    "CompiledTerm",
    "Hit",
    "Mention",
    "MentionFinder",
    "PhraseIndex",
    "TermTable",
    "compile_term",
    "compile_terms",
    "phrase_key",
    "title_phrases",
]
