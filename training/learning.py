"""From judged candidates to a ranker: weights, calibration, threshold.

Small corpora are the rule, so each step starts from what is known without examples and moves as far as they
carry it: weights are shrunk towards the day-one weights, calibration towards the confidence as it is.
Calibration and threshold rest on folds that the weights have not seen.
"""

from dataclasses import dataclass, replace
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.ranking import RoleRanker
from models.ranking.ranker import Knots
from training.boosting import fit_trees
from training.config import (
    NO_DISCOUNT,
    CalibrationConfig,
    Discount,
    ThresholdConfig,
    TrainingConfig,
)
from training.folds import deal_folds

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_POINTS_OF_A_CURVE = 51
_FREE = 100.0
"""Scale of the column that holds the day-one score: so large that regularisation leaves its weight free."""
_UNREGULARISED = 1e6
_DECIMALS = 8
_SMALLEST_SCALE = 1e-4
"""A feature that varies less tells nothing."""
_LARGEST_CONFIDENCE = 0.995
"""Some hundreds of examples do not carry certainty."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The candidates of one role, each with whether a coder gave it."""

    features: Floats
    right: Flags
    patients: tuple[str, ...]
    gold: float
    """How many codes are right, found or not."""
    truth: Floats | None = None
    """How probable each is to be right, where audits say more than the coders did; otherwise `right`."""

    def where(self, chosen: Flags) -> "Examples":
        patients = tuple(patient for patient, kept in zip(self.patients, chosen, strict=True) if kept)
        truth = None if self.truth is None else self.truth[chosen]
        right = self.right[chosen]
        return replace(self, features=self.features[chosen], right=right, patients=patients, truth=truth)

    @property
    def believed(self) -> Floats:
        return self.right.astype(np.float64) if self.truth is None else self.truth

    @property
    def teach(self) -> bool:
        """There is something to tell apart."""
        return bool(self.right.any() and not self.right.all())


@dataclass(frozen=True, slots=True)
class FittedRole:
    ranker: RoleRanker
    unseen: tuple[float, ...]
    """Confidence of each example, by weights that have not seen its patient."""


def fit_role(
    examples: Examples, day_one: RoleRanker, config: TrainingConfig, discount: Discount = NO_DISCOUNT
) -> FittedRole:
    """The day-one ranker where there is nothing to learn from."""
    if not examples.teach or len(set(examples.patients)) < 2:
        return _untaught(examples, day_one)
    unseen = scores_of_folds_left_out(examples, day_one, config)
    slope, offset = fit_platt(unseen, examples.believed, config.calibration.prior_weight)
    if slope <= 0:
        return _untaught(examples, day_one)  # the examples contradict themselves
    scores = slope * unseen + offset
    knots = discounted(fit_knots(scores, examples.believed, config.calibration), discount)
    fitted = fit_scores(examples, day_one, config)
    calibrated = replace(
        fitted,
        weights=_rounded(slope * np.asarray(fitted.weights)),
        intercept=round(slope * fitted.intercept + offset, _DECIMALS),
        calibration=knots,
        trees=fitted.trees.scaled(slope, _DECIMALS),
    )
    confidences = np.interp(sigmoid(scores), *np.asarray(knots).T)
    threshold = choose_threshold(confidences, examples.believed, examples.gold, config.threshold)
    return FittedRole(replace(calibrated, threshold=threshold), tuple(confidences.tolist()))


def _untaught(examples: Examples, day_one: RoleRanker) -> FittedRole:
    return FittedRole(day_one, tuple(day_one.confidences(examples.features.tolist())))


def scores_of_folds_left_out(examples: Examples, day_one: RoleRanker, config: TrainingConfig) -> Floats:
    """Log-odds of each candidate, by weights that have not seen its patient."""
    folds = np.asarray(deal_folds(examples.patients, config.folds, config.seed))
    unseen = np.zeros(len(folds))
    for fold in np.unique(folds):
        rest = examples.where(folds != fold)
        fitted = fit_scores(rest, day_one, config) if rest.teach else day_one
        unseen[folds == fold] = fitted.scores(examples.features[folds == fold])
    return unseen


def fit_scores(examples: Examples, day_one: RoleRanker, config: TrainingConfig) -> RoleRanker:
    """Weights, and on top of them trees where there are examples enough."""
    linear = fit_weights(examples, day_one, config.ranker.inverse_regularisation)
    if examples.right.sum() < config.trees.least_right:
        return linear
    base = linear.scores(examples.features)
    trees = fit_trees(examples.features, examples.right, base, config.trees, config.seed)
    return replace(linear, trees=trees)


