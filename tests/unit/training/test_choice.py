"""The linear choice finds what tells the right line of a group from the others."""

import numpy as np
import pytest

from training.choice import chances_of, fit_choice


def groups(count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """In groups of three the right row has the highest second feature; the third never varies."""
    features = np.random.default_rng(2).random((3 * count, 3))
    features[:, 2] = 7.0
    right = np.zeros(3 * count, dtype=bool)
    for start in range(0, 3 * count, 3):
        right[start + features[start : start + 3, 1].argmax()] = True
    return features, right


def test_the_right_row_of_a_group_scores_highest() -> None:
    features, right = groups()
    weights = fit_choice(features, right, [3] * 300, strength=1.0)
    scores = (features @ np.asarray(weights)).reshape(300, 3)
    assert (scores.argmax(axis=1) == right.reshape(300, 3).argmax(axis=1)).mean() > 0.95
    assert abs(weights[0]) < 0.1 * weights[1]
    assert weights[2] == 0.0


def test_the_less_is_allowed_the_smaller_are_the_weights() -> None:
    features, right = groups()
    small, large = (fit_choice(features, right, [3] * 300, strength)[1] for strength in (0.001, 1.0))
    assert 0 < small < large


def test_a_rare_flag_is_shrunk_no_less_than_a_common_one() -> None:
    rare = np.zeros((600, 1))
    rare[:6:2] = 1.0
    right = np.tile([True, False], 300)
    by_its_scale, alike = (fit_choice(rare, right, [2] * 300, 0.1, flags=flags)[0] for flags in (0, 1))
    assert 0 < alike < by_its_scale


def test_chances_of_a_group_add_up_to_one() -> None:
    chances = chances_of(np.array([0.0, 0.0, 800.0, -800.0, 1.0]), [2, 3])
    assert chances[:2] == pytest.approx([0.5, 0.5])
    assert chances[2:].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("sizes", [[2, 1], [1, 2]])
def test_groups_may_be_of_any_size(sizes: list[int]) -> None:
    right = np.array([True, False, True]) if sizes == [2, 1] else np.array([True, True, False])
    features = right[:, None] * 1.0
    assert fit_choice(features, right, sizes, strength=1.0)[0] > 0
