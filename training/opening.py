"""Finds the model that a command names: a folder, a registered version, or what ships, untrained."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from data.classifications import Classification, load_classification
from data.episodes import Role
from models.bundle import open_bundle, write_bundle
from models.coder import Coder
from models.knowledge import make_parts, title_terms
from models.registry import NoSuchModel, RegisteredModel, Registry, StoreUnreachable, default_tracking_uri
from training.errors import ModelNotFound, TrainingError

DEFAULT_MODEL = "autocoder"
DEFAULT_CLASSIFICATIONS = ("icd10", "opcs4")
CLASSIFICATION_ROLES = {
    "icd10": Role.DIAGNOSIS,
    "icd10cm": Role.DIAGNOSIS,
    "opcs4": Role.PROCEDURE,
    "icd10pcs": Role.PROCEDURE,
}


class Untrained(StrEnum):
    """Models that are made on the spot, from what ships; nothing in them is learned."""

    DAY_ONE = "day-one"
    """Curated terms, cues and a ranker set by hand."""
    TITLES = "titles"
    """The titles of the code tables in place of the terms: the floor."""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model on disk and what it is opened with: small enough to send to another process."""

    folder: Path
    name: str
    version: str
    classifications: tuple[str, ...]

    def open(self) -> Coder:
        return open_bundle(
            self.folder,
            name=self.name,
            version=self.version,
            classifications=load_classifications(self.classifications),
        )


def load_classifications(names: Sequence[str]) -> Mapping[Role, Classification]:
    """Official tables that `autocoder import-tables` brought win over what ships.

    Raises:
        TrainingError: no such classification, or two that code the same.
    """
    unknown = [name for name in names if name not in CLASSIFICATION_ROLES]
    if unknown:
        known = ", ".join(CLASSIFICATION_ROLES)
        raise TrainingError(f"no classification {', '.join(unknown)}: there are {known}")
    if len({CLASSIFICATION_ROLES[name] for name in names}) < len(set(names)):
        raise TrainingError(f"{' and '.join(names)} code the same; give one of them")
    tables_dir = Path(os.environ.get("AUTOCODER_VAR_DIR") or "var") / "tables"
    return {CLASSIFICATION_ROLES[name]: load_classification(name, tables_dir) for name in names}


@contextmanager
def find_model(
    reference: str | None, tracking_uri: str | None = None, classifications: Sequence[str] | None = None
) -> Iterator[ModelSource]:
    """A model that is fetched or made lies in a temporary folder, which goes when the command is done."""
    names = tuple(classifications or DEFAULT_CLASSIFICATIONS)
    if reference is not None and Path(reference).is_dir():
        folder = Path(reference).absolute()
        yield ModelSource(folder, folder.name, "unregistered", names)
        return
    with tempfile.TemporaryDirectory(prefix="autocoder-model-") as folder_name:
        folder = Path(folder_name) / "model"
        if reference in set(Untrained):
            yield _make(Untrained(reference), folder, names)
            return
        model = _fetch(reference, tracking_uri or default_tracking_uri(), folder)
        yield ModelSource(folder, model.name, str(model.version), names)


def _make(kind: Untrained, folder: Path, names: tuple[str, ...]) -> ModelSource:
    tables = load_classifications(names)
    terms = title_terms(tables) if kind is Untrained.TITLES else None
    write_bundle(folder, make_parts(tables, created=datetime.now(UTC), terms=terms))
    return ModelSource(folder, kind.value, "untrained", names)


def _fetch(reference: str | None, tracking_uri: str, folder: Path) -> RegisteredModel:
    try:
        return Registry(tracking_uri).fetch(reference or DEFAULT_MODEL, folder)
    except (NoSuchModel, StoreUnreachable) as error:
        hint = (
            f"train one with `autocoder train --register {DEFAULT_MODEL}`"
            if reference is None
            else "--model takes the folder of a model, NAME, NAME@ALIAS or NAME/VERSION of one in MLflow, "
            f"or one of {', '.join(Untrained)}"
        )
        raise ModelNotFound(f"{error}\n{hint}") from error
