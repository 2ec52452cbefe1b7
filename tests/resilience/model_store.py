"""An MLflow store with one registered model, small and whole."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from models.bundle import BundleParts, write_bundle
from models.ranking import day_one_ranker
from models.registry import Registry, RunRecord
from tests.unit.models import small_model


@dataclass(frozen=True, slots=True)
class Store:
    uri: str
    bundle: Path
    """Where the store keeps the model's files."""


def make_store(folder: Path) -> Store:
    parts = BundleParts(
        small_model.terms(), small_model.language(), day_one_ranker(), datetime(2026, 3, 1, tzinfo=UTC)
    )
    write_bundle(folder / "written", parts)
    digest = sha256((folder / "written" / "manifest.json").read_bytes()).hexdigest()
    recorded = RunRecord(
        experiment="test", name="test", bundle=folder / "written", tags={"model_digest": digest}
    )
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    registry = Registry(uri)
    registry.set_alias("autocoder", "champion", registry.register("autocoder", registry.record_run(recorded)))
    return Store(uri, next((folder / "artifacts").rglob("manifest.json")).parent)
