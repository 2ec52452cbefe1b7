"""The log of every scoring run on the test split that ships: a split looked at too often measures nothing."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from data.corpora import Split, shipped_corpus
from training.corpus import digest

LOG_NAME = "runs.tsv"
_FIGURES = ("diagnoses_micro_f1", "procedures_micro_f1", "primary_correct")
COLUMNS = ("at", "model", "model_digest", "episodes", *_FIGURES, "test_split")


def touches_test_split(digests: Mapping[str, str]) -> bool:
    """Whether one of the files measured on is of the test split."""
    return bool({digest(path) for path in shipped_corpus(Split.TEST)} & set(digests.values()))


def log_run(report: Mapping[str, Any], at: datetime, log: Path | None = None) -> Path:
    """Adds a line to the log beside the test split; the datasheet shows it.

    Raises:
        OSError: the folder cannot be written; the run is not logged.
    """
    path = log or log_path()
    new = not path.exists()
    with path.open("a", encoding="utf-8") as file:
        if new:
            file.write("\t".join(COLUMNS) + "\n")
        file.write("\t".join(_fields(report, at)) + "\n")
    return path


def log_path() -> Path:
    return shipped_corpus(Split.TEST)[0].parent / LOG_NAME


def _fields(report: Mapping[str, Any], at: datetime) -> list[str]:
    model = report["model"]
    figures = (report["headline"][name]["value"] for name in _FIGURES)
    return [
        at.isoformat(timespec="seconds"),
        f"{model['name']}/{model['version']}",
        model["digest"][:12],
        str(report["episodes"]),
        *("" if value is None else f"{value:.4f}" for value in figures),
        " ".join(f"{name}:{found[:12]}" for name, found in sorted(report["corpus"]["files"].items())),
    ]
