"""The gate names the stratum of an episode, how likely it is right, and what holds it back."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from data.episodes import Document, DocumentKind, Episode, Evidence, NotCoded, NotCodedReason, Role
from data.gate import read_strata, read_wording
from data.standards import Severity
from models.gate import (
    FEATURES,
    OPENING,
    WORDS,
    Gate,
    Level,
    Reason,
    RightModel,
    Signs,
    Threshold,
    chance_features,
    in_words,
)
from models.gate.identifiers import birth_dates, nhs_numbers
from models.prediction import Automation, Finding, ModelVersion, Prediction, StandardsVersion, SuggestedLine
from models.predictions_json import prediction_json

TEXT = "Day case. Diagnosis: inguinal hernia. Repair of inguinal hernia done."
VALID, OTHER = "943 476 5919", "943 476 5870"


def model(intercept: float = 4.0) -> RightModel:
    weights = tuple(float(name == "joint_log") for name in FEATURES)
    return RightModel(weights, intercept, (0.0,) * len(FEATURES), (1.0,) * len(FEATURES))


def gate(threshold: float | None = 0.5) -> Gate:
    found = (Threshold(threshold, 0.05, 100, 1, 0.047),) if threshold else ()
    return Gate(model(), read_strata(), Signs(read_wording()), Level(), {"daycase-other": found})


def episode(text: str = TEXT, *more: Document, **facts: object) -> Episode:
    known = {"admission_method": "daycase", "end": date(2026, 3, 2), **facts}
    documents = (Document("1", DocumentKind.DISCHARGE_SUMMARY, text), *more)
    return Episode("e", documents, **known)  # type: ignore[arg-type]


def line(
    code: str = "K409", confidence: float = 0.95, *, suggested: bool = True, start: int = 21
) -> SuggestedLine:
    role = Role.DIAGNOSIS if code.startswith("K") else Role.PROCEDURE
    evidence = (Evidence(0, start, start + 8, TEXT[start : start + 8]),)
    return SuggestedLine(role, code, "title", confidence, suggested, evidence, "reason")


def prediction(*lines: SuggestedLine, not_coded: tuple[NotCoded, ...] = ()) -> Prediction:
    lines = lines or (line(), line("T202", start=38))
    return Prediction(
        "e",
        ModelVersion("m", "1", "d"),
        StandardsVersion(),
        {"icd10": "5", "opcs4": "4.11"},
        tuple(one for one in lines if one.role is Role.DIAGNOSIS),
        tuple(one for one in lines if one.role is Role.PROCEDURE),
        not_coded,
    )


def reasons(asked: Episode, said: Prediction | None = None) -> set[Reason]:
    return set(gate().assess(asked, said or prediction()).reasons)


def test_a_simple_certain_episode_would_have_been_automated() -> None:
    assert gate().assess(episode(), prediction()) == Automation(True, 0.9801, "daycase-other", ())


def test_below_the_threshold_it_stays_with_a_person() -> None:
    said = gate(0.99).assess(episode(), prediction())
    assert not said.eligible
    assert said.reasons == (Reason.BELOW_THRESHOLD,)


def test_a_stratum_without_a_threshold_lets_nothing_through() -> None:
    assert gate(None).assess(episode(), prediction()).reasons == (Reason.NO_THRESHOLD,)
    assert Reason.NO_THRESHOLD in reasons(episode(admission_method="emergency"))


@pytest.mark.parametrize(
    ("facts", "first", "stratum"),
    [
        ({}, "T202", "daycase-other"),
        ({}, "H229", "daycase-endoscopy"),
        ({"admission_method": "elective"}, "H229", "elective"),
        ({"admission_method": "emergency"}, "T202", "emergency"),
        ({"admission_method": "birth"}, "T202", "maternity"),
        ({"admission_method": None}, "T202", "unknown"),
        ({"admission_method": "new-fangled"}, "T202", "unknown"),
    ],
)
def test_the_stratum_follows_admission_and_first_procedure(
    facts: dict[str, Any], first: str, stratum: str
) -> None:
    assert gate().stratum(episode(**facts), prediction(line(), line(first))).name == stratum


def test_an_endoscopy_report_makes_an_endoscopy_of_a_day_case() -> None:
    report = Document("2", DocumentKind.ENDOSCOPY_REPORT, "Normal.")
    assert gate().stratum(episode(TEXT, report), prediction()).name == "daycase-endoscopy"


def with_finding(severity: Severity) -> Prediction:
    finding = Finding("rule", "project", "2026", severity, "Look.", Role.DIAGNOSIS, (0,))
    return replace(prediction(), findings=(finding,))


QUERIED = NotCoded(Evidence(0, 21, 29, TEXT[21:29]), NotCodedReason.QUERIED)
ELSEWHERE = NotCoded(Evidence(0, 0, 3, TEXT[0:3]), NotCodedReason.QUERIED)


@pytest.mark.parametrize(
    ("asked", "said", "reason"),
    [
        (episode(" \n"), prediction(replace(line(), evidence=())), Reason.NO_TEXT),
        (episode(admission_method=None), None, Reason.UNKNOWN_STRATUM),
        (episode(language="es"), None, Reason.UNKNOWN_LANGUAGE),
        (episode(end=None), None, Reason.UNKNOWN_TABLES),
        (episode(), replace(prediction(), tables={}), Reason.UNKNOWN_TABLES),
        (episode(), prediction(line("T202")), Reason.NO_PRIMARY),
        (episode(), prediction(replace(line(), evidence=())), Reason.NO_EVIDENCE),
        (episode("x" * 99), None, Reason.NO_EVIDENCE),
        (episode(), prediction(line(), not_coded=(QUERIED,)), Reason.QUERIED_SUPPORT),
        (episode(), with_finding(Severity.ERROR), Reason.ERROR_FINDING),
        (episode(TEXT + " Biopsies x4."), None, Reason.HISTOLOGY_MISSING),
        (episode(TEXT + " Histology awaited."), None, Reason.HISTOLOGY_MISSING),
        (
            episode(),
            prediction(line(), replace(line("H221"), title="Biopsy of colon")),
            Reason.HISTOLOGY_MISSING,
        ),
        (episode(TEXT + " Care transferred to Dr Jones."), None, Reason.SPELL_TEXT),
        (episode(TEXT + " DRAFT SUMMARY"), None, Reason.PRELIMINARY),
        (episode(f"{TEXT} NHS {VALID}. NHS {OTHER}."), None, Reason.IDENTIFIERS_DISAGREE),
        (
            episode(f"{TEXT} DOB 1/2/1950", Document("2", DocumentKind.OTHER, "Born 02.02.1950")),
            None,
            Reason.IDENTIFIERS_DISAGREE,
        ),
    ],
)
def test_each_reason_by_itself_holds_an_episode_back(
    asked: Episode, said: Prediction | None, reason: Reason
) -> None:
    assessed = gate().assess(asked, said or prediction())
    assert reason in assessed.reasons
    assert reason not in OPENING
    assert not assessed.eligible


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (episode(TEXT + " No biopsies taken."), None),
        (episode(TEXT + " Not sent for histology."), None),
        (episode(TEXT + " Biopsy.", Document("2", DocumentKind.HISTOLOGY, "Normal.")), None),
        (episode(), prediction(line(), line("T202", start=38), not_coded=(ELSEWHERE,))),
        (episode(), with_finding(Severity.WARNING)),
        (episode(f"{TEXT} NHS {VALID}", Document("2", DocumentKind.OTHER, VALID.replace(" ", ""))), None),
        (episode(f"{TEXT} DOB 1/2/1950", Document("2", DocumentKind.OTHER, "born 01 Feb 50")), None),
        (episode(TEXT + " tel 020 7946 0018, 0161 496 0000"), None),
    ],
)
def test_what_only_looks_like_a_reason_is_none(asked: Episode, said: Prediction | None) -> None:
    assert reasons(asked, said) == set()


def test_numbers_with_a_wrong_check_digit_are_no_nhs_numbers() -> None:
    assert nhs_numbers(f"{VALID} 943 476 5918 9434765919123") == {"9434765919"}


def test_birth_dates_are_read_in_figures_and_words() -> None:
    assert birth_dates("DOB: 01/02/1950. Date of birth 1 February 1950; d.o.b 1-2-50") == {(1, 2, 50)}


def test_a_less_certain_line_or_a_likelier_omission_makes_the_episode_less_likely() -> None:
    sure, unsure = prediction(line(confidence=0.95)), prediction(line(confidence=0.6))
    omitted = prediction(line(), line("K429", 0.45, suggested=False))
    chances = [model().chance(chance_features(episode(), one)) for one in (sure, unsure, omitted)]
    assert chances[1] < chances[0]
    assert chances[2] < chances[0]


def test_features_do_not_depend_on_which_codes_they_are() -> None:
    renamed = prediction(replace(line(), code="KXXX"), replace(line("T202", start=38), code="TXXX"))
    assert chance_features(episode(), renamed) == chance_features(episode(), prediction())


def test_a_gate_is_the_same_after_writing_and_reading() -> None:
    written = json.loads(json.dumps(gate().to_json()))
    assert Gate.from_json(written).to_json() == gate().to_json()
    assert Gate.from_json(written).assess(episode(), prediction()).eligible


@pytest.mark.parametrize("damage", ["strata", "threshold", "features"])
def test_a_damaged_gate_is_refused(damage: str) -> None:
    written = json.loads(json.dumps(gate().to_json()))
    if damage == "strata":
        written["strata"].pop()
    elif damage == "threshold":
        written["thresholds"]["daycase-other"][0]["value"] = 1.5
    else:
        written["right"]["features"].pop()
    with pytest.raises(ValueError, match=r"stratum|threshold|features"):
        Gate.from_json(written)


def test_files_say_the_reasons_in_words() -> None:
    assert set(WORDS) == set(Reason)
    assert in_words((Reason.DRIFT, Reason.NO_TEXT))[1] == "there is no text"
    written = prediction_json(prediction())["automation"]
    assert written == {
        "eligible": False,
        "confidence": 0.0,
        "stratum": "unknown",
        "reasons": ["this model has no automation gate"],
    }
