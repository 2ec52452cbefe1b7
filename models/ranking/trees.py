"""Boosted trees as plain numbers: perfect binary trees of one depth, walked for all rows at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_DEEPEST = 8


@dataclass(frozen=True)
class Trees:
    """A node asks whether a feature is at most a threshold: if so the walk goes left, otherwise right."""

    depth: int = 0
    features: tuple[tuple[int, ...], ...] = ()
    """Of each tree, level by level: 2 ** depth - 1 numbers of features."""
    thresholds: tuple[tuple[float, ...], ...] = ()
    leaves: tuple[tuple[float, ...], ...] = ()
    """Of each tree, from left to right: 2 ** depth log-odds to be added."""

    def __post_init__(self) -> None:
        nodes = 2**self.depth - 1
        if not 0 <= self.depth <= _DEEPEST:
            raise ValueError(f"trees are at most {_DEEPEST} deep")
        if not len(self.features) == len(self.thresholds) == len(self.leaves):
            raise ValueError("features, thresholds and leaves must be of as many trees")
        if any(len(tree) != nodes for tree in (*self.features, *self.thresholds)):
            raise ValueError(f"a tree of depth {self.depth} has {nodes} nodes")
        if any(len(tree) != nodes + 1 for tree in self.leaves):
            raise ValueError(f"a tree of depth {self.depth} has {nodes + 1} leaves")
        if not all(np.isfinite(tree).all() for tree in self.leaves):
            raise ValueError("leaves must be finite")

    def __bool__(self) -> bool:
        return bool(self.leaves)

    @property
    def widest(self) -> int:
        """The highest number of a feature that is asked for; -1 without trees."""
        return max((max(tree, default=-1) for tree in self.features), default=-1)

    def scores(self, rows: Floats) -> Floats:
        """Log-odds of each row of features: the sum over the trees."""
        if not self.leaves:
            return np.zeros(len(rows))
        features, thresholds, leaves, firsts = self._arrays
        flat = np.ascontiguousarray(rows).ravel()
        row_starts = np.arange(len(rows))[:, None] * rows.shape[1]
        # Places in flat arrays: `take` needs a fraction of the time of indexing with two arrays.
        nodes = np.zeros((len(rows), len(firsts)), dtype=np.int64)
        for _ in range(self.depth):
            places = nodes + firsts
            values = flat.take(features.take(places) + row_starts)
            nodes = 2 * nodes + 1 + (values > thresholds.take(places))
        # A tree has one leaf more than it has nodes inside.
        reached = leaves.take(nodes - (2**self.depth - 1) + firsts + np.arange(len(firsts)))
        return np.asarray(reached.sum(axis=1), dtype=np.float64)

    @cached_property
    def _arrays(self) -> tuple[Integers, Floats, Floats, Integers]:
        """All trees one after another, and the first node of each."""
        inner = 2**self.depth - 1
        return (
            np.asarray(self.features, dtype=np.int64).ravel(),
            np.asarray(self.thresholds, dtype=np.float64).ravel(),
            np.asarray(self.leaves, dtype=np.float64).ravel(),
            np.arange(len(self.leaves)) * inner,
        )

    def scaled(self, factor: float, decimals: int) -> "Trees":
        """The same trees, what they add multiplied."""
        leaves = tuple(tuple(round(leaf * factor, decimals) for leaf in tree) for tree in self.leaves)
        return Trees(self.depth, self.features, self.thresholds, leaves)

    def to_json(self) -> dict[str, Any]:
        return {
            "depth": self.depth,
            "features": [list(tree) for tree in self.features],
            "thresholds": [list(tree) for tree in self.thresholds],
            "leaves": [list(tree) for tree in self.leaves],
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Trees":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        return cls(
            int(written["depth"]),
            _rows(written["features"], int),
            _rows(written["thresholds"], float),
            _rows(written["leaves"], float),
        )


def _rows(written: Sequence[Sequence[Any]], kind: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(kind(value) for value in tree) for tree in written)
