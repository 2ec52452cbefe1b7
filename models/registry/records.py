"""What goes into a store and what comes out of it, as plain values."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from models.registry.errors import NoSuchModel

TRACKING_URI_VARIABLE = "AUTOCODER_TRACKING_URI"
CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
"""Aliases: what serves, what shadows, what served before."""

SQLITE = "sqlite:///"
NAME = re.compile(r"\w[\w .-]*")
_REFERENCE = re.compile(rf"(?P<name>{NAME.pattern})(?:@(?P<alias>[\w.-]+)|/(?P<version>[1-9][0-9]{{0,8}}))?")

Param = str | int | float | bool
Table = Mapping[str, Sequence[str | int | float | None]]
"""Columns of the same length, by name."""


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """A file that a run read; only its name and digest are kept."""

    name: str
    digest: str
    """sha256."""
    context: str
    """What it was used for: training, evaluation."""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChildRun:
    """A part of a run that has figures of its own: a fold."""

    name: str
    params: Mapping[str, Param] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What is kept of one run: a training with its model, a comparison without one."""

    experiment: str
    name: str
    bundle: Path | None = None
    """Folder of the model."""
    artifacts: Path | None = None
    """Folder of plots and reports."""
    params: Mapping[str, Param] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    """Digests of the data, editions of the tables: written on every version of this run, too."""
    description: str = ""
    """Markdown, for people; of every version of this run, too."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """By the name of the artifact, which ends in .json."""
    datasets: tuple[DatasetRecord, ...] = ()
    children: tuple[ChildRun, ...] = ()


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
    return os.environ.get(TRACKING_URI_VARIABLE) or f"{SQLITE}{folder / 'mlflow' / 'mlflow.db'}"
