"""Names that sort well, lists of what goes wrong, and what a run ran on."""

from pathlib import Path

import pytest

from data.episodes import Role
from tests.unit.models.small_model import classifications
from training.confusions import as_table, most_false, most_missed
from training.environment import environment, environment_tags, processor_kind
from training.metrics import Coding, Offered, Scored
from training.tracking import clean_name, fold_figures, sortable_chapter


def scored(name: str, gold: tuple[str, ...], suggested: tuple[str, ...], further: str = "") -> Scored:
    offered = [Offered(code, 0.9, True) for code in suggested]
    offered += [Offered(further, 0.2, False)] if further else []
    return Scored(
        name, name, Coding(Role.DIAGNOSIS, gold, tuple(offered)), Coding(Role.PROCEDURE, ("J183",), ())
    )


EPISODES = (
    scored("1", ("I10X", "E119"), ("I10X", "E149")),
    scored("2", ("E119",), ("E149",), further="E119"),
    scored("3", ("J189",), ("J189", "R074")),
)


def test_missed_codes_come_most_often_missed_first_with_what_stood_instead() -> None:
    missed = most_missed(EPISODES, classifications().values())
    assert [(item.code, item.times) for item in missed] == [("J183", 3), ("E119", 2)]
    diabetes = missed[1]
    assert (diabetes.gold, diabetes.suggested, diabetes.offered, diabetes.instead) == (2, 0, 1, ("E149",))
    assert diabetes.title.startswith("Type 2 diabetes")


def test_false_codes_name_what_was_meant() -> None:
    table = as_table(most_false(EPISODES, classifications().values(), limit=1))
    assert (table["code"], table["times"], table["instead"]) == (["E149"], [2], ["E119"])


@pytest.mark.parametrize(
    ("chapter", "name"), [("IX", "09 IX"), ("XIV", "14 XIV"), ("I", "01 I"), ("not in the table",) * 2]
)
def test_chapters_sort_by_number(chapter: str, name: str) -> None:
    assert sortable_chapter(chapter) == name


def test_names_hold_only_what_mlflow_takes() -> None:
    assert clean_name("age_band/80+/f1") == "age_band/80 and over/f1"
    assert clean_name("specialty/T&O (spine)/f1") == "specialty/T_O _spine_/f1"


def test_folds_are_those_of_training_and_hold_every_episode_once() -> None:
    found = list(fold_figures(EPISODES, 2, seed=1))
    assert [fold for fold, _, _ in found] == [1, 2]
    assert sum(episodes for _, episodes, _ in found) == 3
    assert all("diagnoses_micro_f1" in figures for _, _, figures in found)


def test_the_environment_names_packages_and_processor_and_has_one_digest(tmp_path: Path) -> None:
    found = environment()
    assert {"numpy", "scikit-learn", "lightgbm"} <= found["packages"].keys()
    tags = environment_tags(found)
    assert tags["environment.processor"] == found["processor"] != ""
    assert environment_tags({**found, "python": "2"})["environment_digest"] != tags["environment_digest"]
    facts = tmp_path / "cpuinfo"
    facts.write_text("processor\t: 0\nmodel name\t: Imagined 9\n")
    assert processor_kind(facts) == "Imagined 9"
    assert processor_kind(tmp_path / "none") != ""
