"""Trees as plain numbers: the walk, and what is refused."""

from typing import Any

import numpy as np
import pytest

from models.ranking import Trees

ONE = Trees(
    depth=2,
    features=((0, 1, 1),),
    thresholds=((0.5, 1.0, 2.0),),
    leaves=((10.0, 20.0, 30.0, 40.0),),
)


def test_a_row_ends_in_its_leaf() -> None:
    rows = np.array([[0.5, 1.0], [0.5, 1.1], [0.6, 2.0], [0.6, 2.1]])
    assert ONE.scores(rows).tolist() == [10.0, 20.0, 30.0, 40.0]


def test_trees_add_up() -> None:
    two = Trees(2, ONE.features * 2, ONE.thresholds * 2, (*ONE.leaves, (1.0, 2.0, 3.0, 4.0)))
    assert two.scores(np.array([[0.6, 2.1]])).tolist() == [44.0]


def test_without_trees_nothing_is_added() -> None:
    assert Trees().scores(np.zeros((3, 2))).tolist() == [0.0, 0.0, 0.0]
    assert not Trees()
    assert Trees().widest == -1


def test_trees_survive_json_and_scaling() -> None:
    assert Trees.from_json(ONE.to_json()) == ONE
    assert ONE.scaled(0.5, 3).leaves == ((5.0, 10.0, 15.0, 20.0),)
    assert ONE.widest == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"depth": 3},
        {"depth": 9},
        {"features": [[0, 1]]},
        {"leaves": [[1.0, 2.0, 3.0]]},
        {"leaves": [[1.0, 2.0, 3.0, float("inf")]]},
        {"thresholds": []},
    ],
)
def test_numbers_that_make_no_trees_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"trees|tree|leaves"):
        Trees.from_json(ONE.to_json() | changes)
