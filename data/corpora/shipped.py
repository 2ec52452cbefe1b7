"""The corpus that ships: synthetic UK episodes, coded by hand, in three splits that share no patient."""

from enum import StrEnum
from pathlib import Path

_FOLDER = Path(__file__).parent / "uk"


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    """For choices between models and for looking at errors."""
    TEST = "test"
    """Measured on, never looked at: every run is logged in `uk/test/runs.tsv`."""


def shipped_corpus(split: Split = Split.TRAIN) -> tuple[Path, ...]:
    """The files of a split, in order of name."""
    return tuple(sorted((_FOLDER / split).glob("*.jsonl")))
