"""From judged candidates to weights, calibration and threshold. Arrays in, numbers out.

Small corpora are the rule, so each step starts from what the day-one ranker knows and moves as far as the examples
carry it: weights are shrunk towards the day-one weights, the calibration towards the uncalibrated confidence.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.config import CalibrationConfig, ThresholdConfig

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_FREE = 100.0
"""Scale of the column that carries the day-one score: so large that regularisation hardly touches its weight."""
_KNOTS = 1e-6


@dataclass(frozen=True, slots=True)
class Weights:
    weights: Floats
    bias: float

    def scores(self, features: Floats) -> Floats:
        return np.asarray(features @ self.weights + self.bias, dtype=np.float64)


def fit_weights(features: Floats, right: Flags, day_one: Weights, strength: float) -> Weights:
    """Logistic regression on the features and, free of charge, on the day-one score.

    What the examples do not speak of keeps its day-one weight, up to a common factor.
    """
    spread = np.where(features.std(axis=0) > 0, features.std(axis=0), 1.0)
    base = day_one.scores(features)
    columns = np.column_stack([base * _FREE, features / spread])
    model = _logistic(columns, right, strength)
    share, own = float(model.coef_[0][0]) * _FREE, model.coef_[0][1:] / spread
    return Weights(share * day_one.weights + own, share * day_one.bias + float(model.intercept_[0]))


def fit_platt(scores: Floats, right: Flags, prior_weight: float) -> tuple[float, float]:
    """Slope and offset, with `prior_weight` made-up examples that say: the confidence is right as it is."""
    confidences = sigmoid(scores)
    made_up = prior_weight / len(scores)
    weights = np.concatenate([np.ones(len(scores)), made_up * confidences, made_up * (1 - confidences)])
    labels = np.concatenate([right, np.ones(len(scores), bool), np.zeros(len(scores), bool)])
    model = _logistic(np.tile(scores, 3)[:, None], labels, 1e6, weights)
    return float(model.coef_[0][0]), float(model.intercept_[0])


def sigmoid(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))), dtype=np.float64)


def _logistic(columns: Floats, right: Flags, strength: float, weights: Floats | None = None) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=1000, tol=1e-8).fit(columns, right, weights)
