"""The corpus that ships: every code in the tables, every quote in its text."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from data.classifications import Classification, load_classification
from data.corpora import corpus_problems, read_coded_documents, read_treatment_functions, shipped_corpus
from data.episodes import Role
from data.errors import CuratedFileError


@pytest.fixture(scope="module")
def tables() -> Mapping[Role, Classification]:
    return {Role.DIAGNOSIS: load_classification("icd10"), Role.PROCEDURE: load_classification("opcs4")}


@pytest.mark.parametrize("path", shipped_corpus(), ids=lambda path: path.name)
def test_nothing_is_wrong_with_what_ships(path: Path, tables: Mapping[Role, Classification]) -> None:
    assert corpus_problems(path, tables) == []


def test_ids_are_unique_across_the_files_that_ship() -> None:
    ids = [coded.episode.id for path in shipped_corpus() for coded in read_coded_documents(path)]
    assert ids
    assert len(ids) == len(set(ids))


def test_every_problem_of_a_corpus_is_named(tmp_path: Path, tables: Mapping[Role, Classification]) -> None:
    lines = [
        {"id": "a", "text": "x", "diagnoses": [{"code": "I10"}, {"code": "E11"}, {"code": "Q99.7"}]},
        {"id": "b", "text": "x", "procedures": [{"code": "G45"}], "treatment_function": "999"},
        {"id": "a", "text": "x", "not_coded": [{"quote": "x", "reason": "other", "would_be": "T76"}]},
        {"id": "c", "text": "x", "diagnoses": [{"code": "I10", "evidence": ["y"]}]},
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    assert corpus_problems(path, tables) == [
        "gold.jsonl, line 1, diagnoses[1].code: E11X is not a code of ICD-10 5th Edition to be used",
        "gold.jsonl, line 1, diagnoses[2].code: Q997 is not a code of ICD-10 5th Edition to be used",
        "gold.jsonl, line 2, treatment_function: 999 is not known",
        "gold.jsonl, line 2, procedures[0].code: G45 is not a code of OPCS-4 to be used",
        "gold.jsonl, line 3, id: a stands already",
        "gold.jsonl, line 3, not_coded[0].would_be: T76X is in no table",
        "gold.jsonl, line 4, diagnoses[0].evidence[0]: does not stand in the text",
    ]


def test_treatment_functions_have_names() -> None:
    functions = read_treatment_functions()
    assert functions["110"] == "Trauma and Orthopaedics"
    assert len(functions) >= 60
    assert all(code.isdigit() and len(code) == 3 and name for code, name in functions.items())


def test_a_treatment_function_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "functions.tsv"
    path.write_text("code\tname\n100\tOne\n100\tTwo\n")
    with pytest.raises(CuratedFileError, match=r"functions\.tsv, line 3, code: 100 stands already"):
        read_treatment_functions(path)
