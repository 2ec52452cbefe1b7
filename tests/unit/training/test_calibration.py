"""Every expected figure was worked out by hand."""

import pytest

from data.episodes import Role
from training.calibration import (
    Bin,
    Judged,
    brier,
    calibration_error,
    calibration_figures,
    equal_mass_bins,
    equal_width_bins,
    errors_by_chance,
    judge,
)
from training.metrics import Coding, Offered


def judged(*pairs: tuple[float, int]) -> list[Judged]:
    return [Judged(confidence, bool(right)) for confidence, right in pairs]


def test_equal_width_bins_keep_mean_and_share() -> None:
    bins = equal_width_bins(judged((0.12, 0), (0.18, 1), (0.9, 1), (1.0, 1)))
    assert [(found.count, found.right) for found in bins] == [(2, 0.5), (2, 1.0)]
    assert [found.confidence for found in bins] == pytest.approx([0.15, 0.95])


def test_calibration_error_weighs_bins_by_size() -> None:
    bins = (Bin(0.2, 0.5, 1), Bin(0.9, 1.0, 3))
    assert calibration_error(bins) == pytest.approx((0.3 * 1 + 0.1 * 3) / 4)


def test_equal_mass_bins_have_the_same_size() -> None:
    bins = equal_mass_bins(judged((0.1, 0), (0.2, 0), (0.3, 1), (0.8, 1)), bins=2)
    assert [(found.count, found.right) for found in bins] == [(2, 0.0), (2, 1.0)]
    assert [found.confidence for found in bins] == pytest.approx([0.15, 0.55])


def test_equal_confidences_are_not_told_apart_by_an_edge() -> None:
    """Half of the codes at 0.5 are right: that is calibrated, wherever the edges of the bins fall."""
    items = judged((0.5, 0), (0.5, 0), (0.5, 1), (0.5, 1))
    assert calibration_error(equal_mass_bins(items, bins=2)) == 0.0


def test_fewer_codes_than_bins_leave_no_empty_bin() -> None:
    assert [found.count for found in equal_mass_bins(judged((0.3, 0), (0.7, 1)))] == [1, 1]


def test_chance_alone_shows_an_error_that_shrinks_with_more_codes() -> None:
    """400 codes believed .5: the share right varies by .5 / 20, its mean distance by .8 of that."""
    few, many = errors_by_chance(judged((0.5, 1)) * 400), errors_by_chance(judged((0.5, 1)) * 10_000)
    assert few is not None
    assert many is not None
    assert few == pytest.approx((0.025 * 0.798, 0.025 * 1.96), rel=0.1)
    assert many[1] < few[0]


def test_what_is_certain_shows_no_error_by_chance() -> None:
    assert errors_by_chance(judged((1.0, 1), (1.0, 1))) == (0.0, 0.0)
    assert errors_by_chance([]) is None


def test_brier_is_the_mean_square() -> None:
    assert brier(judged((0.8, 1), (0.4, 0))) == pytest.approx((0.04 + 0.16) / 2)


def test_nothing_to_measure_is_none() -> None:
    names = {"ece", "ece_equal_mass", "ece_by_chance", "ece_by_chance_95", "brier"}
    assert calibration_figures([]) == dict.fromkeys(names | {f"suggested_{name}" for name in names})


def test_what_was_suggested_is_measured_alone_too() -> None:
    coding = Coding(Role.DIAGNOSIS, ("A",), (Offered("A", 0.9, True), Offered("B", 0.3, False)))
    figures = calibration_figures([coding])
    assert figures["suggested_ece"] == pytest.approx(0.1)
    assert figures["suggested_brier"] == pytest.approx(0.01)
    assert figures["ece"] == pytest.approx(0.2)


def test_codes_below_the_floor_do_not_count() -> None:
    coding = Coding(Role.DIAGNOSIS, ("A",), (Offered("A", 0.9, True), Offered("B", 0.09, False)))
    assert judge([coding]) == (Judged(0.9, True),)


def test_the_second_line_of_a_code_is_right_only_where_gold_has_it_twice() -> None:
    lines = (Offered("P", 0.6, True), Offered("P", 0.5, True), Offered("P", 0.4, False))
    assert [item.right for item in judge([Coding(Role.PROCEDURE, ("P", "P"), lines)])] == [True, True, False]
    assert [item.right for item in judge([Coding(Role.DIAGNOSIS, ("P", "P"), lines)])] == [True, False, False]
