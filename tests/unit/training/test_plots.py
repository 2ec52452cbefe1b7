from pathlib import Path

import pytest

from training.calibration import Judged
from training.plots import precision_recall, suggestions_per_episode, write_plots

JUDGED = [Judged(0.9, True), Judged(0.6, False), Judged(0.6, True), Judged(0.05, False)]


def test_precision_and_recall_at_each_confidence() -> None:
    """Equal confidences come in together."""
    assert precision_recall(JUDGED) == [
        (0.9, 1.0, 0.5),
        (0.6, pytest.approx(2 / 3), 1.0),
        (0.05, 0.5, 1.0),
    ]


def test_a_lower_threshold_brings_more_suggestions() -> None:
    assert suggestions_per_episode(JUDGED, 2) == [(0.9, 0.5), (0.6, 1.5), (0.05, 2.0)]


def test_nothing_right_has_no_curve() -> None:
    assert precision_recall([Judged(0.5, False)]) == []


def test_plots_say_what_they_rest_on_and_are_the_same_each_time(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_plots(JUDGED, 0.5, "4 codes, synthetic text", tmp_path / folder, episodes=2)
    names = {"reliability.svg", "precision_recall.svg", "confidences.svg", "operating_points.svg"}
    assert {path.name for path in (tmp_path / "one").iterdir()} == names
    for name in names:
        drawn = (tmp_path / "one" / name).read_text()
        assert "synthetic text" in drawn
        assert drawn == (tmp_path / "two" / name).read_text()


def test_a_role_without_candidates_has_empty_plots(tmp_path: Path) -> None:
    write_plots([], 0.5, "no codes", tmp_path / "plots", episodes=0)
    assert len(list((tmp_path / "plots").iterdir())) == 4