def fit_weights(examples: Examples, day_one: RoleRanker, strength: float) -> RoleRanker:
    """Logistic regression on the standardised features and, free of charge, on the day-one score.

    What the examples do not speak of keeps its day-one weight, up to a factor common to all.
    """
    means, scales = examples.features.mean(axis=0), examples.features.std(axis=0)
    scales = np.where(scales > _SMALLEST_SCALE, scales, 1.0)
    base = day_one.scores(examples.features)
    standardised = (examples.features - means) / scales
    model = _logistic(np.column_stack([base * _FREE, standardised]), examples.right, strength)
    share, own = model.coef_[0][0] * _FREE, model.coef_[0][1:]
    known = np.asarray(day_one.weights) / np.asarray(day_one.scales)
    known_bias = day_one.intercept - known @ np.asarray(day_one.means)
    return replace(
        day_one,
        weights=_rounded(own + share * known * scales),
        intercept=round(float(model.intercept_[0] + share * (known_bias + known @ means)), _DECIMALS),
        means=_rounded(means),
        scales=_rounded(scales),
    )


def _rounded(values: Floats) -> tuple[float, ...]:
    """The last bits of a sum may differ from run to run; a model does not."""
    return tuple(round(float(value), _DECIMALS) for value in values)


def fit_platt(scores: Floats, right: Floats | Flags, prior_weight: float) -> tuple[float, float]:
    """Slope and offset of the log-odds."""
    labels, weights = _with_made_up(right, sigmoid(scores), prior_weight)
    model = _logistic(np.tile(scores, 2)[:, None], labels, _UNREGULARISED, weights)
    return round(float(model.coef_[0][0]), _DECIMALS), round(float(model.intercept_[0]), _DECIMALS)


def discounted(knots: Knots, discount: Discount) -> Knots:
    """The same calibration with so much less confidence everywhere.

    A straight line becomes a curve, so it needs points between its ends.
    """
    if discount == NO_DISCOUNT:
        return knots
    raw = np.union1d([raw for raw, _ in knots], np.linspace(knots[0][0], knots[-1][0], _POINTS_OF_A_CURVE))
    sure = np.interp(raw, *np.asarray(knots).T)
    power = 1 / discount.temperature
    right, wrong = sure**power * exp(-discount.log_odds), (1 - sure) ** power
    less = right / (right + wrong)
    return tuple(zip(_rounded(raw), _rounded(less), strict=True))


def fit_knots(
    scores: Floats, right: Floats | Flags, config: CalibrationConfig
) -> tuple[tuple[float, float], ...]:
    """Confidences as they are, bounded; with several hundred right examples, isotonic regression."""
    confidences = sigmoid(scores)
    ends = [(0.0, 0.0), (_LARGEST_CONFIDENCE, _LARGEST_CONFIDENCE), (1.0, _LARGEST_CONFIDENCE)]
    if right.sum() < config.isotonic_from:
        return tuple(ends)
    from sklearn.isotonic import IsotonicRegression

    labels, weights = _with_made_up(right, confidences, config.prior_weight)
    model: Any = IsotonicRegression(y_min=0.0, y_max=_LARGEST_CONFIDENCE).fit(
        np.tile(confidences, 2), labels, weights
    )
    points = dict(zip(_rounded(model.X_thresholds_), _rounded(model.y_thresholds_), strict=True))
    return tuple(sorted({0.0: min(points.values()), 1.0: max(points.values()), **points}.items()))


def _with_made_up(right: Floats | Flags, confidences: Floats, prior_weight: float) -> tuple[Flags, Floats]:
    """Each example as right and as wrong, weighted; with others of `prior_weight` in all that say: each
    confidence is right as it is."""
    each = prior_weight / len(right)
    labels = np.concatenate([np.ones(len(right), bool), np.zeros(len(right), bool)])
    return labels, np.concatenate([right + each * confidences, (1 - right) + each * (1 - confidences)])


def choose_threshold(
    confidences: Floats, right: Floats | Flags, gold: float, config: ThresholdConfig
) -> float:
    """The confidence from which suggesting gives the best micro F1, in whole hundredths."""
    grid = np.arange(round(config.lowest * 100), round(config.highest * 100) + 1) / 100
    scores = [_f1_from(threshold, confidences, right, gold) for threshold in grid]
    best = [threshold for threshold, score in zip(grid, scores, strict=True) if score == max(scores)]
    return float(best[len(best) // 2])


def _f1_from(threshold: float, confidences: Floats, right: Floats | Flags, gold: float) -> float:
    suggested = confidences >= threshold
    return float(2 * (suggested * right).sum() / max(suggested.sum() + gold, 1))


def sigmoid(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -50, 50))), dtype=np.float64)


def _logistic(columns: Floats, right: Flags, strength: float, weights: Floats | None = None) -> Any:
    """In one thread: for matrices of this size more threads cost time, and may add in another order."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        return LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-8).fit(columns, right, weights)
