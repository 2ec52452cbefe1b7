"""How likely a whole episode is right: a small logistic model over what the prediction itself says.

The features know nothing of particular codes, so they mean the same in every specialty and classification.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log, log1p
from typing import Any

from data.episodes import Episode, NotCodedReason, Role
from models.gate.signs import suggested
from models.prediction import Prediction, SuggestedLine

FEATURES = (
    "joint_log",
    "missed_log",
    "least",
    "likeliest_missed",
    "first_diagnosis",
    "first_procedure",
    "primary_margin",
    "diagnoses",
    "procedures",
    "near",
    "not_coded",
    "queried",
    "documents",
    "words",
)
"""`joint_log`: log of the chance that every line is right and nothing is missed, were lines independent. That
is known without a single example, and so the start of every fit."""
_NEAR = 0.25
"""A further candidate this likely may well be one that a coder gives."""
_CERTAIN = 0.999


def chance_features(episode: Episode, prediction: Prediction) -> tuple[float, ...]:
    """In the order of FEATURES."""
    diagnoses, procedures = suggested(prediction.diagnoses), suggested(prediction.procedures)
    given = [min(line.confidence, _CERTAIN) for line in (*diagnoses, *procedures)]
    left = _left_out(prediction)
    missed = sum(log1p(-one) for one in left)
    return (
        sum(log(max(one, 1e-3)) for one in given) + missed,
        missed,
        min(given, default=0.0),
        max(left, default=0.0),
        _first(diagnoses),
        _first(procedures) if procedures else 1.0,
        _margin(diagnoses),
        log1p(len(diagnoses)),
        log1p(len(procedures)),
        log1p(sum(one >= _NEAR for one in left)),
        log1p(len(prediction.not_coded)),
        log1p(sum(one.reason is NotCodedReason.QUERIED for one in prediction.not_coded)),
        log1p(len(episode.documents)),
        log1p(sum(document.text.count(" ") for document in episode.documents)),
    )


def _left_out(prediction: Prediction) -> list[float]:
    """The likeliest of each code that is offered and not suggested."""
    best: dict[tuple[Role, str], float] = {}
    taken = {
        (line.role, line.code) for line in (*prediction.diagnoses, *prediction.procedures) if line.suggested
    }
    for line in (*prediction.diagnoses, *prediction.procedures):
        key = (line.role, line.code)
        if not line.suggested and key not in taken:
            best[key] = max(min(line.confidence, _CERTAIN), best.get(key, 0.0))
    return list(best.values())


def _first(lines: Sequence[SuggestedLine]) -> float:
    return lines[0].confidence if lines else 0.0


def _margin(diagnoses: Sequence[SuggestedLine]) -> float:
    """By how much the primary diagnosis is surer than the surest other."""
    others = [line.confidence for line in diagnoses[1:]]
    return _first(diagnoses) - max(others, default=0.0)


@dataclass(frozen=True, slots=True)
class RightModel:
    """P(right) = sigmoid(intercept + weights . (features - means) / scales)"""

    weights: tuple[float, ...]
    intercept: float
    means: tuple[float, ...]
    scales: tuple[float, ...]

    def __post_init__(self) -> None:
        numbers = (*self.weights, self.intercept, *self.means, *self.scales)
        if not len(self.weights) == len(self.means) == len(self.scales) == len(FEATURES):
            raise ValueError(f"weights, means and scales must be {len(FEATURES)} each")
        if not all(map(isfinite, numbers)) or min(self.scales) <= 0:
            raise ValueError("weights, means and scales must be finite, and scales positive")

    def chance(self, features: Sequence[float]) -> float:
        terms = zip(self.weights, features, self.means, self.scales, strict=True)
        score = self.intercept + sum(weight * (x - mean) / scale for weight, x, mean, scale in terms)
        return 1 / (1 + exp(-max(-50.0, min(50.0, score))))

    def to_json(self) -> dict[str, Any]:
        return {
            "features": list(FEATURES),
            "weights": list(self.weights),
            "intercept": self.intercept,
            "means": list(self.means),
            "scales": list(self.scales),
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "RightModel":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        if tuple(written["features"]) != FEATURES:
            raise ValueError("the gate was fitted on other features than this version computes")
        numbers = {name: tuple(map(float, written[name])) for name in ("weights", "means", "scales")}
        return cls(intercept=float(written["intercept"]), **numbers)
