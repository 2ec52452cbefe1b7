import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from models.registry import (
    TRACKING_URI_VARIABLE,
    ArtifactsMissing,
    NoSuchModel,
    Reference,
    RegisteredModel,
    Registry,
    RegistryError,
    RunRecord,
    StoreUnreachable,
    default_tracking_uri,
)


def run(bundle: Path, **changes: object) -> RunRecord:
    fields: dict[str, object] = {"experiment": "trained here", "name": "nightly", "bundle": bundle, **changes}
    return RunRecord(**fields)  # type: ignore[arg-type]


@pytest.fixture
def champion(registry: Registry, bundle: Path) -> RegisteredModel:
    version = registry.register("autocoder", registry.record_run(run(bundle, tags={"data": "abc"})))
    registry.set_alias("autocoder", "champion", version)
    return registry.resolve("autocoder")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("autocoder", Reference("autocoder", "champion", None)),
        ("autocoder@challenger", Reference("autocoder", "challenger", None)),
        ("autocoder/12", Reference("autocoder", None, 12)),
        ("St Elsewhere 2026.1", Reference("St Elsewhere 2026.1", "champion", None)),
    ],
)
def test_references(written: str, expected: Reference) -> None:
    assert Reference.parse(written) == expected


@pytest.mark.parametrize(
    "written", ["", "@champion", "a/0", "a/b", "a/1/2", "a@", "a@b@c", "../a", "a'b", "a/-1", "a\n"]
)
def test_what_is_no_reference(written: str) -> None:
    with pytest.raises(NoSuchModel, match="write NAME"):
        Reference.parse(written)


def test_champion_is_what_a_bare_name_means(registry: Registry, champion: RegisteredModel) -> None:
    assert (champion.name, champion.version, champion.aliases) == ("autocoder", 1, ("champion",))
    assert champion.tags == {"data": "abc"}
    assert registry.resolve("autocoder@champion") == registry.resolve("autocoder/1") == champion


def test_fetch_copies_the_bundle(registry: Registry, champion: RegisteredModel, tmp_path: Path) -> None:
    assert registry.fetch("autocoder", tmp_path / "deep" / "model") == champion
    copied = tmp_path / "deep" / "model" / "manifest.json"
    assert copied.read_text() == "{}"
    copied.write_text("damaged")
    registry.fetch("autocoder", tmp_path / "again")
    assert (tmp_path / "again" / "manifest.json").read_text() == "{}"


