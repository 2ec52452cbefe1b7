"""From raw scores to probabilities and a threshold, on episodes that the classifier has not seen.

One scale for all codes of a role: most codes have too few examples for one of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.classifiers import RoleScale
from training.config import TrainingConfig
from training.learning import choose_threshold, fit_knots, fit_platt, sigmoid

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_MOST_JUDGED = 100
"""Highest scores of an episode that count: what stands below is never shown."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """The scores that one episode got for the codes of a role, and which of the codes it has."""

    scores: Floats
    right: Flags
    gold: int
    """How many codes it has, learned or not."""

    def highest(self) -> "Unseen":
        kept = np.sort(np.argsort(-self.scores, kind="stable")[:_MOST_JUDGED])
        return Unseen(self.scores[kept], self.right[kept], self.gold)


def fit_scale(unseen: Iterable[Unseen], config: TrainingConfig) -> RoleScale:
    """As it is where there is nothing to tell apart, or where what there is contradicts itself."""
    kept = [one.highest() for one in unseen]
    scores = np.concatenate([one.scores for one in kept])
    right = np.concatenate([one.right for one in kept])
    if not right.any() or right.all():
        return RoleScale()
    slope, offset = fit_platt(scores, right, config.calibration.prior_weight)
    if slope <= 0:
        return RoleScale()
    scaled = slope * scores + offset
    knots = fit_knots(scaled, right, config.calibration)
    confidences = np.interp(sigmoid(scaled), *np.asarray(knots).T)
    threshold = choose_threshold(confidences, right, sum(one.gold for one in kept), config.threshold)
    return RoleScale(slope, offset, knots, threshold)
