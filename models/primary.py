"""Which suggested diagnosis is the primary one: trees over the rules' verdict and what was first before.

The rules (models/ordering.py) weigh section, place and kind of a diagnosis; here their verdict is one feature
among others. How often a code or its category was first is learned, too, shrunk towards the wider group.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.ordering import Ranked, primary_cost
from models.ranking import FEATURE_NAMES, Trees

Floats = NDArray[np.float64]
PRIMARY_FEATURES: tuple[str, ...] = (
    *FEATURE_NAMES,
    "confidence", "rule", "above_best", "rule_place", "place", "order", "lines",
    "category_first", "code_first", "category_relative", "code_relative",
)  # fmt: skip
Counts = tuple[int, int]
"""How often a code stood in a coding, and how often it stood first."""
_PRIOR_SHARE = 0.13
_PRIOR_WEIGHT = 4.0
_NEVER = 10.0
"""Added to the cost of what the rules never put first."""


def keys_of(code: str) -> tuple[str, str, str]:
    """Chapter letter, category, code: from wide to narrow."""
    return code[0], code[:3], code


@dataclass(frozen=True)
class PrimaryRanker:
    trees: Trees
    counts: Mapping[str, Counts]
    """By chapter letter, category and code, of the corpus that it was trained on."""

    def __post_init__(self) -> None:
        if self.trees.widest >= len(PRIMARY_FEATURES):
            raise ValueError("the trees ask for a feature that there is not")

    def scores(self, in_text: Sequence[Ranked], comorbidities: Set[str]) -> list[float]:
        """Of each diagnosis, in the order of the text; the highest leads."""
        rows = primary_rows(in_text, comorbidities, self.counts)
        scores: list[float] = self.trees.scores(rows).tolist()
        return scores

    def to_json(self) -> dict[str, Any]:
        counts = {key: list(found) for key, found in sorted(self.counts.items())}
        return {"features": list(PRIMARY_FEATURES), "trees": self.trees.to_json(), "counts": counts}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "PrimaryRanker":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        if tuple(written["features"]) != PRIMARY_FEATURES:
            raise ValueError("the ranker of primary diagnoses was fitted on other features")
        counts = {str(key): (int(stood), int(first)) for key, (stood, first) in written["counts"].items()}
        return cls(Trees.from_json(written["trees"]), counts)


def primary_rows(in_text: Sequence[Ranked], comorbidities: Set[str], counts: Mapping[str, Counts]) -> Floats:
    """A row of PRIMARY_FEATURES for each diagnosis."""
    if not in_text:
        return np.zeros((0, len(PRIMARY_FEATURES)))
    verdicts = [primary_cost(one, place, comorbidities) for place, one in enumerate(in_text)]
    costs = np.array([_NEVER * never + cost for never, cost in verdicts])
    shares = np.array([_shares(one.candidate.code, counts) for one in in_text])
    count = len(in_text)
    own = np.column_stack(
        [
            [one.confidence for one in in_text],
            costs,
            costs - costs.min(),
            costs.argsort(kind="stable").argsort(kind="stable"),
            np.arange(count) / count,
            np.arange(count),
            np.full(count, count),
            shares,
            shares / shares.max(axis=0),
        ]
    )
    features = np.array([one.candidate.features for one in in_text], dtype=np.float64)
    return np.hstack([features, own])


def _shares(code: str, counts: Mapping[str, Counts]) -> tuple[float, float]:
    """How often the category, and the code, was first where it stood; with few cases near the wider group."""
    share, found = _PRIOR_SHARE, []
    for key in keys_of(code):
        stood, first = counts.get(key, (0, 0))
        share = (first + _PRIOR_WEIGHT * share) / (stood + _PRIOR_WEIGHT)
        found.append(share)
    return found[1], found[2]
