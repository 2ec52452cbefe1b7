"""The mention lexicon learned from evidence: what phrases have meant, and what similar words may mean."""

from models.lexicon.lexicon import Lexicon, Phrase, Reach, RoleLexicon
from models.lexicon.proposal import LEARNED_FEATURES, NOTHING_LEARNED, Proposal
from models.lexicon.proposing import LexiconReader

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
