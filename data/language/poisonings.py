"""External causes of poisonings: which category goes with a substance, and what tells the intent."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import Row, read_rows

POISONINGS_FILE = Path(__file__).parent / "poisonings.tsv"
INTENTS_FILE = Path(__file__).parent / "intents.tsv"
_POISON = re.compile(r"T(?:3[6-9]|[45]\d|6[0-5])\d?")
_CAUSE = re.compile(r"X(?:4|6)\d")


class Intent(StrEnum):
    ACCIDENTAL = "accidental"
    INTENTIONAL = "intentional"


@dataclass(frozen=True, slots=True)
class Poisoning:
    poisons: tuple[str, ...]
    """Beginnings of codes of T36-T65."""
    accidental: str
    """Category of the cause, X40 to X49."""
    intentional: str
    """Category of the cause, X60 to X69."""

    def cause(self, intent: Intent) -> str:
        return self.intentional if intent is Intent.INTENTIONAL else self.accidental


@dataclass(frozen=True, slots=True)
class IntentPhrase:
    phrase: str
    intent: Intent


def read_poisonings(path: Path = POISONINGS_FILE) -> tuple[Poisoning, ...]:
    """
    Raises:
        CuratedFileError: a line is wrong.
    """
    return tuple(_poisoning(row) for row in read_rows(path, ("poisons", "accidental", "intentional", "note")))


def _poisoning(row: Row) -> Poisoning:
    poisons = tuple(row.required("poisons").split("|"))
    for poison in poisons:
        if not _POISON.fullmatch(poison):
            raise row.problem("poisons", f"{poison!r} does not begin a code of T36 to T65")
    for field in ("accidental", "intentional"):
        if not _CAUSE.fullmatch(row.required(field)):
            raise row.problem(field, f"{row[field]!r} is no category of X40 to X49 or X60 to X69")
    return Poisoning(poisons, row["accidental"], row["intentional"])


def read_intents(path: Path = INTENTS_FILE) -> tuple[IntentPhrase, ...]:
    """
    Raises:
        CuratedFileError: a line is wrong, or a phrase stands twice.
    """
    found: dict[str, IntentPhrase] = {}
    for row in read_rows(path, ("intent", "phrases", "note")):
        if row["intent"] not in set(Intent):
            raise row.problem("intent", f"{row['intent']!r} is not one of {', '.join(Intent)}")
        for phrase in row.required("phrases").replace("_", " ").split("|"):
            if not phrase.strip():
                raise row.problem("phrases", "has an empty phrase")
            if phrase.lower() in found:
                raise row.problem("phrases", f"{phrase!r} stands already")
            found[phrase.lower()] = IntentPhrase(phrase, Intent(row["intent"]))
    return tuple(found.values())
