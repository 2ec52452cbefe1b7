"""Where two models differ on one episode: codes and order, no words. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from data.episodes import Role


@dataclass(frozen=True, slots=True)
class Suggested:
    """A line that a model would put before the coder."""

    role: Role
    code: str


@dataclass(frozen=True, slots=True)
class Difference:
    champion_primary: str | None
    challenger_primary: str | None
    only_champion: tuple[str, ...]
    """Diagnoses as a set, procedures as often as they stand."""
    only_challenger: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        same_primary = self.champion_primary == self.challenger_primary
        return same_primary and not self.only_champion and not self.only_challenger

    def to_json(self) -> dict[str, Any]:
        return {
            "primary": {"champion": self.champion_primary, "challenger": self.challenger_primary},
            "only_champion": list(self.only_champion),
            "only_challenger": list(self.only_challenger),
        }


def difference(champion: Sequence[Suggested], challenger: Sequence[Suggested]) -> Difference:
    before, after = _count(champion), _count(challenger)
    return Difference(
        champion_primary=_primary(champion),
        challenger_primary=_primary(challenger),
        only_champion=_codes(before - after),
        only_challenger=_codes(after - before),
    )


def _primary(lines: Iterable[Suggested]) -> str | None:
    return next((line.code for line in lines if line.role is Role.DIAGNOSIS), None)


def _count(lines: Iterable[Suggested]) -> Counter[Suggested]:
    found = Counter(lines)
    return Counter({line: 1 if line.role is Role.DIAGNOSIS else times for line, times in found.items()})


def _codes(lines: Counter[Suggested]) -> tuple[str, ...]:
    return tuple(sorted(line.code for line in lines.elements()))
