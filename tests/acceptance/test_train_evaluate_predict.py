"""An ML engineer's day, through the command line: train on what ships, measure, code a file, train again."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from models.registry import Registry
from tests.corpus import small_corpus
from training.commands import app

RUNNER = CliRunner(env={"AUTOCODER_VAR_DIR": "no-tables-of-this-machine"})


@dataclass(frozen=True)
class Workplace:
    folder: Path
    tracking_uri: str
    trained: Result

    @property
    def model(self) -> Path:
        return self.folder / "model"

    def run(self, *words: object) -> Result:
        return run(self.tracking_uri, *words)


def run(tracking_uri: str, *words: object) -> Result:
    return RUNNER.invoke(app, [*map(str, words), "--tracking-uri", tracking_uri])


def corpus_options() -> list[object]:
    return [word for path in small_corpus() for word in ("--corpus", path)]


def _trained(uri: str, folder: Path) -> Result:
    return run(uri, "train", *corpus_options(), "--register", "autocoder", "--output", folder / "model")


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("work")
    uri = f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}"
    return Workplace(folder, uri, _trained(uri, folder))


@pytest.fixture(scope="module")
def notes(workplace: Workplace) -> Path:
    """The texts of the shipped corpus without their codes, and one line that holds no text."""
    episodes = [json.loads(line) for path in small_corpus() for line in path.read_text("utf-8").splitlines()]
    kept = [
        {key: episode[key] for key in ("id", "text", "documents") if key in episode} for episode in episodes
    ]
    path = workplace.folder / "notes.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in [*kept, {"id": "empty"}]), encoding="utf-8")
    return path


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_training_registers_the_first_champion(workplace: Workplace) -> None:
    assert workplace.trained.exit_code == 0, workplace.trained.output
    assert "registered as autocoder/1@champion" in workplace.trained.output
    assert "Out-of-fold on synthetic text" in workplace.trained.output
    champion = Registry(workplace.tracking_uri).resolve("autocoder")
    assert champion.aliases == ("champion",)
    assert {f"corpus.{path.name}" for path in small_corpus()} < champion.tags.keys()


def test_the_run_keeps_plots_report_and_model(workplace: Workplace) -> None:
    kept = {path.name for path in (workplace.folder / "mlflow" / "artifacts").rglob("*") if path.is_file()}
    assert {"report.json", "reliability.svg", "precision_recall.svg", "manifest.json"} <= kept
    assert {"model_card.json", "model_card.md", "environment.json", "settings.json"} <= kept
    assert {"most_missed.json", "most_false.json", "by_chapter_diagnoses.json", "by_sex.json"} <= kept
    assert not any(name.endswith((".pkl", ".pickle", ".joblib")) for name in kept)


def test_the_run_shows_folds_figures_of_groups_and_where_it_came_from(workplace: Workplace) -> None:
    import mlflow

    client = mlflow.MlflowClient(workplace.tracking_uri)
    version = client.get_model_version_by_alias("autocoder", "champion")
    run = client.get_run(version.run_id)
    children = client.search_runs([run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{version.run_id}'")
    assert sorted(child.info.run_name for child in children) == [f"fold {fold}" for fold in range(1, 6)]
    assert sum(int(child.data.params["episodes"]) for child in children) == 40
    metrics = run.data.metrics
    assert "synthetic_out_of_fold/overall/micro_f1" in metrics
    for group in ("chapter/diagnoses/09 IX/f1", "age_band/01-15/micro_f1", "sex/female/primary_correct"):
        assert f"synthetic_out_of_fold/{group}" in metrics, sorted(metrics)
    assert {found.dataset.name for found in run.inputs.dataset_inputs} == {p.name for p in small_corpus()}
    for tag in ("data_digest", "settings_digest", "tables_digest", "environment_digest", "content_digest"):
        assert len(version.tags[tag]) == 64
    assert version.tags["environment.numpy"]
    assert {"champion.by", "champion.at", "champion.why"} <= version.tags.keys()
    for heading in ("Intended use", "Data", "Limits", "Figures", "By sex", "How to reproduce"):
        assert f"## {heading}" in run.data.tags["mlflow.note.content"]
    assert "## Limits" in version.description
    assert "synthetic text" in version.description


def test_evaluation_reports_figures_and_warns_of_what_was_seen(workplace: Workplace) -> None:
    report_path = workplace.folder / "report.json"
    answer = workplace.run("evaluate", *corpus_options(), "--json", report_path)
    assert answer.exit_code == 0, answer.output
    assert "diagnoses: micro F1" in answer.output
    assert "these figures flatter" in answer.output
    report = json.loads(report_path.read_text(encoding="utf-8"))
    assert report["episodes"] == sum(len(path.read_bytes().splitlines()) for path in small_corpus())
    assert report["corpus"]["text"] == "synthetic text"
    low, high = report["headline"]["micro_f1"]["interval_95"]
    assert 0.4 < low <= report["headline"]["micro_f1"]["value"] <= high <= 1.0


def test_prediction_codes_every_line_with_evidence(workplace: Workplace, notes: Path) -> None:
    answer = workplace.run("predict", "--input", notes, "--output", workplace.folder / "predictions.jsonl")
    assert answer.exit_code == 1  # one line failed
    assert "documents per second" in answer.output
    assert "line 41, text: is missing" in answer.output.replace("\n", " ")
    predictions, given = lines(workplace.folder / "predictions.jsonl"), lines(notes)
    assert [prediction["id"] for prediction in predictions] == [note["id"] for note in given]
    assert "error" in predictions[-1]
    for note, prediction in zip(given[:-1], predictions[:-1], strict=True):
        check_evidence(note, prediction)


def check_evidence(note: dict[str, object], prediction: dict[str, object]) -> None:
    documents = note.get("documents") or [{"text": note["text"]}]
    assert isinstance(documents, list)
    for role in ("diagnoses", "procedures"):
        found = prediction[role]
        assert isinstance(found, list)
        for line in found:
            assert 0 <= line["confidence"] <= 1
            assert line["evidence"]
            for span in line["evidence"]:
                assert documents[span["document"]]["text"][span["start"] : span["end"]] == span["text"]


def test_workers_write_the_same_file(workplace: Workplace, notes: Path) -> None:
    one, two = workplace.folder / "one.jsonl", workplace.folder / "two.jsonl"
    workplace.run("predict", "--input", notes, "--output", one, "--model", "autocoder@champion")
    answer = workplace.run(
        "predict", "--input", notes, "--output", two, "--model", "autocoder/1", "--workers", 2
    )
    assert answer.exit_code == 1, answer.output
    assert one.read_bytes() == two.read_bytes()
    assert "largest worker" in answer.output


def test_training_again_gives_the_same_model_and_does_not_replace_the_champion(workplace: Workplace) -> None:
    again = workplace.folder / "again"
    answer = workplace.run("train", *corpus_options(), "--register", "autocoder", "--output", again)
    assert "registered as autocoder/2@challenger" in answer.output
    assert Registry(workplace.tracking_uri).resolve("autocoder").version == 1
    assert contents(again) == contents(workplace.model)
    digests = {content_digest_line(output) for output in (answer.output, workplace.trained.output)}
    assert len(digests) == 1


def content_digest_line(output: str) -> str:
    return next(line for line in output.splitlines() if line.startswith("content digest "))


def contents(model: Path) -> dict[str, object]:
    """Everything but the time of the manifest."""
    found: dict[str, object] = {path.name: path.read_bytes() for path in model.iterdir()}
    manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
    return {**found, "manifest.json": {key: manifest[key] for key in manifest if key != "created"}}


@pytest.mark.parametrize("file", ["terms.json", "ranker.json", "manifest.json"])
def test_a_damaged_model_is_refused(workplace: Workplace, notes: Path, tmp_path: Path, file: str) -> None:
    shutil.copytree(workplace.model, tmp_path / "model")
    content = (tmp_path / "model" / file).read_bytes()
    (tmp_path / "model" / file).write_bytes(content[: len(content) // 2])
    answer = workplace.run(
        "predict", "--input", notes, "--output", tmp_path / "out.jsonl", "--model", tmp_path / "model"
    )
    assert answer.exit_code == 2
    assert "is not a usable model" in answer.output
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("nobody", "Registered Model with name=nobody not found"),
        ("autocoder@retired", "autocoder has no retired"),
        ("autocoder/99", "version=99"),
        ("no/such/folder", "names no model"),
    ],
)
def test_an_unknown_model_is_named(workplace: Workplace, notes: Path, model: str, says: str) -> None:
    answer = workplace.run("evaluate", "--corpus", small_corpus()[0], "--model", model)
    assert answer.exit_code == 2
    assert says in answer.output
    assert "--model takes the folder of a model" in answer.output


def test_without_any_model_the_message_says_how_to_train_one(tmp_path: Path) -> None:
    answer = run(f"sqlite:///{tmp_path / 'mlflow.db'}", "evaluate", "--corpus", small_corpus()[0])
    assert answer.exit_code == 2
    assert "train one with `autocoder train --register autocoder`" in answer.output


def test_a_corpus_that_is_wrong_is_named_by_file_line_and_field(workplace: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text('{"id": "1", "text": "x"}\n{"id": "2", "text": "x", "age": "old"}\n')
    answer = workplace.run("train", "--corpus", path)
    assert answer.exit_code == 2
    assert "ours.jsonl, line 2, age: is not a whole number" in answer.output
