"""Exact bounds equal the published numbers, and thresholds are found from the safest down."""

import pytest

from models.gate import LEAST_CASES, cases_needed, interval, most_error, p_value, safest_threshold, supports


@pytest.mark.parametrize(("errors", "cases"), [(0, 59), (2, 124), (5, 208), (10, 336)])
def test_cases_needed_for_5_percent_at_95_are_those_that_are_published(errors: int, cases: int) -> None:
    assert cases_needed(errors, 0.05, 0.95) == cases
    assert most_error(errors, cases) <= 0.05 < most_error(errors, cases - 1)


def test_the_fewest_cases_are_those_that_no_error_needs() -> None:
    assert cases_needed(0, 0.05) == LEAST_CASES


def test_without_an_error_the_bound_is_the_closed_form() -> None:
    assert most_error(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59), abs=1e-9)


@pytest.mark.parametrize(
    ("errors", "cases", "low", "high"),
    [(0, 10, 0.0, 0.30850), (1, 10, 0.00253, 0.44502), (5, 10, 0.18709, 0.81291), (10, 10, 0.69150, 1.0)],
)
def test_intervals_are_those_of_clopper_and_pearson(errors: int, cases: int, low: float, high: float) -> None:
    assert interval(errors, cases) == pytest.approx((low, high), abs=1e-5)


def test_a_p_value_is_a_binomial_tail() -> None:
    assert p_value(0, 2, 0.5) == pytest.approx(0.25)
    assert p_value(1, 2, 0.5) == pytest.approx(0.75)
    assert p_value(2, 2, 0.5) == 1.0


def test_nothing_seen_shows_nothing() -> None:
    assert most_error(0, 0) == 1.0
    assert interval(0, 0) == (0.0, 1.0)
    assert not supports(0, 0, 0.05, 0.95)


def test_more_errors_or_fewer_cases_never_make_the_bound_smaller() -> None:
    by_errors = [most_error(errors, 100) for errors in range(20)]
    by_cases = [most_error(2, cases) for cases in range(3, 200)]
    assert by_errors == sorted(by_errors)
    assert by_cases == sorted(by_cases, reverse=True)


def test_fewer_than_59_cases_support_nothing_even_for_a_loose_limit() -> None:
    assert not supports(0, 58, 0.20, 0.90)
    assert supports(0, 59, 0.20, 0.90)


def test_no_threshold_stands_on_58_right_cases_and_one_does_on_59() -> None:
    assert safest_threshold([(0.9, True)] * 58, 0.05) is None
    found = safest_threshold([(0.9, True)] * 59, 0.05)
    assert found is not None
    assert (found.value, found.cases, found.errors) == (0.9, 59, 0)
    assert found.bound <= 0.05


def test_a_threshold_goes_no_lower_than_its_cases_reach() -> None:
    found = safest_threshold([(0.9, True)] * 100 + [(0.7, True)] * 10, 0.05)
    assert found is not None
    assert found.value == 0.7


def test_the_sequence_ends_at_the_first_threshold_that_is_not_safe() -> None:
    """What lies below is not asked, however right it is."""
    scored = [(0.9, True)] * 59 + [(0.8, False)] * 5 + [(0.7, True)] * 1000
    found = safest_threshold(scored, 0.05)
    assert found is not None
    assert found.value == 0.9


def test_a_wrong_case_among_the_surest_leaves_none() -> None:
    assert safest_threshold([(0.95, False)] + [(0.9, True)] * 58, 0.05) is None


def test_a_looser_limit_never_has_a_higher_threshold() -> None:
    scored = [(0.99 - place / 1000, place < 150 or place % 6 > 0) for place in range(800)]
    values = [found.value for limit in (0.05, 0.1, 0.2) if (found := safest_threshold(scored, limit))]
    assert len(values) == 3
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]
