"""Every expected figure was worked out by hand from the table beside it."""

from datetime import date

import pytest

from data.episodes import CodedEpisode, CodedLine, Document, DocumentKind, Episode, Role
from models.prediction import ModelVersion, Prediction, StandardsVersion, SuggestedLine
from training.metrics import (
    HEADLINES,
    Coding,
    Offered,
    Scored,
    Tally,
    age_band,
    average_precision,
    by_group,
    headline_figures,
    macro_f1,
    primary_correct,
    recall_at,
    scored,
    secondary_found,
    tally_by,
)


def coding(gold: str, offered: str, role: Role = Role.DIAGNOSIS) -> Coding:
    """`offered` reads "I10X=.9* J22X=.3": code, confidence, and a star where it is suggested."""
    lines = ([*item.rstrip("*").split("="), item] for item in offered.split())
    return Coding(
        role,
        tuple(gold.split()),
        tuple(Offered(code, float(confidence), item.endswith("*")) for code, confidence, item in lines),
    )


def procedures(gold: str, offered: str) -> Coding:
    return coding(gold, offered, Role.PROCEDURE)


def episode(
    name: str, diagnoses: Coding, found: Coding | None = None, patient: str = "", sex: str = "female"
) -> Scored:
    return Scored(name, patient or name, diagnoses, found or procedures("", ""), sex=sex)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (coding("A B C", "A=.9* B=.8* D=.7*"), Tally(2, 3, 3)),
        (coding("A", "A=.9* A=.8*"), Tally(1, 1, 1)),  # diagnoses are a set
        (procedures("P P Q", "P=.9*"), Tally(1, 1, 3)),  # procedures are a multiset
        (procedures("P", "P=.9* P=.8*"), Tally(1, 2, 1)),
        (coding("A", "A=.9"), Tally(0, 0, 1)),  # offered is not suggested
        (coding("", ""), Tally(0, 0, 0)),
    ],
)
def test_tally_counts_sets_of_diagnoses_and_multisets_of_procedures(case: Coding, expected: Tally) -> None:
    assert case.tally() == expected


def test_figures_of_a_tally() -> None:
    assert Tally(2, 4, 5).figures() == {"f1": pytest.approx(4 / 9), "precision": 0.5, "recall": 0.4}


def test_nothing_to_measure_is_none_and_not_zero() -> None:
    assert Tally().figures() == {"f1": None, "precision": None, "recall": None}
    assert set(headline_figures([]).values()) == {None}
    assert macro_f1([]) is None


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (coding("A B", "A=.9 X=.8 B=.7"), (1 / 1 + 2 / 3) / 2),
        (coding("A B", "X=.9* A=.2*"), (1 / 2) / 2),
        (coding("A", "X=.2* A=.9"), 1.0),  # by confidence, whatever was suggested
        (coding("A", "B=.5 A=.5"), 1.0),  # equal confidences: by code
        (coding("A", ""), 0.0),
    ],
)
def test_average_precision_ranks_by_confidence(case: Coding, expected: float) -> None:
    assert average_precision(case) == pytest.approx((expected, 1.0))


def test_recall_at_a_limit_counts_the_most_confident_codes() -> None:
    case = coding("A B C", "A=.9 X=.8 B=.7 C=.6")
    assert recall_at(case, 3) == pytest.approx((2 / 3, 1.0))
    assert recall_at(coding("", "A=.9"), 3) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (coding("A B", "A=.5* B=.9*"), (1.0, 1.0)),
        (coding("A B", "B=.9* A=.5*"), (0.0, 1.0)),
        (coding("A", "A=.9"), (0.0, 1.0)),
        (coding("", "A=.9*"), (0.0, 0.0)),
    ],
)
def test_primary_is_the_first_suggested_diagnosis(case: Coding, expected: tuple[float, float]) -> None:
    assert primary_correct(case) == expected


def test_secondary_diagnoses_are_found_in_any_place() -> None:
    assert secondary_found(coding("A B C", "C=.9* X=.8* A=.7*")) == (1.0, 2.0)


