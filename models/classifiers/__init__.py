"""Document classifiers: the text of an episode as a whole to codes with probabilities and evidence.

They are weak where a hospital has coded some hundreds of episodes and grow with tens of thousands
(docs/decisions/0012). Each stands alone as a model; in the ranker they count only through scores out of fold.
"""

from models.classifiers.attention import AttentionClassifier
from models.classifiers.coder import ClassifierCoder
from models.classifiers.linear import LinearClassifier
from models.classifiers.scores import DocumentClassifier, RawScores, RoleScale, ScoredCode

__all__ = [
    "AttentionClassifier",
    "ClassifierCoder",
    "DocumentClassifier",
    "LinearClassifier",
    "RawScores",
    "RoleScale",
    "ScoredCode",
]
