"""What LightGBM fits is what the plain trees answer."""

import numpy as np

from training.boosting import fit_trees
from training.config import read_config

CONFIG = read_config()


def rows(count: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Right where one of the first two features is high, not where both are: no line tells them apart."""
    random = np.random.default_rng(1)
    features = random.random((count, 4))
    right = (features[:, 0] > 0.5) != (features[:, 1] > 0.5)
    return features, right


def test_trees_learn_what_a_line_cannot() -> None:
    features, right = rows()
    trees = fit_trees(features, right, np.zeros(len(right)), CONFIG.trees, seed=1)
    scores = trees.scores(features)
    assert scores[right].mean() > scores[~right].mean() + 1


def test_the_same_rows_and_seed_give_the_same_trees() -> None:
    features, right = rows()
    base = np.zeros(len(right))
    assert fit_trees(features, right, base, CONFIG.trees, 3) == fit_trees(
        features, right, base, CONFIG.trees, 3
    )
