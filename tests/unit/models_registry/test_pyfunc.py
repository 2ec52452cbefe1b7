"""As `mlflow models serve` and Spark do it: MLflow alone loads `models:/NAME@ALIAS` and predicts a table."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from data.classifications import Classification, load_classification
from data.episodes import Role
from models.bundle import open_bundle, write_bundle
from models.predictions_json import prediction_json
from models.registry import Registry, RunRecord
from tests.unit.models import small_model

NOTE = "Diagnosis: exacerbation of COPD. PMH: T2DM, hypertension. No PE."


@pytest.fixture
def served(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setenv("AUTOCODER_VAR_DIR", str(tmp_path / "no tables of this machine"))
    write_bundle(tmp_path / "real", small_model.parts())
    run_id = registry.record_run(RunRecord(experiment="x", name="x", bundle=tmp_path / "real"))
    registry.set_alias("small", "champion", registry.register("small", run_id))
    return registry


def load(tracking_uri: str, model: str) -> Any:
    import mlflow

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(tracking_uri)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of MLflow's own code, on import
            import mlflow.pyfunc

            return mlflow.pyfunc.load_model(model)
    finally:
        mlflow.set_tracking_uri(before)


@pytest.mark.filterwarnings("ignore::UserWarning:mlflow")
def test_the_registered_model_answers_like_the_bundle(served: Registry, tmp_path: Path) -> None:
    import pandas as pd

    loaded = load(served.tracking_uri, "models:/small@champion")
    episode = {"id": "e7", "documents": [{"id": "a", "kind": "histology", "text": NOTE}], "sex": "female"}
    table = pd.DataFrame({"text": [NOTE, json.dumps(episode), ""]}, index=[5, 6, 7])
    answered = loaded.predict(table)
    assert list(answered.index) == [5, 6, 7]
    plain, coded, empty = (json.loads(line) for line in answered["prediction"])
    served.fetch("small", tmp_path / "fetched")
    coder = open_bundle(tmp_path / "fetched", name="x", version="1", classifications=shipped_tables())
    expected = prediction_json(coder.suggest(small_model.episode(NOTE)))
    assert codes(plain) == codes(expected)
    assert codes(plain)[0][0] == "J441"
    assert (coded["id"], codes(coded)[0][0]) == ("e7", "J441")
    assert empty == {"id": "3", "error": "row 3 cannot be coded: CodedDocumentError"}
    assert NOTE not in json.dumps(empty)


def shipped_tables() -> dict[Role, Classification]:
    return {
        Role.DIAGNOSIS: load_classification("icd10"),
        Role.PROCEDURE: load_classification("opcs4"),
    }


def codes(prediction: dict[str, Any]) -> list[tuple[str, float]]:
    return [(line["code"], line["confidence"]) for line in prediction["diagnoses"]]


def test_what_is_stored_holds_no_pickle_and_no_path_of_this_machine(served: Registry, store: Path) -> None:
    model = next((store / "artifacts").rglob("MLmodel")).parent
    assert sorted(path.name for path in model.iterdir()) == [
        "MLmodel", "bundle", "pyfunc_model.py", "python_env.yaml", "requirements.txt"
    ]  # fmt: skip
    assert os.fspath(Path(__file__).parents[3]) not in (model / "MLmodel").read_text()
