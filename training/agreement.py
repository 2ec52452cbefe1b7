"""Agreement of two codings of the same episodes, position by position.

The national audits of clinical coding count four positions: primary diagnosis, secondary diagnoses,
primary procedure, secondary procedures (Data Security and Protection Toolkit, clinical coding audits).
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from data.corpora import stored_form
from data.episodes import Role
from data.errors import UnknownCode
from training.errors import CorpusError


class Position(StrEnum):
    PRIMARY_DIAGNOSIS = "primary diagnosis"
    SECONDARY_DIAGNOSIS = "secondary diagnosis"
    PRIMARY_PROCEDURE = "primary procedure"
    SECONDARY_PROCEDURE = "secondary procedure"


class Codes(NamedTuple):
    """The codes of an episode in coding order, without their evidence."""

    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    first: int
    """Codes that the first coding holds at this position."""
    second: int
    both: int

    @property
    def f1(self) -> float | None:
        """Twice the common codes by all codes of both; None where neither has one."""
        codes = self.first + self.second
        return 2 * self.both / codes if codes else None


_POSITIONS: Mapping[Position, Callable[[Codes], Sequence[str]]] = {
    Position.PRIMARY_DIAGNOSIS: lambda codes: codes.diagnoses[:1],
    Position.SECONDARY_DIAGNOSIS: lambda codes: codes.diagnoses[1:],
    Position.PRIMARY_PROCEDURE: lambda codes: codes.procedures[:1],
    Position.SECONDARY_PROCEDURE: lambda codes: codes.procedures[1:],
}


def read_codes(paths: Sequence[Path]) -> dict[str, Codes]:
    """Codes by episode, of coded documents or of lines that hold an id and lists of codes.

    Raises:
        CorpusError: a line is not such an object; names file and line, and quotes nothing.
    """
    found: dict[str, Codes] = {}
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                item = json.loads(line)
                found[item["id"]] = Codes(
                    _codes(Role.DIAGNOSIS, item["diagnoses"]), _codes(Role.PROCEDURE, item["procedures"])
                )
            except (ValueError, KeyError, TypeError, UnknownCode):
                problem = "is not an object with id, diagnoses and procedures"
                raise CorpusError(f"{path.name}, line {number}: {problem}") from None
    return found


def _codes(role: Role, lines: Sequence[Any]) -> tuple[str, ...]:
    return tuple(stored_form(role, line if isinstance(line, str) else line["code"]) for line in lines)


def agreement(
    first: Mapping[str, Codes], second: Mapping[str, Codes]
) -> tuple[int, dict[Position, Agreement]]:
    """How many episodes both hold, and at each position how many codes; order counts for the primary alone.

    Raises:
        CorpusError: no episode is in both.
    """
    pairs = [(first[name], second[name]) for name in sorted(first.keys() & second.keys())]
    if not pairs:
        raise CorpusError("no episode stands in both codings")
    return len(pairs), {position: _at(codes, pairs) for position, codes in _POSITIONS.items()}


def _at(codes: Callable[[Codes], Sequence[str]], pairs: Sequence[tuple[Codes, Codes]]) -> Agreement:
    counted = [(Counter(codes(one)), Counter(codes(other))) for one, other in pairs]
    return Agreement(
        first=sum(one.total() for one, _ in counted),
        second=sum(other.total() for _, other in counted),
        both=sum((one & other).total() for one, other in counted),
    )
