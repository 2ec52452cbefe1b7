"""Coded documents: read as they are written, and refused by file, line and field."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data.classifications import Classification
from data.corpora import read_coded_documents, stored_form
from data.episodes import (
    CodedEpisode,
    CodedLine,
    Document,
    DocumentKind,
    Episode,
    Evidence,
    NotCoded,
    NotCodedReason,
    Role,
)
from data.errors import CodedDocumentError, UnknownCode

TEXT = "Exacerbation of COPD.\r\nNo PE. Café 🚑 visit; COPD known."


def read_one(folder: Path, **fields: Any) -> CodedEpisode:
    (episode,) = read_coded_documents(written(folder, {"id": "e1", "text": TEXT} | fields))
    return episode


def written(folder: Path, *lines: dict[str, Any] | bytes) -> Path:
    path = folder / "gold.jsonl"
    path.write_bytes(b"\n".join(ln if isinstance(ln, bytes) else json.dumps(ln).encode() for ln in lines))
    return path


def test_an_episode_is_read_whole(tmp_path: Path) -> None:
    episode = read_one(
        tmp_path,
        language="en",
        sex="female",
        age=72,
        specialty="respiratory",
        treatment_function="340",
        admission_method="emergency",
        length_of_stay_days=3,
        patient="p1",
        style="terse",
        date="2026-03-01",
        diagnoses=[{"code": "j44.0", "evidence": [{"start": 0, "end": 20, "text": TEXT[:20], "mention": 1}]}],
        procedures=[{"code": "C75.1", "group": 1, "date": "2026-02-28", "evidence": []}],
        not_coded=[
            {"start": 26, "end": 28, "document": 0, "reason": "negated", "note": "n", "would_be": "I26.9"}
        ],
        unknown_key={"tolerated": True},
    )
    assert episode == CodedEpisode(
        episode=Episode(
            id="e1",
            documents=(Document("1", DocumentKind.DISCHARGE_SUMMARY, TEXT),),
            language="en",
            sex="female",
            age=72,
            specialty="respiratory",
            treatment_function="340",
            admission_method="emergency",
            length_of_stay_days=3,
            end=date(2026, 3, 1),
        ),
        diagnoses=(CodedLine("J440", (Evidence(0, 0, 20, TEXT[:20], mention=1),)),),
        procedures=(CodedLine("C751", group=1, date=date(2026, 2, 28)),),
        not_coded=(NotCoded(Evidence(0, 26, 28, "PE"), NotCodedReason.NEGATED, "n", "I269"),),
        patient="p1",
        style="terse",
    )


def test_only_id_and_text_are_required(tmp_path: Path) -> None:
    episode = read_one(tmp_path, diagnoses=None, age=None)
    assert (episode.diagnoses, episode.episode.age, episode.episode.language) == ((), None, "en")


@pytest.mark.parametrize(
    ("item", "evidence"),
    [
        ("COPD", Evidence(0, 16, 20, "COPD")),
        ({"text": "COPD"}, Evidence(0, 16, 20, "COPD")),
        ({"quote": "COPD", "mention": 2}, Evidence(0, 16, 20, "COPD", mention=2)),
        ({"quote": "COPD", "document": 1}, Evidence(1, 0, 4, "COPD")),
        ("letter", Evidence(1, 5, 11, "letter")),
        ({"start": 30, "end": 36}, Evidence(0, 30, 36, "Café 🚑")),
        ({"start": 0, "end": 4, "text": "COPD", "document": 1}, Evidence(1, 0, 4, "COPD")),
    ],
)
def test_evidence_is_a_span_or_a_quote_that_is_located(
    tmp_path: Path, item: object, evidence: Evidence
) -> None:
    documents = [{"text": TEXT}, {"id": "b", "kind": "clinic_letter", "text": "COPD letter"}]
    lines = [{"code": "J449", "evidence": [item]}]
    episode = read_one(tmp_path, text=None, documents=documents, diagnoses=lines)
    assert episode.diagnoses[0].evidence == (evidence,)


def test_what_was_not_coded_may_be_a_bare_quote(tmp_path: Path) -> None:
    quoted = [
        {"quote": "No PE", "reason": "negated"},
        "Café",
        {"text": "COPD", "reason": "past_procedure", "would_be": "G45"},
    ]
    first, second, third = read_one(tmp_path, not_coded=quoted).not_coded
    assert (first.evidence.text, first.reason) == ("No PE", NotCodedReason.NEGATED)
    assert (second.evidence.start, second.reason) == (30, NotCodedReason.OTHER)
    assert third.would_be == "G45"


@pytest.mark.parametrize(
    ("role", "code", "stored"),
    [
        (Role.DIAGNOSIS, "i10", "I10X"),
        (Role.DIAGNOSIS, "I10.X", "I10X"),
        (Role.DIAGNOSIS, " e11.9 ", "E119"),
        (Role.DIAGNOSIS, "S72.001A", "S72001A"),
        (Role.PROCEDURE, "g45.9", "G459"),
        (Role.PROCEDURE, "bw03zzz", "BW03ZZZ"),
    ],
)
def test_codes_take_their_stored_form(role: Role, code: str, stored: str) -> None:
    assert stored_form(role, code) == stored


@pytest.mark.parametrize("written_code", ["", "I1", "I10-I15", "hypertension", "I10/1"])
def test_what_cannot_be_a_code_has_no_stored_form(written_code: str) -> None:
    with pytest.raises(UnknownCode):
        stored_form(Role.DIAGNOSIS, written_code)


def test_a_label_set_may_give_the_form_of_codes(tmp_path: Path) -> None:
    labels = Classification.from_labels("codiesp", ["I10", "N18.6"])
    path = written(tmp_path, {"id": "1", "text": "x", "diagnoses": [{"code": "i10"}, {"code": "n18.6"}]})
    (episode,) = read_coded_documents(path, code_form=lambda role, code: labels.stored(code))
    assert [line.code for line in episode.diagnoses] == ["I10", "N186"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"id": None}, "id: is missing"),
        ({"id": ""}, "id: is missing"),
        ({"id": 7}, "id: is not text"),
        ({"text": None}, "text: is missing, and so are documents"),
        ({"text": ""}, "text: is missing"),
        ({"text": "a\x00b"}, "text: holds '\\x00' at 1"),
        ({"text": "a\ud800"}, "text: holds '\\ud800' at 1"),
        ({"documents": [{"text": "x"}]}, "documents: stand beside text"),
        (
            {"text": None, "documents": [{"kind": "x-ray", "text": "x"}]},
            "documents[0].kind: 'x-ray' is not one of",
        ),
        ({"text": None, "documents": ["x"]}, "documents[0]: is not an object"),
        ({"text": None, "documents": {"text": "x"}}, "documents: is not a list"),
        ({"age": "72"}, "age: is not a whole number"),
        ({"age": -1}, "age: -1 is not a whole number"),
        ({"age": True}, "age: True is not a whole number"),
        ({"date": "01/03/2026"}, "date: '01/03/2026' is not a date"),
        ({"diagnoses": [{}]}, "diagnoses[0].code: is missing"),
        ({"diagnoses": [{"code": "?"}]}, "diagnoses[0].code: '?' is not a code"),
        ({"diagnoses": ["I10"]}, "diagnoses[0]: is not an object"),
        ({"diagnoses": [{"code": "I10", "evidence": "COPD"}]}, "diagnoses[0].evidence: is not a list"),
        ({"diagnoses": [{"code": "I10", "evidence": ["AF"]}]}, "diagnoses[0].evidence[0]: does not stand in"),
        ({"diagnoses": [{"code": "I10", "evidence": [""]}]}, "diagnoses[0].evidence[0]: does not stand in"),
        ({"diagnoses": [{"code": "I10", "evidence": [3]}]}, "diagnoses[0].evidence[0]: is not an object"),
        (
            {"diagnoses": [{"code": "I10", "evidence": [{"start": 0, "end": 4, "text": "COPD"}]}]},
            "diagnoses[0].evidence[0].text: is not what stands at 0:4",
        ),
        (
            {"diagnoses": [{"code": "I10", "evidence": [{"start": 5, "end": 500}]}]},
            "diagnoses[0].evidence[0].start: 5:500 is not a span",
        ),
        (
            {"diagnoses": [{"code": "I10", "evidence": [{"start": 5}]}]},
            "diagnoses[0].evidence[0].start: 5:None is not a span",
        ),
        (
            {"diagnoses": [{"code": "I10", "evidence": [{"quote": "COPD", "document": 1}]}]},
            "diagnoses[0].evidence[0].document: there is no document 1",
        ),
        ({"procedures": [{"code": "C751", "group": "one"}]}, "procedures[0].group: is not a whole number"),
        (
            {"not_coded": [{"quote": "PE", "reason": "because"}]},
            "not_coded[0].reason: 'because' is not one of",
        ),
        ({"not_coded": [{"quote": "PE"}]}, "not_coded[0].reason: None is not one of"),
        ({"not_coded": [{"quote": "PE", "reason": "other", "would_be": "?"}]}, "not_coded[0].would_be: '?'"),
    ],
)
def test_a_wrong_field_is_refused_by_file_line_and_field(
    tmp_path: Path, fields: dict[str, Any], problem: str
) -> None:
    path = written(tmp_path, {"id": "right", "text": "x"}, {"id": "e1", "text": TEXT} | fields)
    episodes = read_coded_documents(path)
    assert next(episodes).episode.id == "right"
    with pytest.raises(CodedDocumentError) as refused:
        next(episodes)
    assert str(refused.value).startswith(f"gold.jsonl, line 2, {problem}")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"id": "caf\xe9"}', "byte 12: is not UTF-8"),
        (b'{"id": ', "line: is not JSON"),
        (b"[" * 100_000, "line: is not JSON"),
        (b'["id"]', "line: is not a JSON object"),
    ],
)
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: bytes, problem: str) -> None:
    with pytest.raises(CodedDocumentError) as refused:
        list(read_coded_documents(written(tmp_path, line)))
    assert str(refused.value).startswith(f"gold.jsonl, line 1, {problem}")


def test_errors_never_quote_the_text(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"id": "1", "text": TEXT, "diagnoses": [{"code": "I10", "evidence": ["Mr Smith"]}]}
    )
    with pytest.raises(CodedDocumentError) as refused:
        list(read_coded_documents(path))
    assert "Smith" not in str(refused.value)


def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path) -> None:
    path = written(
        tmp_path, b'\xef\xbb\xbf{"id": "1", "text": "x"}\r', b"", b'{"id": "2", "text": "y"}', b"  "
    )
    assert [coded.episode.id for coded in read_coded_documents(path)] == ["1", "2"]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodedDocumentError, match=r"nowhere\.jsonl, line 1, file"):
        list(read_coded_documents(tmp_path / "nowhere.jsonl"))
