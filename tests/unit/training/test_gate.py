"""The gate is fitted on codings that no model had seen, and judged on cases that it has not seen."""

from dataclasses import replace

import pytest

from data.episodes import CodedEpisode, CodedLine, Document, DocumentKind, Episode, Role
from models.gate import FEATURES
from models.prediction import ModelVersion, Prediction, StandardsVersion, SuggestedLine
from training.config import read_config
from training.gate import (
    EVERY,
    CaseReader,
    GateCase,
    Judged,
    confidences_unseen,
    curve,
    fit_right,
    gate_report,
    is_right,
    prior_model,
)

CONFIG = read_config().gate
JOINT = FEATURES.index("joint_log")


def gold(diagnoses: str, procedures: str = "") -> CodedEpisode:
    episode = Episode("e", (Document("1", DocumentKind.OTHER, "text"),))
    lines = {
        role: tuple(CodedLine(code) for code in codes.split())
        for role, codes in (("diagnoses", diagnoses), ("procedures", procedures))
    }
    return CodedEpisode(episode, lines["diagnoses"], lines["procedures"])


def said(diagnoses: str, procedures: str = "") -> Prediction:
    def lines(role: Role, codes: str) -> tuple[SuggestedLine, ...]:
        made = [SuggestedLine(role, code, "", 0.9, True, (), "") for code in codes.split()]
        return (*made, SuggestedLine(role, "Z999", "", 0.1, False, (), ""))

    found = lines(Role.DIAGNOSIS, diagnoses), lines(Role.PROCEDURE, procedures)
    return Prediction("e", ModelVersion("m", "1", ""), StandardsVersion(), {}, *found, ())


@pytest.mark.parametrize(
    ("diagnoses", "procedures", "right"),
    [
        ("A B C", "P Y Z", True),
        ("A C B", "P Z Y", True),
        ("B A C", "P Y Z", False),
        ("A B C", "Y P Z", False),
        ("A B", "P Y Z", False),
        ("A B C D", "P Y Z", False),
        ("A B C", "P Y Z Z", False),
        ("A B C", "", False),
    ],
)
def test_right_is_the_same_first_codes_and_the_same_others(
    diagnoses: str, procedures: str, right: bool
) -> None:
    assert is_right(gold("A B C", "P Y Z"), said(diagnoses, procedures)) is right


def test_a_procedure_done_twice_has_to_stand_twice_and_a_diagnosis_once() -> None:
    assert is_right(gold("A", "P P"), said("A", "P P"))
    assert not is_right(gold("A", "P P"), said("A", "P"))
    assert is_right(gold("A A"), said("A"))


def cases(count: int = 400, wrong_below: float = -1.0) -> list[GateCase]:
    """The lower the joint log, the likelier wrong."""
    made = []
    for place in range(count):
        joint = -3.0 * (place % 20) / 20
        features = tuple(joint if name == "joint_log" else 0.5 for name in FEATURES)
        right = joint > wrong_below if place % 10 else place % 3 == 0
        made.append(GateCase(f"p{place}", "daycase-other", features, right, held_back=False))
    return made


def test_the_chance_rises_with_what_the_lines_say_together() -> None:
    model = fit_right(cases(), CONFIG)
    low, high = (tuple(joint if name == "joint_log" else 0.5 for name in FEATURES) for joint in (-3.0, 0.0))
    assert model.chance(low) < 0.3
    assert model.chance(high) > 0.7


def test_too_few_right_or_wrong_cases_leave_what_is_known_without_examples() -> None:
    few = [replace(one, right=place == 0) for place, one in enumerate(cases())]
    assert fit_right(few, CONFIG) == prior_model()


def test_no_case_is_judged_by_a_gate_that_saw_its_patient() -> None:
    """Were all cases of one patient otherwise, their own confidences would stay."""
    before = [replace(one, patient=f"p{place % 8}") for place, one in enumerate(cases())]
    after = [replace(one, right=not one.right) if one.patient == "p0" else one for one in before]
    old, new = (confidences_unseen(every, CONFIG, seed=1) for every in (before, after))
    own = [place for place, one in enumerate(before) if one.patient == "p0"]
    assert [old[place] for place in own] == [new[place] for place in own]
    assert old != new


def test_the_curve_ends_with_every_case_and_its_bounds_hold_its_error() -> None:
    judged = [Judged("emergency", 0.9 - place / 200, place % 4 != 0) for place in range(95)]
    points = curve(judged, 0.95)
    assert points[-1]["cases"] == 95
    assert points[-1]["share"] == 1.0
    assert all(one["low"] <= one["error"] <= one["high"] for one in points)
    assert all(one["error"] <= one["bound"] <= one["high"] for one in points)


def test_a_report_on_nothing_is_a_report() -> None:
    gate = CaseReader.shipped().gate(prior_model(), {})
    report = gate_report((), 0, gate)
    assert report["strata"][EVERY] == {"cases": 0, "right": 0, "thresholds": {}, "curve": []}
    assert report["automated"] == {"0.05": {"episodes": 0, "errors": 0, "interval_95": [0.0, 1.0]}}
