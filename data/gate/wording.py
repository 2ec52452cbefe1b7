"""Words of a text that keep its episode from being automated."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import read_rows

WORDING_FILE = Path(__file__).parent / "wording.tsv"


class WordingKind(StrEnum):
    TISSUE = "tissue"
    AWAITED = "awaited"
    SPELL = "spell"
    PRELIMINARY = "preliminary"


@dataclass(frozen=True, slots=True)
class Wording:
    kind: WordingKind
    phrase: str
    """Words in order; `*` at the end of a word stands for any ending."""


def read_wording(path: Path = WORDING_FILE) -> tuple[Wording, ...]:
    """
    Raises:
        CuratedFileError: a line is wrong.
    """
    rows = read_rows(path, ("kind", "phrase", "note"))
    return tuple(Wording(row.one_of("kind", WordingKind), row.required("phrase").lower()) for row in rows)
