"""The model of day one, with all that ships: it can be made, is quick, and is worth something."""

import json
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from data.classifications import load_classification
from data.corpora import read_coded_documents
from data.episodes import CodedEpisode, Document, DocumentKind, Episode, Role
from models.coder import LexiconCoder
from models.knowledge import make_parts
from models.prediction import ModelVersion, Prediction

SHARED = Path(__file__).parents[3] / ".." / "shared" / "data" / "corpora"
CLASSIFICATIONS = ("icd10", "opcs4")


@cache
def day_one() -> LexiconCoder:
    tables = dict(zip(Role, map(load_classification, CLASSIFICATIONS), strict=True))
    parts = make_parts(tables, created=datetime(2026, 3, 1, tzinfo=UTC))
    return LexiconCoder(ModelVersion("day-one", "1", ""), parts.terms, parts.language, parts.ranker, tables)


def note(text: str) -> Episode:
    return Episode("e", (Document("1", DocumentKind.DISCHARGE_SUMMARY, text),))


def test_common_words_are_coded_on_day_one() -> None:
    text = "Diagnosis: community acquired pneumonia\n\nPMH: T2DM, HTN, COPD, AF on apixaban. Ex-smoker."
    suggested = {line.code for line in day_one().suggest(note(text)).diagnoses if line.suggested}
    assert {"J189", "E119", "I10X", "Z864"} <= suggested


def test_what_is_left_to_policy_is_understood_and_left_out() -> None:
    answer = day_one().suggest(note("Procedure: right TKR under spinal anaesthetic"))
    assert not [line.code for line in answer.procedures if line.code.startswith("Y8")]
    assert ("optional_by_policy", "Y8") in {
        (one.reason, (one.would_be or "")[:2]) for one in answer.not_coded
    }


def _shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} does not ship")
    return path


@pytest.mark.shared_data
def test_the_uk_sample_is_coded_well_before_any_training() -> None:
    gold = list(read_coded_documents(_shared("uk_sample.jsonl")))
    answers = [day_one().suggest(one.episode) for one in gold]
    assert _micro_f1(gold, answers, Role.DIAGNOSIS) > 0.80
    assert _micro_f1(gold, answers, Role.PROCEDURE) > 0.70


@pytest.mark.shared_data
def test_a_discharge_summary_takes_milliseconds() -> None:
    """The limit is wide for busy machines; a quiet one needs about 5 ms.

    The median, since a collection of all that other tests left in memory takes longer than twenty documents.
    """
    gold = list(read_coded_documents(_shared("uk_sample.jsonl")))
    day_one().suggest(gold[0].episode)
    assert median(_seconds(one.episode) for one in gold) < 0.03


def _seconds(episode: Episode) -> float:
    started = time.thread_time()
    day_one().suggest(episode)
    return time.thread_time() - started


@pytest.mark.shared_data
def test_real_reports_are_read_without_failure() -> None:
    with _shared("mtsamples_unlabelled.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for number, line in enumerate(lines) if number % 20 == 0]
    for text in texts:
        prediction = day_one().suggest(note(text))
        for line in (*prediction.diagnoses, *prediction.procedures):
            assert all(text[one.start : one.end] == one.text for one in line.evidence)


def _micro_f1(gold: list[CodedEpisode], answers: list[Prediction], role: Role) -> float:
    right = offered = wanted = 0
    for one, answer in zip(gold, answers, strict=True):
        diagnosis = role is Role.DIAGNOSIS
        true = {line.code for line in (one.diagnoses if diagnosis else one.procedures)}
        lines = answer.diagnoses if diagnosis else answer.procedures
        found = {line.code for line in lines if line.suggested}
        right, offered, wanted = right + len(true & found), offered + len(found), wanted + len(true)
    return 2 * right / (offered + wanted)
