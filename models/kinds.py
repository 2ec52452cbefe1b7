"""What kinds of model there are: which of them a bundle holds stands in its manifest."""

from enum import StrEnum


class ModelKind(StrEnum):
    LEXICON = "lexicon"
    """Mentions with their evidence, ranked: the model that serves."""
    LINEAR = "linear"
    """A document classifier over weighted words and word parts."""
    ATTENTION = "attention"
    """A document classifier that attends to the words of each code; needs torch."""
