"""The coder as a whole."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.episodes import DocumentKind, Episode, Role
from models.coder import MOST_FURTHER_CANDIDATES, Coder, LexiconCoder
from models.prediction import ModelVersion, Prediction
from models.predictions_json import prediction_json
from models.ranking import day_one_ranker
from tests.unit.models.small_model import classifications, coder, episode, language, suggest, terms

NOTE = """DISCHARGE SUMMARY

Diagnoses
1. Exacerbation of COPD
2. AKI

Clinical summary
No evidence of PE. CT head normal. Treated as pneumonia. OGD planned.

PMH: AF, T2DM, ex-smoker, stroke 2018
"""
FRAGMENTS = st.lists(
    st.sampled_from(
        ["no ", "?", "PE", "PMH: ", "\n", "\r\n", "pneumoni\u0301a ", "COPD, ", "OGD ", "right ", "(", ")",
         ". ", "\u200b", "\ufeff", "\u00a0", "“", "😀", "2018 ", "[ ] ", "hip replacement ", " - ", ": ",
         "é", "cheek ", "ﬁ"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


def spans_match(prediction: Prediction, spoken: Episode) -> bool:
    evidence = [one for line in (*prediction.diagnoses, *prediction.procedures) for one in line.evidence]
    evidence += [one.evidence for one in prediction.not_coded]
    return all(
        one.text and spoken.documents[one.document].text[one.start : one.end] == one.text for one in evidence
    )


def test_a_note_is_coded() -> None:
    prediction = suggest(NOTE)
    assert [line.code for line in prediction.diagnoses if line.suggested] == [
        "J441", "N179", "J189", "I489", "E119", "Z864", "Z867",
    ]  # fmt: skip
    assert [line.code for line in prediction.procedures if line.suggested] == ["U051", "Y981"]
    assert {(one.would_be, one.reason.value) for one in prediction.not_coded} == {
        ("I269", "negated"), ("G459", "planned"), ("I639", "history"),
    }  # fmt: skip


def test_a_line_says_why() -> None:
    reasons = {line.code: line.reason for line in suggest(NOTE).diagnoses}
    assert reasons["E119"] == "'T2DM' in Past history"
    assert reasons["J189"] == "'pneumonia' in Clinical summary (treated as)"
    assert reasons["Z867"] == "'stroke' in Past history (history)"


def test_titles_come_from_the_classification() -> None:
    line = suggest("T2DM").diagnoses[0]
    assert line.title == "Type 2 diabetes mellitus without complications"
    assert suggest("OGD").procedures[0].title


def test_every_line_has_evidence_and_a_confidence() -> None:
    prediction = suggest(NOTE)
    for line in (*prediction.diagnoses, *prediction.procedures):
        assert line.evidence
        assert 0 <= line.confidence <= 1


def test_suggested_lines_come_first_then_candidates_by_confidence() -> None:
    lines = suggest(NOTE + "\nRash, faint, collapse. Plan: watch for ascites, reflux").diagnoses
    flags = [line.suggested for line in lines]
    assert flags == sorted(flags, reverse=True)
    further = [line.confidence for line in lines if not line.suggested]
    assert further == sorted(further, reverse=True)
    assert len(further) <= MOST_FURTHER_CANDIDATES


def test_the_prediction_names_its_model_and_tables() -> None:
    prediction = suggest("AF")
    assert prediction.model == ModelVersion("small", "1", "digest")
    assert prediction.tables == {"icd10": "small", "opcs4": "small"}
    assert prediction.automation.eligible is False


def test_a_role_without_a_classification_is_left_alone() -> None:
    one_role = {Role.DIAGNOSIS: classifications()[Role.DIAGNOSIS]}
    alone = LexiconCoder(ModelVersion("m", "1", ""), terms(), language(), day_one_ranker(), one_role)
    prediction = alone.suggest(episode("AF, OGD"))
    assert [line.code for line in prediction.diagnoses] == ["I489"]
    assert prediction.procedures == ()
    assert prediction.tables == {"icd10": "small"}


def test_the_same_text_gives_the_same_answer_in_every_thread() -> None:
    spoken = episode(NOTE)
    alone = coder().suggest(spoken)
    with ThreadPoolExecutor(8) as pool:
        assert all(found == alone for found in pool.map(coder().suggest, [spoken] * 64))


def test_it_is_a_coder() -> None:
    as_protocol: Coder = coder()
    assert as_protocol.version.name == "small"


@pytest.mark.parametrize("texts", [(), ("",), (" \n\t",), ("\ufeff",), ("😀" * 50,), ("", "AF", "")])
def test_nothing_to_read_is_no_failure(texts: tuple[str, ...]) -> None:
    assert spans_match(suggest(*texts), episode(*texts))


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_of_document_is_read(kind: DocumentKind) -> None:
    assert coder().suggest(episode(NOTE, kind=kind)).diagnoses


def test_a_text_of_a_megabyte_is_coded() -> None:
    text = NOTE * (1_000_000 // len(NOTE))
    assert suggest(text).diagnoses[0].code == "J441"


@pytest.mark.parametrize(
    "piece",
    ["no PE, ", "?PE ", "[ ] PE ", "PE and ", "right hip replacement of cheek ", "OGD 01/02/2026. ", "cheek ",
     "Allergies: PE\n", "PMH: stroke, ", "right ", "no ", "breast cancer 1999 ", "(PE) "],
)  # fmt: skip
def test_no_text_takes_forever(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    started = time.process_time()
    suggest(text)
    assert time.process_time() - started < 15


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=60)), max_size=3))
def test_spans_always_match_whatever_the_text(texts: list[str]) -> None:
    spoken = episode(*texts)
    assert spans_match(coder().suggest(spoken), spoken)


class TestJson:
    def test_it_is_the_format_of_a_predictions_file(self) -> None:
        written = prediction_json(suggest(NOTE))
        assert list(written) == [
            "id", "model", "standards", "tables", "diagnoses", "procedures", "not_coded", "findings",
            "automation",
        ]  # fmt: skip
        assert written["id"] == "e1"
        line = written["diagnoses"][0]
        assert line["code"] == "J441"
        assert line["evidence"][0] == {"start": 32, "end": 52, "text": "Exacerbation of COPD", "document": 0}
        assert written["procedures"][0]["group"] == 1
        assert {"reason", "would_be", "start", "end", "text", "document"} <= written["not_coded"][0].keys()

    def test_it_is_json(self) -> None:
        assert json.loads(json.dumps(prediction_json(suggest(NOTE))))
