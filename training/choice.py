"""A linear choice of one line among several (conditional logistic regression), by Newton's method.

Weights are shrunk towards none on standardised features. The problem is convex and small, so the same rows
give the same weights to the last bits that are kept.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_STEPS = 50
_CLOSE = 1e-10
_SMALLEST_SCALE = 1e-4
"""A feature that varies less tells nothing."""
_FLAG_SCALE = 1 / 6
"""As if a flag varied so much; chosen on folds by patient and by author."""
_DECIMALS = 8


def fit_choice(
    features: Floats, right: Flags, groups: Sequence[int], strength: float, flags: int = 0
) -> tuple[float, ...]:
    """Weights on the features as they are, with which the right row of each group scores highest.

    Args:
        groups: how many rows each group has, in order; one row of each is right.
        strength: the inverse of the shrinkage, as scikit-learn's C.
        flags: how many of the last features are 0 or 1 and shrunk alike, however rare they are.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    scales = features.std(axis=0)
    told = scales > _SMALLEST_SCALE
    scales[len(scales) - flags :] = _FLAG_SCALE
    weights = np.zeros(features.shape[1])
    with threadpool_limits(1):
        rows = features[:, told] / scales[told]
        weights[told] = _newton(_centred(rows, groups), right, groups, strength) / scales[told]
    return tuple(round(float(weight), _DECIMALS) for weight in weights)


def _centred(rows: Floats, groups: Sequence[int]) -> Floats:
    """What all rows of a group share decides nothing."""
    starts, group_of = _bounds(groups)
    means = np.add.reduceat(rows, starts) / np.asarray(groups)[:, None]
    return np.asarray(rows - means[group_of], dtype=np.float64)


def _newton(rows: Floats, right: Flags, groups: Sequence[int], strength: float) -> Floats:
    starts, group_of = _bounds(groups)
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chances = _chances(rows @ weights, starts, group_of)
        slope = rows.T @ (chances - right) + weights / strength
        means = np.add.reduceat(rows * chances[:, None], starts)
        curve = (rows * chances[:, None]).T @ rows - means.T @ means + np.eye(len(weights)) / strength
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max(initial=0.0) < _CLOSE:
            break
    return weights


def chances_of(scores: Floats, groups: Sequence[int]) -> Floats:
    """Of each row, by the scores of its group."""
    return _chances(scores, *_bounds(groups))


def _chances(scores: Floats, starts: NDArray[np.int64], group_of: NDArray[np.int64]) -> Floats:
    shares = np.exp(scores - np.maximum.reduceat(scores, starts)[group_of])
    return np.asarray(shares / np.add.reduceat(shares, starts)[group_of], dtype=np.float64)


def _bounds(groups: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    sizes = np.asarray(groups, dtype=np.int64)
    return np.concatenate([[0], sizes.cumsum()[:-1]]), np.repeat(np.arange(len(sizes)), sizes)