def test_fetch_takes_an_empty_folder(registry: Registry, champion: RegisteredModel, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    registry.fetch("autocoder", tmp_path / "empty")
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["manifest.json"]


def test_fetch_does_not_mix_with_files_that_are_there(
    registry: Registry, champion: RegisteredModel, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(RegistryError, match="not an empty folder"):
        registry.fetch("autocoder", tmp_path)


def test_versions_newest_first(registry: Registry, champion: RegisteredModel, bundle: Path) -> None:
    second = registry.register("autocoder", registry.record_run(run(bundle)))
    registry.set_alias("autocoder", "challenger", second)
    found = registry.versions("autocoder")
    assert [(model.version, model.aliases) for model in found] == [(2, ("challenger",)), (1, ("champion",))]


def test_an_alias_moves(registry: Registry, champion: RegisteredModel, bundle: Path) -> None:
    second = registry.register("autocoder", registry.record_run(run(bundle)))
    registry.set_alias("autocoder", "champion", second)
    assert registry.resolve("autocoder").version == 2


def test_artifacts_lie_beside_the_store(
    registry: Registry, bundle: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow's own default is ./mlruns of whoever runs it."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    report = tmp_path / "report"
    report.mkdir()
    (report / "plot.svg").write_text("<svg/>")
    registry.record_run(run(bundle, artifacts=report))
    assert len(list((store / "artifacts").rglob("manifest.json"))) == 1
    assert len(list((store / "artifacts").rglob("plot.svg"))) == 1
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_run_keeps_many_params_metrics_and_tags(registry: Registry, bundle: Path) -> None:
    """MLflow takes no more than a hundred params or tags at a time."""
    run_id = registry.record_run(
        run(
            bundle,
            params={f"p{place}": place for place in range(120)},
            metrics={f"m{place}": place / 7 for place in range(120)},
            tags={f"t{place}": "x" for place in range(120)},
        )
    )
    version = registry.register("autocoder", run_id)
    assert len(registry.resolve(f"autocoder/{version}").tags) == 120


@pytest.mark.parametrize(
    ("ask", "kind", "says"),
    [
        (lambda registry: registry.resolve("other"), NoSuchModel, "other is not in sqlite"),
        (lambda registry: registry.resolve("autocoder/9"), NoSuchModel, "version=9"),
        (
            lambda registry: registry.resolve("autocoder@challenger"),
            NoSuchModel,
            "has no challenger .champion is autocoder/1.",
        ),
        (lambda registry: registry.versions("other"), NoSuchModel, "other"),
        (lambda registry: registry.set_alias("autocoder", "champion", 9), NoSuchModel, "version 9"),
        (lambda registry: registry.register("a/b", "0" * 32), RegistryError, "cannot name a model"),
        (lambda registry: registry.register("fresh", "0" * 32), NoSuchModel, "Run with id"),
        (
            lambda registry: registry.record_run(run(Path("nowhere"))),
            RegistryError,
            "nowhere holds no model",
        ),
    ],
)
def test_what_does_not_exist_is_named(
    registry: Registry,
    champion: RegisteredModel,
    ask: Callable[[Registry], object],
    kind: type[RegistryError],
    says: str,
) -> None:
    with pytest.raises(kind, match=says):
        ask(registry)


def test_missing_files_are_told_from_a_missing_model(
    registry: Registry, champion: RegisteredModel, store: Path, tmp_path: Path
) -> None:
    shutil.rmtree(store / "artifacts")
    with pytest.raises(ArtifactsMissing, match="autocoder/1"):
        registry.fetch("autocoder", tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_question_does_not_create_a_store(tmp_path: Path) -> None:
    path = tmp_path / "none" / "mlflow.db"
    with pytest.raises(StoreUnreachable, match="there is no model store"):
        Registry(f"sqlite:///{path}").resolve("autocoder")
    assert not path.parent.exists()


def test_a_damaged_store_is_refused_at_once(tmp_path: Path) -> None:
    """MLflow itself tries for minutes."""
    path = tmp_path / "mlflow.db"
    path.write_text("this is no database")
    with pytest.raises(StoreUnreachable, match="no SQLite database"):
        Registry(f"sqlite:///{path}").resolve("autocoder")


def test_a_server_that_does_not_answer_keeps_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(StoreUnreachable, match=r"127\.0\.0\.1:9") as caught:
        Registry("http://engineer:hunter2@127.0.0.1:9").resolve("autocoder")
    assert "hunter2" not in str(caught.value)


def test_threads_may_share_a_registry(registry: Registry, champion: RegisteredModel) -> None:
    shared, found = Registry(registry.tracking_uri), list[RegisteredModel]()
    threads = [threading.Thread(target=lambda: found.append(shared.resolve("autocoder"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [champion] * 8


def test_default_store_is_of_the_environment_or_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(TRACKING_URI_VARIABLE, "https://mlflow.example.nhs.uk")
    assert default_tracking_uri() == "https://mlflow.example.nhs.uk"
    monkeypatch.delenv(TRACKING_URI_VARIABLE)
    monkeypatch.setenv("AUTOCODER_VAR_DIR", "/srv/autocoder")
    assert default_tracking_uri() == "sqlite:////srv/autocoder/mlflow/mlflow.db"
    monkeypatch.delenv("AUTOCODER_VAR_DIR")
    monkeypatch.chdir(tmp_path)
    assert default_tracking_uri() == f"sqlite:///{tmp_path}/var/mlflow/mlflow.db"


def test_mlflow_is_imported_only_when_a_store_is_opened() -> None:
    code = "import sys, models.registry as r; r.Registry('sqlite:///x.db'); sys.exit('mlflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_telemetry_is_off_and_pickles_are_refused(registry: Registry, champion: RegisteredModel) -> None:
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] == "false"
