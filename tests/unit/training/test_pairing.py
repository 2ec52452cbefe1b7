"""Two models on the same episodes: differences, their intervals, chapters, calibration."""

import pytest

from data.classifications import load_classification
from data.episodes import Role
from training.bootstrap import confidence_intervals
from training.metrics import Coding, Offered, Scored, headline_figures
from training.pairing import Pair, Pairing, support

NOTHING = Coding(Role.PROCEDURE, (), ())


def coded(place: int, *offered: tuple[str, float], gold: str = "I10X") -> Scored:
    lines = tuple(Offered(code, confidence, True) for code, confidence in offered)
    return Scored(str(place), str(place // 2), Coding(Role.DIAGNOSIS, (gold,), lines), NOTHING)


def pairing(champion: list[Scored], challenger: list[Scored]) -> Pairing:
    return Pairing(Pair(tuple(champion), tuple(challenger)), seed=3, draws=400)


RIGHT = [coded(place, ("I10X", 0.9)) for place in range(20)]
HALF = [coded(place, ("I10X" if place % 4 < 2 else "I489", 0.9)) for place in range(20)]


def test_a_model_against_itself_differs_by_nothing() -> None:
    figure = pairing(HALF, HALF).headlines()["micro_f1"]
    assert figure["champion"] == figure["challenger"] == headline_figures(HALF)["micro_f1"]
    assert (figure["difference"], figure["interval_95"]) == (0.0, (0.0, 0.0))


def test_a_worse_model_lies_below_with_its_interval() -> None:
    figure = pairing(RIGHT, HALF).headlines()["primary_correct"]
    assert figure["difference"] == -0.5
    interval = figure["interval_95"]
    assert isinstance(interval, tuple)
    assert -0.85 < interval[0] < -0.5 < interval[1] < -0.15


def test_what_is_hard_for_both_does_not_widen_the_interval() -> None:
    """Unpaired, each figure is uncertain; the difference of one episode in twenty is not."""
    better = [*HALF[:2], coded(2, ("I10X", 0.9)), *HALF[3:]]
    interval = pairing(HALF, better).headlines()["primary_correct"]["interval_95"]
    alone = confidence_intervals(HALF, seed=3, draws=400)["primary_correct"]
    assert alone is not None
    assert isinstance(interval, tuple)
    assert interval[1] - interval[0] < (alone[1] - alone[0]) / 2


def test_chapters_carry_their_support_and_the_loss_stays_in_its_chapter() -> None:
    lungs = [coded(place, ("J189", 0.9), gold="J189") for place in range(20, 26)]
    found = pairing([*RIGHT, *lungs], [*HALF, *lungs]).chapters(Role.DIAGNOSIS, load_classification("icd10"))
    assert {name: figure["gold"] for name, figure in found.items()} == {"IX": 20, "X": 6}
    assert found["X"]["difference"] == 0.0
    assert found["IX"]["difference"] == pytest.approx(-0.5)
    assert set(support(found, 10)) == {"IX"}


def test_overconfidence_shows_as_a_rise_of_the_calibration_error() -> None:
    figure = pairing(RIGHT, HALF).calibration()["all"]
    assert figure["champion"] == pytest.approx(0.1)
    assert figure["challenger"] == pytest.approx(0.4)
    assert figure["difference"] == pytest.approx(0.3)


def test_what_has_nothing_to_measure_has_no_figure() -> None:
    figure = pairing(RIGHT, RIGHT).headlines()["procedures_micro_f1"]
    assert (figure["difference"], figure["interval_95"]) == (None, None)
