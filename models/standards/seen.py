"""A coding as operators look at it."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from data.episodes import Role
from data.standards import CodeSet, beginnings_of
from models.standards.coding import Facts, Line
from models.standards.tables import Tables


class Seen:
    """Lines by their place: diagnoses first, then procedures."""

    def __init__(self, lines: Sequence[Line], facts: Facts, tables: Tables, followers: CodeSet) -> None:
        self.lines = tuple(lines)
        self.facts = facts
        self.followers = followers
        """Codes that stand beside another line: manifestations, causes, organisms."""
        self._tables = tables
        self._beginnings = [beginnings_of(line.code) for line in self.lines]
        self._places = {
            role: tuple(place for place, line in enumerate(self.lines) if line.role is role) for role in Role
        }

    def places(self, role: Role) -> tuple[int, ...]:
        return self._places[role]

    def code(self, place: int) -> str:
        return self.lines[place].code

    def matching(self, role: Role, codes: CodeSet) -> list[int]:
        return self.among(self._places[role], codes)

    def among(self, places: Iterable[int], codes: CodeSet) -> list[int]:
        """Of these places those whose code is one of the codes."""
        apart, beginnings = codes.prefixes.isdisjoint, self._beginnings  # as CodeSet.meets: asked very often
        return [place for place in places if not apart(beginnings[place])]

    def stands(self, role: Role, code: str) -> bool:
        return any(self.lines[place].code == code for place in self._places[role])

    def prominence(self, place: int) -> tuple[bool, float, str]:
        """The primary diagnosis first, then by place: whatever the order in which lines are given."""
        line = self.lines[place]
        return place != self._places[line.role][0], line.place, line.code

    def is_valid(self, role: Role, code: str) -> bool:
        """Whether the edition in force on the episode end has the code."""
        return self._tables.valid_on(role, code, self.facts.end)

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Procedures that belong together: by their number, else each procedure with what follows it."""
        numbered: dict[tuple[str, int], list[int]] = {}
        lead = -1
        for place in self._places[Role.PROCEDURE]:
            line = self.lines[place]
            if line.group is not None:
                numbered.setdefault(("numbered", line.group), []).append(place)
                continue
            if lead < 0 or not self._tables.secondary_only(line.code):
                lead = place
            numbered.setdefault(("from", lead), []).append(place)
        return tuple(map(tuple, numbered.values()))

    def group_of(self, place: int) -> tuple[int, ...]:
        return next(group for group in self.groups if place in group)

    def units(self, role: Role, scope: object) -> Iterable[tuple[int, ...]]:
        """The whole coding, or group by group."""
        return self.groups if scope == "group" else (self._places[role],)

    def nearest(self, place: int, leads: Sequence[int]) -> int | None:
        """Of some lines the one whose words are nearest; ties go to the first by place and code."""
        return min(leads, key=lambda lead: self._distance(place, lead), default=None)

    def _distance(self, place: int, lead: int) -> tuple[bool, float, float, str]:
        line, other = self.lines[place], self.lines[lead]
        apart = line.at is None or other.at is None or line.at[0] != other.at[0]
        words = 0.0 if line.at is None or other.at is None else _gap(line.at[1], other.at[1])
        return apart, words, _gap(line.place, other.place), other.code


def _gap(place: float, lead: float) -> float:
    """What stands before is nearer than what comes after."""
    return place - lead if place >= lead else _AFTER * (lead - place)


_AFTER = 3.0
