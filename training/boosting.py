"""Boosted trees on top of a score: LightGBM fits them, models/ranking/trees.py walks them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.ranking import Trees
from training.choice import chances_of
from training.config import TreesConfig

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_LEAST_CURVE = 1e-3
_FAR = 1e300
"""Every feature is at most this: a node that always leads left."""


def fit_trees(features: Floats, right: Flags, base: Floats, config: TreesConfig, seed: int) -> Trees:
    """Trees that add to the log-odds `base` of each row; the same for the same rows and seed."""
    import lightgbm

    rows = lightgbm.Dataset(features, right.astype(np.float64), init_score=base)
    booster = lightgbm.train(
        _settings(config, seed) | {"objective": "binary"}, rows, num_boost_round=config.count
    )
    return _plain(booster.dump_model(), config.depth)


def fit_choice_trees(
    features: Floats, right: Flags, groups: Sequence[int], base: Floats, config: TreesConfig, seed: int
) -> Trees:
    """Trees that add to the score `base` of each row, so that the right row of its group scores highest."""
    import lightgbm

    def slope_and_curve(added: Floats, _: Any) -> tuple[Floats, Floats]:
        chances = chances_of(base + added, groups)
        return chances - right, np.maximum(chances * (1 - chances), _LEAST_CURVE)

    rows = lightgbm.Dataset(features, right.astype(np.float64))
    booster = lightgbm.train(
        _settings(config, seed) | {"objective": slope_and_curve}, rows, num_boost_round=config.count
    )
    return _plain(booster.dump_model(), config.depth)


def _settings(config: TreesConfig, seed: int) -> dict[str, Any]:
    return {
        "learning_rate": config.learning_rate,
        "max_depth": config.depth,
        "num_leaves": 2**config.depth,
        "min_data_in_leaf": config.least_in_leaf,
        "lambda_l2": config.shrinkage,
        "feature_fraction": config.features_share,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }


def _plain(dumped: dict[str, Any], depth: int) -> Trees:
    trees = [_perfect(tree["tree_structure"], depth) for tree in dumped["tree_info"]]
    return Trees(
        depth,
        tuple(features for features, _, _ in trees),
        tuple(thresholds for _, thresholds, _ in trees),
        tuple(leaves for _, _, leaves in trees),
    )


_Tree = tuple[tuple[int, ...], tuple[float, ...], tuple[float, ...]]


def _perfect(root: dict[str, Any], depth: int) -> _Tree:
    """A tree filled up to its full depth: a leaf higher up is repeated below."""
    features: list[int] = []
    thresholds: list[float] = []
    level = [root]
    for _ in range(depth):
        below: list[dict[str, Any]] = []
        for node in level:
            split = "split_feature" in node
            features.append(int(node["split_feature"]) if split else 0)
            thresholds.append(float(node["threshold"]) if split else _FAR)
            below.extend(_children(node) if split else (node, node))
        level = below
    return tuple(features), tuple(thresholds), tuple(round(float(leaf["leaf_value"]), 8) for leaf in level)


def _children(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node["left_child"]
    yield node["right_child"]
