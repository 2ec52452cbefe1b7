"""Rankers from before some features were there."""

import pytest

from models.ranking.earlier import places_now, spread

NAMES = ("order", "learned_title_coverage", "position", "order")


def test_features_of_before_keep_their_places_though_a_name_stands_twice() -> None:
    places = places_now(["order", "position", "order"], NAMES)
    assert places == (0, 2, 3)
    assert spread([1.0, 2.0, 3.0], places, len(NAMES), 0.0) == (1.0, 0.0, 2.0, 3.0)


def test_all_features_stand_where_they_are() -> None:
    assert places_now(NAMES, NAMES) == (0, 1, 2, 3)


@pytest.mark.parametrize("written", [[], ["order", "position"], ["position", "order", "order"]])
def test_other_features_are_refused(written: list[str]) -> None:
    with pytest.raises(ValueError, match="other features"):
        places_now(written, NAMES)


def test_features_that_came_last_may_lack_with_or_without_those_before_them() -> None:
    names = (*NAMES, "newest")
    assert places_now(NAMES, names, {"newest"}) == (0, 1, 2, 3)
    assert places_now(["order", "position", "order"], names, {"newest"}) == (0, 2, 3)
    with pytest.raises(ValueError, match="other features"):
        places_now(["order", "position", "order", "newest"], names, {"newest"})


def test_what_came_before_the_latest_may_lack_with_it_but_not_alone() -> None:
    names = ("order", "newer", "position", "newest")
    assert places_now(["order", "position"], names, {"newest"}, {"newer"}) == (0, 2)
    with pytest.raises(ValueError, match="other features"):
        places_now(["order", "position", "newest"], names, {"newest"}, {"newer"})