def test_macro_f1_is_the_mean_over_codes_of_gold() -> None:
    # A: right twice of two, suggested twice: 1. B: 1 right, 1 suggested, 2 gold: 2/3. X is not in gold.
    cases = [coding("A B", "A=.9* B=.8* X=.7*"), coding("A B", "A=.9*")]
    assert macro_f1(cases) == pytest.approx((1 + 2 / 3) / 2)


def test_codes_are_tallied_by_chapter() -> None:
    cases = [coding("A1 A2 B1", "A1=.9* B2=.8*"), coding("B1", "B1=.9*")]
    assert tally_by(cases, lambda code: code[0]) == {"A": Tally(1, 1, 2), "B": Tally(1, 2, 2)}


def test_headline_figures_of_two_episodes() -> None:
    episodes = [
        episode("1", coding("A B", "A=.9* B=.8*"), procedures("P Z", "P=.9* Z=.9*")),
        episode("2", coding("C D", "D=.9* X=.8* C=.1"), procedures("P", "")),
    ]
    expected = {
        "micro_f1": 2 * 5 / (6 + 7),
        "diagnoses_micro_f1": 2 * 3 / (4 + 4),
        "diagnoses_precision": 3 / 4,
        "diagnoses_recall": 3 / 4,
        "diagnoses_map": (1 + (1 / 1 + 2 / 3) / 2) / 2,
        "diagnoses_recall_at_10": 1.0,
        "diagnoses_reach": 1.0,
        "primary_correct": 1 / 2,
        "primary_procedure_correct": 1 / 2,
        "secondary_found": 2 / 2,
        "procedures_micro_f1": 2 * 2 / (2 + 3),
        "procedures_precision": 1.0,
        "procedures_recall": 2 / 3,
        "procedures_map": (1 + 0) / 2,
        "procedures_recall_at_10": (1 + 0) / 2,
        "procedures_reach": 2 / 3,
        "exact_match": 1 / 2,
        "exact_order": 1 / 2,
    }
    assert headline_figures(episodes) == pytest.approx(expected)
    assert set(expected) == set(HEADLINES)


def test_exact_match_does_not_look_at_order() -> None:
    figures = headline_figures([episode("1", coding("A B", "B=.9* A=.8*"))])
    assert (figures["exact_match"], figures["exact_order"]) == (1.0, 0.0)


def test_groups_are_measured_apart() -> None:
    episodes = [
        episode("1", coding("A", "A=.9*"), sex="female"),
        episode("2", coding("A", "B=.9*"), sex="male"),
        episode("3", coding("A", "A=.9*"), sex="male"),
    ]
    found = by_group(episodes, lambda item: item.sex)
    assert [(name, found[name]["episodes"], found[name]["micro_f1"]) for name in found] == [
        ("female", 1.0, 1.0),
        ("male", 2.0, 0.5),
    ]


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (None, "unknown"),
        (0, "0"),
        (1, "1-15"),
        (15, "1-15"),
        (16, "16-39"),
        (64, "40-64"),
        (65, "65-79"),
        (80, "80+"),
    ],
)
def test_age_bands(years: int | None, band: str) -> None:
    assert age_band(years) == band


def test_scored_pairs_gold_with_prediction() -> None:
    source = Episode(
        "e1",
        (Document("d", DocumentKind.OTHER, "t"),),
        sex="male",
        age=70,
        specialty="urology",
        end=date(2026, 1, 2),
    )
    line = SuggestedLine(Role.PROCEDURE, "M459", "", 0.7, True, (), "mention")
    prediction = Prediction("e1", ModelVersion("m", "1", ""), StandardsVersion(), {}, (), (line,), ())
    found = scored(CodedEpisode(source, (CodedLine("N40X"),), (CodedLine("M459"),)), prediction)
    assert found == Scored(
        id="e1",
        patient="e1",  # without a pseudonym each episode is a patient
        diagnoses=coding("N40X", ""),
        procedures=procedures("M459", "M459=.7*"),
        specialty="urology",
        age_band="65-79",
        sex="male",
    )
