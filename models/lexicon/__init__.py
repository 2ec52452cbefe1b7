"""The mention lexicon learned from evidence: what phrases have meant, and what similar words may mean."""

from models.lexicon.lexicon import Lexicon, Phrase, Reach, RoleLexicon
from models.lexicon.proposing import LEARNED_FEATURES, NOTHING_LEARNED, LexiconReader, Proposal

__all__ = [
    "LEARNED_FEATURES",
    "NOTHING_LEARNED",
    "Lexicon",
    "LexiconReader",
    "Phrase",
    "Proposal",
    "Reach",
    "RoleLexicon",
]
