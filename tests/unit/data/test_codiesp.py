"""The reader of CodiEsp's own JSONL, on cases made up here."""

import json
from pathlib import Path
from typing import Any

import pytest

from data.corpora import read_coded_documents, write_coded_documents
from data.corpora.codiesp import CodiespLanguage, read_codiesp
from data.errors import CodedDocumentError

CASE: dict[str, Any] = {
    "id": "c1",
    "text_es": "Dolor en rodilla derecha. TAC de rodilla.",
    "text": "Pain in the right knee.\nCT of the knee.",
    "codes": ["M25.561", "B20"],
    "procedure_codes": ["BQ27"],
    "evidence_es": [
        {
            "code": "M25.561",
            "text": "Dolor rodilla",
            "spans": [[0, 5], [9, 16], [9, 9]],
            "en_line": "Pain in the right knee.",
        },
        {"code": "BQ27", "text": "TAC de rodilla", "spans": [[26, 40]], "en_line": "CT of the knee."},
    ],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(CASE) + "\n", encoding="utf-8")
    return file


def test_fragments_are_parts_of_one_mention(path: Path) -> None:
    (case,) = read_codiesp(path)
    knee, virus = case.diagnoses
    assert [(item.text, item.mention) for item in knee.evidence] == [("Dolor", 0), ("rodilla", 0)]
    assert (knee.code, virus.code, virus.evidence) == ("M25561", "B20X", ())
    assert case.procedures[0].code == "BQ27"
    assert case.episode.language == "es"


def test_in_english_the_line_is_the_evidence(path: Path) -> None:
    (case,) = read_codiesp(path, CodiespLanguage.ENGLISH)
    assert case.episode.documents[0].text == CASE["text"]
    assert [item.text for item in case.procedures[0].evidence] == ["CT of the knee."]


def test_it_can_be_written_as_coded_documents(path: Path, tmp_path: Path) -> None:
    cases = list(read_codiesp(path))
    written = tmp_path / "written.jsonl"
    assert write_coded_documents(written, cases) == 1
    assert list(read_coded_documents(written)) == cases


def test_an_error_names_the_line_and_no_text(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(CASE) + "\n" + json.dumps({"id": "c2", "text_es": "secreto"}) + "\n")
    with pytest.raises(CodedDocumentError, match=r"line 2.*KeyError") as error:
        list(read_codiesp(file))
    assert "secreto" not in str(error.value)
