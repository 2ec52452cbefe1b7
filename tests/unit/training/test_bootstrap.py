import pytest

from data.episodes import Role
from training.bootstrap import confidence_intervals
from training.metrics import HEADLINES, Coding, Offered, Scored


def scored(name: str, patient: str, right: bool) -> Scored:
    offered = (Offered("A" if right else "B", 0.9, True),)
    return Scored(name, patient, Coding(Role.DIAGNOSIS, ("A",), offered), Coding(Role.PROCEDURE, (), ()))


def interval(episodes: list[Scored], seed: int = 1) -> tuple[float, float]:
    found = confidence_intervals(episodes, seed=seed)["primary_correct"]
    assert found is not None
    return found


def test_every_headline_has_an_interval_or_none() -> None:
    found = confidence_intervals([scored("1", "p", True)], seed=1)
    assert set(found) == set(HEADLINES)
    assert found["procedures_micro_f1"] is None


def test_certainty_has_no_width() -> None:
    assert interval([scored("1", "p", True), scored("2", "q", True)]) == (1.0, 1.0)


def test_interval_covers_the_figure_and_narrows_with_more_patients() -> None:
    def mixed(count: int) -> list[Scored]:
        return [scored(str(place), str(place), place % 2 == 0) for place in range(count)]

    few, many = interval(mixed(20)), interval(mixed(400))
    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    # binomial: 1.96 * sqrt(.25 / 400) = .049
    assert many == pytest.approx((0.451, 0.549), abs=0.01)


def test_patients_are_drawn_and_not_episodes() -> None:
    """Two patients, one always right, one always wrong: each draw is 0, 1/2 or 1."""
    episodes = [
        scored(f"{patient}{place}", patient, patient == "p") for patient in "pq" for place in range(50)
    ]
    assert interval(episodes) == (0.0, 1.0)


def test_same_seed_same_interval() -> None:
    episodes = [scored(str(place), str(place), place % 3 == 0) for place in range(30)]
    assert interval(episodes, seed=7) == interval(episodes, seed=7)


def test_no_episodes_no_interval() -> None:
    assert set(confidence_intervals([], seed=1).values()) == {None}
