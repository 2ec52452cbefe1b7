"""How likely codes are before any ranker: a linear score over what their matches say.

It chooses which of the codes that only descriptions speak for an episode keeps, and says how strongly codes
claim the same words. Learned in training/order.py; a lexicon without it orders by a product made by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.lexicon.proposal import LEARNED_FEATURES, Proposal

AMONG_ALL = frozenset(
    {"others", "same_category", "category_behind", "votes", "category_votes"}
    | {name for name in LEARNED_FEATURES if name.startswith("rival")}
)
"""What only shows once it is known which codes are kept, and votes, which are no share of anything."""
ORDERED_BY: tuple[str, ...] = tuple(name for name in LEARNED_FEATURES if name not in AMONG_ALL)
_FAR = 50.0


@dataclass(frozen=True)
class Order:
    intercept: float
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        unknown = sorted(self.weights.keys() - set(ORDERED_BY))
        if unknown:
            raise ValueError(f"the order of proposals weighs {', '.join(unknown)}, which there is not")
        if not all(map(isfinite, (self.intercept, *self.weights.values()))):
            raise ValueError("the order of proposals needs finite weights")

    def likelihoods(self, proposals: Mapping[str, Proposal]) -> dict[str, float]:
        """Of each code, zero to one."""
        if not proposals:
            return {}
        rows = np.asarray([one.values for one in proposals.values()])
        scores = np.clip(rows @ self._weights + self.intercept, -_FAR, _FAR)
        return dict(zip(proposals, (1 / (1 + np.exp(-scores))).tolist(), strict=True))

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        return np.asarray([self.weights.get(name, 0.0) for name in LEARNED_FEATURES])

    def to_json(self) -> dict[str, Any]:
        return {"intercept": self.intercept, "weights": dict(self.weights)}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Order":
        weights = {str(name): float(weight) for name, weight in written["weights"].items()}
        return cls(float(written["intercept"]), weights)


def strengths_by_hand(proposals: Mapping[str, Proposal]) -> dict[str, float]:
    return {code: _strength(one) for code, one in proposals.items()}


def _strength(one: Proposal) -> float:
    tight = one.get("tight_share") * (1 + one.get("tight_longest"))
    loose = 0.6 * one.get("loose_share") * (1 + one.get("loose_longest"))
    part = 0.6 * one.get("part_coverage") * one.get("part_share") * (1 + one.get("part_longest"))
    return max(0.5 * max(tight, loose, part), 0.4 * one.get("meaning_worth"))
