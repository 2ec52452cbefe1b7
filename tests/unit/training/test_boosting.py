"""What LightGBM fits is what the plain trees answer."""

import numpy as np

from training.boosting import fit_choice_trees, fit_trees
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


def test_trees_learn_which_row_of_a_group_is_right_by_how_it_differs_from_the_others() -> None:
    """In groups of three the highest is right, however high all of them are."""
    random = np.random.default_rng(3)
    own = random.random((300, 3))
    right = own == own.max(axis=1, keepdims=True)
    features = np.column_stack([own.ravel(), np.repeat(random.random(300), 3)])
    base = np.zeros(900)
    config = CONFIG.primary.trees
    trees = fit_choice_trees(features, right.ravel(), [3] * 300, base, config, seed=1)
    assert (trees.scores(features).reshape(300, 3).argmax(axis=1) == own.argmax(axis=1)).mean() > 0.9
    again = fit_choice_trees(features, right.ravel(), [3] * 300, base, config, seed=1)
    assert trees == again
