"""Where models are kept: runs, versions and aliases in an MLflow store; the only importer of MLflow.

A model is a plain folder (models/bundle.py). It is logged under a run and registered as a version of a name;
the aliases `champion` and `challenger` say what serves and what shadows. `fetch` copies a folder out, never
hands out the stored one, and leaves verifying the copy to whoever opens it.

RegistryError
├── StoreUnreachable    the store does not answer, or does not exist yet
├── NoSuchModel         the store has no such name, alias or version
└── ArtifactsMissing    the version is known, its files are not there
"""

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import ModelError

TRACKING_URI_VARIABLE = "AUTOCODER_TRACKING_URI"
CHAMPION = "champion"
BUNDLE = "bundle"
"""Folder of a run's artifacts that holds the model."""

_NAME = re.compile(r"\w[\w .-]*")
_REFERENCE = re.compile(rf"(?P<name>{_NAME.pattern})(?:@(?P<alias>[\w.-]+)|/(?P<version>[1-9][0-9]{{0,8}}))?")
_SQLITE = "sqlite:///"
_SQLITE_HEADER = b"SQLite format 3\0"
_CREDENTIALS = re.compile(r"://[^/@\s]*@")
_BATCH = 100
"""Most params or tags that one call to MLflow takes."""


class RegistryError(ModelError):
    """Base of all errors of the registry; the message says what to do."""


class StoreUnreachable(RegistryError):
    """The store does not answer, or does not exist yet."""


class NoSuchModel(RegistryError):
    """The store has no such name, alias or version."""


class ArtifactsMissing(RegistryError):
    """The version is known to the store, its files are not there."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What is kept of one training run."""

    experiment: str
    name: str
    bundle: Path
    """Folder of the model."""
    artifacts: Path | None = None
    """Folder of plots and reports."""
    params: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    """Digests of the data, editions of the tables: written on every version of this run, too."""


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    name: str
    version: int
    source: str
    run_id: str
    created: datetime
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """`NAME` (its champion), `NAME@ALIAS` or `NAME/VERSION`."""

    name: str
    alias: str | None
    version: int | None

    @classmethod
    def parse(cls, written: str) -> "Reference":
        match = _REFERENCE.fullmatch(written)
        if match is None:
            raise NoSuchModel(f"{written!r} names no model: write NAME, NAME@ALIAS or NAME/VERSION")
        version = int(match["version"]) if match["version"] else None
        alias = match["alias"] or (None if version else CHAMPION)
        return cls(match["name"], alias, version)


def default_tracking_uri() -> str:
    """From the environment, otherwise a store in the folder of everything that running writes."""
    folder = Path(os.environ.get("AUTOCODER_VAR_DIR") or "var").absolute()
    return os.environ.get(TRACKING_URI_VARIABLE) or f"{_SQLITE}{folder / 'mlflow' / 'mlflow.db'}"


class Registry:
    """One MLflow store. Threads may share it: the client keeps no state of its own between calls."""

    def __init__(self, tracking_uri: str) -> None:
        self.tracking_uri = tracking_uri
        self._database = _sqlite_path(tracking_uri)
        self._lock = threading.Lock()
        self._opened: Any = None  # mlflow.MlflowClient

    def record_run(self, run: RunRecord) -> str:
        if not run.bundle.is_dir():
            raise RegistryError(f"{run.bundle} holds no model")
        with _reasons(f"the run cannot be recorded in {self.tracking_uri}"):
            client = self._client(create=True)
            experiment = self._experiment(client, run.experiment)
            run_id: str = client.create_run(experiment, run_name=run.name).info.run_id
            try:
                _log(client, run_id, run)
            except BaseException:
                client.set_terminated(run_id, status="FAILED")
                raise
            client.set_terminated(run_id)
        return run_id

    def register(self, name: str, run_id: str) -> int:
        """Makes the bundle of a run the next version of a name."""
        if not _NAME.fullmatch(name):
            raise RegistryError(f"{name!r} cannot name a model: letters, digits, spaces and . _ - only")
        with _reasons(f"{name} cannot be registered in {self.tracking_uri}"):
            client = self._client()
            run = client.get_run(run_id)
            with suppress(_import_mlflow().MlflowException):  # it exists already, or the next step says why
                client.create_registered_model(name)
            tags = {key: value for key, value in run.data.tags.items() if not key.startswith("mlflow.")}
            source = f"{run.info.artifact_uri}/{BUNDLE}"
            return int(client.create_model_version(name, source=source, run_id=run_id, tags=tags).version)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        with _reasons(f"alias {alias} of {name} cannot be set to version {version} in {self.tracking_uri}"):
            self._client().set_registered_model_alias(name, alias, str(version))

    def resolve(self, reference: str) -> RegisteredModel:
        wanted = Reference.parse(reference)
        with _reasons(f"{reference} is not in {self.tracking_uri}"):
            client = self._client()
            aliases: dict[str, int] = client.get_registered_model(wanted.name).aliases
            version = wanted.version or aliases.get(wanted.alias or "")
            if version is None:
                raise NoSuchModel(_no_alias(wanted, aliases))
            return _registered(client.get_model_version(wanted.name, str(version)), aliases)

    def fetch(self, reference: str, destination: Path) -> RegisteredModel:
        """Copies the model into `destination`, which is whole or not there at all."""
        if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
            raise RegistryError(f"{destination} is not an empty folder: a model is fetched into a new one")
        model = self.resolve(reference)
        destination.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".fetch-") as folder:
            copied = self._download(model, Path(folder))
            if destination.exists():
                destination.rmdir()
            shutil.move(copied, destination)
        return model

    def versions(self, name: str) -> tuple[RegisteredModel, ...]:
        """Newest first."""
        with _reasons(f"{name} is not in {self.tracking_uri}"):
            client, name = self._client(), Reference.parse(name).name
            aliases: dict[str, int] = client.get_registered_model(name).aliases
            found = client.search_model_versions(f"name = '{name}'")
            models = (_registered(version, aliases) for version in found)
            return tuple(sorted(models, key=lambda model: -model.version))

    def _client(self, *, create: bool = False) -> Any:
        """Only recording a run creates a store: a question to one that does not exist is an error."""
        if self._database is not None:
            _check_database(self._database, create)
        with self._lock:
            if self._opened is None:
                self._opened = _import_mlflow().MlflowClient(self.tracking_uri, self.tracking_uri)
            return self._opened

    def _experiment(self, client: Any, name: str) -> str:
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(name, artifact_location=self._artifact_location(name)))

    def _artifact_location(self, experiment: str) -> str | None:
        """Beside the SQLite file, and absolute: MLflow's own default is relative to the working directory."""
        if self._database is not None:
            return (self._database.parent / "artifacts" / re.sub(r"[^\w.-]", "_", experiment)).as_uri()
        if self.tracking_uri.startswith(("http://", "https://")):
            return None  # the tracking server decides
        raise RegistryError(f"the store has no experiment {experiment}: create it with an artifact location")

    def _download(self, model: RegisteredModel, folder: Path) -> Path:
        reference = f"{model.name}/{model.version}"
        with _reasons(f"{reference} is not in {self.tracking_uri}"):
            client = self._client()
            root = f"{client.get_run(model.run_id).info.artifact_uri}/"
            path = model.source.removeprefix(root)
            if not model.source.startswith(root) or ".." in Path(path).parts:
                raise RegistryError(f"{reference}: its files lie outside of its run; register it anew")
            try:
                return Path(client.download_artifacts(model.run_id, path, str(folder)))
            except Exception as error:  # each kind of artifact store raises its own
                raise ArtifactsMissing(
                    f"the files of {reference} cannot be read from {model.source}"
                ) from error


