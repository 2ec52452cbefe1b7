"""The ranker of each role: a standardised logistic model, trees on top of it, and a calibration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.episodes import Role
from models.ranking.features import FEATURE_NAMES
from models.ranking.trees import Trees

Floats = NDArray[np.float64]
Knots = tuple[tuple[float, float], ...]
NO_TREES = Trees()
IDENTITY: Knots = ((0.0, 0.0), (1.0, 1.0))


def feature_rows(features: Sequence[Sequence[float]]) -> Floats:
    """A row for each; in half the time of `np.array`."""
    width = len(features[0])
    flat = np.fromiter(chain.from_iterable(features), dtype=np.float64, count=len(features) * width)
    return flat.reshape(-1, width)


@dataclass(frozen=True)
class RoleRanker:
    """confidence = calibration(sigmoid(intercept + weights . (features - means) / scales + trees))"""

    weights: tuple[float, ...]
    intercept: float
    means: tuple[float, ...]
    scales: tuple[float, ...]
    calibration: Knots = IDENTITY
    """Raw probability to calibrated confidence: points joined by straight lines, both rising."""
    threshold: float = 0.5
    """Candidates at least this confident are suggested."""
    trees: Trees = NO_TREES

    def __post_init__(self) -> None:
        if not len(self.weights) == len(self.means) == len(self.scales) == len(FEATURE_NAMES):
            raise ValueError(f"weights, means and scales must be {len(FEATURE_NAMES)} each")
        numbers = (*self.weights, self.intercept, *self.means, *self.scales, self.threshold)
        if not np.isfinite(numbers).all() or min(self.scales) <= 0:
            raise ValueError("weights, means and scales must be finite, and scales positive")
        if self.trees.widest >= len(FEATURE_NAMES):
            raise ValueError("the trees ask for a feature that there is not")
        check_knots(self.calibration)

    def scores(self, rows: Floats) -> Floats:
        """Log-odds of each row, before calibration."""
        return np.asarray(rows @ self._slopes + self._offset + self.trees.scores(rows), dtype=np.float64)

    def raw(self, features: Sequence[Sequence[float]]) -> Floats:
        """Uncalibrated probabilities, one for each row."""
        if not len(features):
            return np.zeros(0)
        scores = self.scores(feature_rows(features))
        return np.asarray(1 / (1 + np.exp(-scores.clip(-50, 50))))

    def confidences(self, features: Sequence[Sequence[float]]) -> list[float]:
        raw_knots, knots = self._knots
        calibrated: list[float] = np.interp(self.raw(features), raw_knots, knots).clip(0, 1).tolist()
        return calibrated

    @cached_property
    def _slopes(self) -> Floats:
        """Weights on features as they are, before standardising."""
        slopes: Floats = np.asarray(self.weights) / np.asarray(self.scales)
        return slopes

    @cached_property
    def _offset(self) -> float:
        return self.intercept - float(self._slopes @ np.asarray(self.means))

    @cached_property
    def _knots(self) -> tuple[Floats, Floats]:
        knots = np.asarray(self.calibration)
        return knots[:, 0], knots[:, 1]


def check_knots(knots: Knots) -> None:
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(knots))
    if len(knots) < 2 or not rising or not np.isfinite(knots).all():
        raise ValueError("calibration needs two or more rising points")


@dataclass(frozen=True, slots=True)
class Ranker:
    roles: Mapping[Role, RoleRanker]

    def confidences(self, role: Role, features: Sequence[Sequence[float]]) -> list[float]:
        return self.roles[role].confidences(features)

    def threshold(self, role: Role) -> float:
        return self.roles[role].threshold

    def to_json(self) -> dict[str, Any]:
        return {
            "features": list(FEATURE_NAMES),
            "roles": {role.value: _role_json(self.roles[role]) for role in Role if role in self.roles},
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Ranker":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        check_features(written["features"], FEATURE_NAMES)
        return cls({Role(role): _role_ranker(fitted) for role, fitted in written["roles"].items()})


def check_features(written: Sequence[str], names: Sequence[str]) -> None:
    """Raises ValueError where a file was fitted on other features than these."""
    if list(written) != list(names):
        raise ValueError("it was fitted on other features than this version computes")


def _role_json(ranker: RoleRanker) -> dict[str, Any]:
    return {
        "weights": list(ranker.weights),
        "intercept": ranker.intercept,
        "means": list(ranker.means),
        "scales": list(ranker.scales),
        "calibration": [list(knot) for knot in ranker.calibration],
        "threshold": ranker.threshold,
        "trees": ranker.trees.to_json(),
    }


def _role_ranker(written: Mapping[str, Any]) -> RoleRanker:
    return RoleRanker(
        weights=tuple(map(float, written["weights"])),
        intercept=float(written["intercept"]),
        means=tuple(map(float, written["means"])),
        scales=tuple(map(float, written["scales"])),
        calibration=tuple((float(raw), float(share)) for raw, share in written["calibration"]),
        threshold=float(written["threshold"]),
        trees=Trees.from_json(written["trees"]),
    )
