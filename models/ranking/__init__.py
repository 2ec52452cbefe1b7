"""From candidates to confidences: features that know no code, a logistic ranker, calibration."""

from models.ranking.day_one import day_one_ranker
from models.ranking.features import (
    FEATURE_NAMES,
    LEARNED_KIND,
    EpisodeFacts,
    candidate_features,
)
from models.ranking.ranker import Ranker, RoleRanker, feature_rows
from models.ranking.trees import Trees

__all__ = [
    "FEATURE_NAMES",
    "LEARNED_KIND",
    "EpisodeFacts",
    "Ranker",
    "RoleRanker",
    "Trees",
    "candidate_features",
    "day_one_ranker",
    "feature_rows",
]
