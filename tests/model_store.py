"""A model store in a moment: MLflow takes seconds to make its tables, so they are made once and copied."""

import shutil
from pathlib import Path

import pytest

from models.registry import Registry, RunRecord


def write_bundle(folder: Path, text: str = "{}") -> Path:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return folder


def uri(folder: Path) -> str:
    return f"sqlite:///{folder / 'mlflow.db'}"


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mlflow")
    bundle = write_bundle(folder / "bundle")
    Registry(uri(folder)).record_run(RunRecord(experiment="template", name="template", bundle=bundle))
    return folder / "mlflow.db"


@pytest.fixture
def store(store_template: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    shutil.copyfile(store_template, folder / "mlflow.db")
    return folder


@pytest.fixture
def registry(store: Path) -> Registry:
    return Registry(uri(store))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle")
