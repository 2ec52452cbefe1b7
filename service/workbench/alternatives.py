"""Other codes for a line: candidates on the same words, and of the same category."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from data.classifications import Classification, Entry
from data.episodes import Role
from service.episodes import schemas as s

MOST = 9
"""One digit each."""
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Alternative:
    code: str
    display: str
    title: str
    confidence: float | None


def alternatives_of(
    lines: Iterable[s.LineOut], candidates: Sequence[s.LineOut], standing: Sequence[s.LineOut]
) -> dict[str, tuple[Alternative, ...]]:
    """The likeliest first, by the id of the line."""
    taken = {line.code for line in standing if line.role is Role.DIAGNOSIS}
    lines = tuple(lines)
    open_ones = [line for line in (*lines, *candidates) if line.confidence is not None]
    likeliest = sorted(open_ones, key=lambda line: -(line.confidence or 0))
    return {line.id: tuple(_for(line, likeliest, taken)) for line in lines}


def _for(line: s.LineOut, likeliest: Iterable[s.LineOut], taken: set[str]) -> Iterator[Alternative]:
    seen = {line.code, *taken}
    for other in likeliest:
        if len(seen) - len(taken | {line.code}) == _SHOWN:
            return
        if other.role is line.role and other.code not in seen and _is_alternative(line, other):
            seen.add(other.code)
            yield Alternative(other.code, other.display, other.title, other.confidence)


def _is_alternative(line: s.LineOut, other: s.LineOut) -> bool:
    return line.code[:3] == other.code[:3] or any(
        one.document == two.document and one.start < two.end and two.start < one.end
        for one in line.evidence
        for two in other.evidence
    )


@dataclass(frozen=True, slots=True)
class Sibling:
    """A code of the same category."""

    character: str
    """The fourth: the key that chooses it."""
    entry: Entry
    display: str
    stands: bool


def siblings_of(table: Classification, line: s.LineOut, standing: Iterable[s.LineOut]) -> list[Sibling]:
    """Codes of the line's category that may stand in a coding, in their order; without its own."""
    taken = {one.code for one in standing if one.role is Role.DIAGNOSIS}
    found = (entry for entry in table.children(line.code[:3]) if entry.assignable and entry.code != line.code)
    return [
        Sibling(entry.code[3:4], entry, table.display(entry.code), entry.code in taken) for entry in found
    ]
