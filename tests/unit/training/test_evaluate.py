import json
from pathlib import Path

import pytest

from data.episodes import Role
from tests.corpus import small_corpus
from training.corpus import read_corpus
from training.errors import CorpusError, ModelNotFound, TrainingError
from training.evaluate import flat_figures, measure, rounded
from training.metrics import Coding, Offered, Scored
from training.opening import find_model, load_classifications


def scored(name: str, gold: str, suggested: str) -> Scored:
    lines = tuple(Offered(code, 0.9, True) for code in suggested.split())
    return Scored(
        name,
        name,
        Coding(Role.DIAGNOSIS, tuple(gold.split()), lines),
        Coding(Role.PROCEDURE, (), ()),
        sex="male",
    )


def test_a_report_is_json_with_every_breakdown() -> None:
    tables = load_classifications(["icd10"])
    report = measure(
        [scored("1", "I10X E119", "I10X"), scored("2", "ZZZ9", "ZZZ9")], tables, seed=1, draws=50
    )
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["headline"]["diagnoses_micro_f1"]["value"] == 0.8
    assert report["by_chapter"]["diagnoses"] == {
        "IV": {"gold": 1, "suggested": 0, "f1": 0.0, "precision": None, "recall": 0.0},
        "IX": {"gold": 1, "suggested": 1, "f1": 1.0, "precision": 1.0, "recall": 1.0},
        "not in the table": {"gold": 1, "suggested": 1, "f1": 1.0, "precision": 1.0, "recall": 1.0},
    }
    assert report["by_sex"]["male"]["episodes"] == 2.0


def test_flat_figures_leave_out_what_was_not_measured() -> None:
    flat = flat_figures(measure([scored("1", "I10X", "I10X")], {}, seed=1, draws=10))
    assert flat["diagnoses_micro_f1"] == 1.0
    assert flat["diagnoses_brier"] == pytest.approx(0.01)
    assert "procedures_micro_f1" not in flat


def test_rounding_reaches_all_parts() -> None:
    assert rounded({"a": [1 / 3, None, 2], "b": (0.1234567, "x")}) == {
        "a": [0.333333, None, 2],
        "b": [0.123457, "x"],
    }


def test_a_corpus_knows_its_files_and_whether_it_is_synthetic(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text('{"id": "1", "text": "x", "diagnoses": [{"code": "I10"}]}\n')
    assert read_corpus([path]).label == "text of unstated origin"
    shipped = read_corpus([path, *small_corpus()])
    assert shipped.label == "synthetic text"
    assert set(shipped.digests) == {"ours.jsonl", *(file.name for file in small_corpus())}


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "ours.jsonl" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_text('{"id": "1", "text": "x"}\n')
    assert set(read_corpus(paths).digests) == {"0-ours.jsonl", "1-ours.jsonl"}


def test_an_empty_corpus_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(CorpusError, match=r"no episode in .*empty\.jsonl"):
        read_corpus([tmp_path / "empty.jsonl"])


def test_without_a_model_the_message_says_how_to_get_one(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    with pytest.raises(ModelNotFound, match="autocoder train --register autocoder"), find_model(None, uri):
        pass
    with pytest.raises(ModelNotFound, match="--model takes the folder"), find_model("other@champion", uri):
        pass


def test_unknown_classifications_are_named() -> None:
    with pytest.raises(TrainingError, match="no classification snomed: there are icd10"):
        load_classifications(["icd10", "snomed"])
    with pytest.raises(TrainingError, match="icd10 and icd10cm code the same"):
        load_classifications(["icd10", "icd10cm"])