def _import_mlflow() -> Any:
    """Nothing is sent anywhere, a store that does not answer is given up soon, and no pickle is ever read."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"  # it may hold a password
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    import mlflow

    return mlflow


_KINDS = {"RESOURCE_DOES_NOT_EXIST": NoSuchModel, "INVALID_PARAMETER_VALUE": RegistryError}


@contextmanager
def _reasons(problem: str) -> Iterator[None]:
    """MLflow, its database, its HTTP client and the file system have errors of their own: one kind leaves."""
    try:
        yield
    except RegistryError:
        raise
    except Exception as error:
        kind = _KINDS.get(getattr(error, "error_code", ""), StoreUnreachable)
        detail = (str(error) or type(error).__name__).splitlines()[0]
        raise kind(_CREDENTIALS.sub("://", f"{problem}: {detail}")) from error


def _sqlite_path(tracking_uri: str) -> Path | None:
    return Path(tracking_uri.removeprefix(_SQLITE)).absolute() if tracking_uri.startswith(_SQLITE) else None


def _check_database(path: Path, create: bool) -> None:
    """MLflow would create a missing file, and try for minutes to open a damaged one."""
    if not path.exists() or not path.stat().st_size:
        if not create:
            raise StoreUnreachable(f"there is no model store at {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    with path.open("rb") as file:
        if file.read(len(_SQLITE_HEADER)) != _SQLITE_HEADER:
            raise StoreUnreachable(f"{path} is not a model store: it is no SQLite database")


def _log(client: Any, run_id: str, run: RunRecord) -> None:
    entities, now = _import_mlflow().entities, int(datetime.now(UTC).timestamp() * 1000)
    params = [entities.Param(name, str(value)) for name, value in run.params.items()]
    metrics = [entities.Metric(name, value, now, 0) for name, value in run.metrics.items()]
    tags = [entities.RunTag(name, value) for name, value in run.tags.items()]
    for start in range(0, max(len(params), len(metrics), len(tags)), _BATCH):
        part = slice(start, start + _BATCH)
        client.log_batch(run_id, metrics=metrics[part], params=params[part], tags=tags[part])
    if run.artifacts is not None:
        client.log_artifacts(run_id, str(run.artifacts))
    client.log_artifacts(run_id, str(run.bundle), BUNDLE)


def _registered(version: Any, aliases: Mapping[str, int]) -> RegisteredModel:
    return RegisteredModel(
        name=version.name,
        version=int(version.version),
        source=version.source,
        run_id=version.run_id or "",
        created=datetime.fromtimestamp(version.creation_timestamp / 1000, UTC),
        aliases=tuple(
            sorted(alias for alias, place in aliases.items() if int(place) == int(version.version))
        ),
        tags=dict(version.tags or {}),
    )


def _no_alias(wanted: Reference, aliases: Mapping[str, int]) -> str:
    known = ", ".join(f"{alias} is {wanted.name}/{version}" for alias, version in sorted(aliases.items()))
    return (
        f"{wanted.name} has no {wanted.alias} ({known or 'no alias is set'}): name a version, {wanted.name}/1"
    )
