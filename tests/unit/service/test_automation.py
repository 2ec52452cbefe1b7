"""Pure parts of automation: second codings compared, and the drift alarm."""

import random

import pytest

from data.episodes import Role
from service.automation.comparing import Codes, Difference, differences
from service.automation.drift import WINDOW, has_drifted, reference_of, stability_index


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        (Codes(("A", "B", "C"), ("P", "Y")), []),
        (Codes(("A", "C", "B"), ("P", "Y")), []),
        (Codes(("A", "B", "B", "C"), ("P", "Y")), []),
        (Codes(("B", "A", "C"), ("P", "Y")), ["primary"]),
        (Codes(("A", "B"), ("P", "Y")), ["missed"]),
        (Codes(("A", "B", "C", "D"), ("P", "Y")), ["extra"]),
        (Codes(("A", "B", "C"), ("P", "P", "Y")), ["extra"]),
        (Codes(("A", "B", "C"), ("Y", "P")), ["primary"]),
        (Codes(("A", "B", "C"), ()), ["missed", "missed"]),
    ],
)
def test_differences_are_named_line_by_line(other: Codes, kinds: list[str]) -> None:
    assert [one.kind for one in differences(Codes(("A", "B", "C"), ("P", "Y")), other)] == kinds


def test_a_difference_says_the_code_and_its_role() -> None:
    found = differences(Codes(("A",), ()), Codes(("A",), ("P",)))
    assert found == (Difference(Role.PROCEDURE, "extra", "P"),)


def likes(count: int, *, mean: float, seed: int) -> list[float]:
    drawn = random.Random(seed)
    return [min(max(drawn.gauss(mean, 0.1), 0.0), 1.0) for _ in range(count)]


def test_the_same_kind_of_episodes_raises_no_alarm() -> None:
    reference = reference_of(likes(300, mean=0.7, seed=0))
    alarms = [has_drifted(reference, likes(WINDOW, mean=0.7, seed=seed)) for seed in range(1, 201)]
    assert sum(alarms) <= 3


def test_another_kind_raises_it() -> None:
    reference = reference_of(likes(300, mean=0.7, seed=0))
    alarms = [has_drifted(reference, likes(WINDOW, mean=0.55, seed=seed)) for seed in range(1, 21)]
    assert all(alarms)


def test_the_index_is_nothing_for_equal_shares_and_grows_with_the_difference() -> None:
    assert stability_index([10, 10], [50, 50]) == pytest.approx(0)
    assert stability_index([10, 10], [60, 40]) < stability_index([10, 10], [90, 10])


def test_too_small_a_reference_knows_nothing() -> None:
    assert not has_drifted(reference_of([]), likes(WINDOW, mean=0.1, seed=1))
    assert not has_drifted(reference_of([0.9]), likes(WINDOW, mean=0.1, seed=1))
