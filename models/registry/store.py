"""One MLflow store: runs go in, registered versions come out.

A model is a plain folder (models/bundle.py). It is logged under a run and registered as a version of a name;
the aliases `champion` and `challenger` say what serves and what shadows. `fetch` copies a folder out, never
hands out the stored one, and leaves verifying the copy to whoever opens it.
"""

import re
import shutil
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.registry.errors import ArtifactsMissing, NoSuchModel, RegistryError, StoreUnreachable, reasons
from models.registry.library import import_mlflow
from models.registry.records import NAME, SQLITE, Reference, RegisteredModel, RunRecord
from models.registry.runs import BUNDLE, MODEL, log_run

_SQLITE_HEADER = b"SQLite format 3\0"
_LONGEST_DESCRIPTION = 4900
"""MLflow's database keeps 5,000 characters of a version's description."""


class Registry:
    """One MLflow store. Threads may share it: the client keeps no state of its own between calls."""

    def __init__(self, tracking_uri: str) -> None:
        self.tracking_uri = tracking_uri
        self._database = _sqlite_path(tracking_uri)
        self._lock = threading.Lock()
        self._opened: Any = None  # mlflow.MlflowClient

    def record_run(self, run: RunRecord) -> str:
        if run.bundle is not None and not run.bundle.is_dir():
            raise RegistryError(f"{run.bundle} holds no model")
        with reasons(f"the run cannot be recorded in {self.tracking_uri}"):
            client = self._client(create=True)
            experiment = self._experiment(client, run.experiment)
            run_id: str = client.create_run(experiment, run_name=run.name).info.run_id
            try:
                log_run(client, run_id, run)
            except BaseException:
                client.set_terminated(run_id, status="FAILED")
                raise
            client.set_terminated(run_id)
        return run_id

    def register(self, name: str, run_id: str) -> int:
        """Makes the model of a run the next version of a name, with the run's tags and description."""
        if not NAME.fullmatch(name):
            raise RegistryError(f"{name!r} cannot name a model: letters, digits, spaces and . _ - only")
        with reasons(f"{name} cannot be registered in {self.tracking_uri}"):
            client = self._client()
            run = client.get_run(run_id)
            with suppress(import_mlflow().MlflowException):  # it exists already, or the next step says why
                client.create_registered_model(name)
            tags = {key: value for key, value in run.data.tags.items() if not key.startswith("mlflow.")}
            made = client.create_model_version(
                name,
                source=f"{run.info.artifact_uri}/{MODEL}",
                run_id=run_id,
                tags=tags,
                description=_description(run.data.tags.get("mlflow.note.content", "")),
            )
            return int(made.version)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        with reasons(f"alias {alias} of {name} cannot be set to version {version} in {self.tracking_uri}"):
            self._client().set_registered_model_alias(name, alias, str(version))

    def remove_alias(self, name: str, alias: str) -> None:
        """One that is not set stays so."""
        with reasons(f"alias {alias} of {name} cannot be removed in {self.tracking_uri}"):
            self._client().delete_registered_model_alias(name, alias)

    def tag_version(self, name: str, version: int, tags: Mapping[str, str]) -> None:
        with reasons(f"{name}/{version} cannot be tagged in {self.tracking_uri}"):
            for key, value in tags.items():
                self._client().set_model_version_tag(name, str(version), key, value)

    def tag_name(self, name: str, key: str, value: str) -> None:
        """A tag of all the versions of a name together."""
        with reasons(f"{name} cannot be tagged in {self.tracking_uri}"):
            self._client().set_registered_model_tag(name, key, value)

    def tags_of_name(self, name: str) -> Mapping[str, str]:
        with reasons(f"{name} is not in {self.tracking_uri}"):
            return dict(self._client().get_registered_model(name).tags or {})

    def resolve(self, reference: str) -> RegisteredModel:
        wanted = Reference.parse(reference)
        with reasons(f"{reference} is not in {self.tracking_uri}"):
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
        with reasons(f"{name} is not in {self.tracking_uri}"):
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
                self._opened = import_mlflow().MlflowClient(self.tracking_uri, self.tracking_uri)
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
        with reasons(f"{reference} is not in {self.tracking_uri}"):
            client = self._client()
            root = f"{client.get_run(model.run_id).info.artifact_uri}/"
            path = model.source.removeprefix(root)
            if not model.source.startswith(root) or ".." in Path(path).parts:
                raise RegistryError(f"{reference}: its files lie outside of its run; register it anew")
            # Versions of older releases were registered as the plain folder.
            path = f"{path}/{BUNDLE}" if path == MODEL else path
            try:
                return Path(client.download_artifacts(model.run_id, path, str(folder)))
            except Exception as error:  # each kind of artifact store raises its own
                raise ArtifactsMissing(
                    f"the files of {reference} cannot be read from {model.source}"
                ) from error


def _sqlite_path(tracking_uri: str) -> Path | None:
    return Path(tracking_uri.removeprefix(SQLITE)).absolute() if tracking_uri.startswith(SQLITE) else None


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


def _description(written: str) -> str:
    if len(written) <= _LONGEST_DESCRIPTION:
        return written
    whole_lines = written[:_LONGEST_DESCRIPTION].rpartition("\n")[0]
    return f"{whole_lines}\n\n… the rest is in the run's artifacts."


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
