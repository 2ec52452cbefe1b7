"""Operators on groups of procedures: their order, the side, the sites of an examination."""

from collections.abc import Iterator, Sequence

from data.episodes import Role
from data.standards import CodeSet, Rule
from models.standards.coding import Add, Arrange, Breach, Edit, Remove
from models.standards.operators.base import Operator
from models.standards.seen import Seen

SIDES = CodeSet.of(["Z94"])


class GroupOrder(Operator):
    """Lines of a group in the order of a ladder; a line of `restart` after others begins it anew."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._order = self.sets_of("order")
        self._restart = self.set_of("restart")

    def rank(self, code: str) -> int:
        """The last rung that holds the code; codes of none stand with the first."""
        return max((number for number, codes in enumerate(self._order) if code in codes), default=0)

    def ordered(self, codes: Sequence[str]) -> list[int]:
        """Positions of the codes of a group in the order wanted; what is in order already keeps its place."""
        part, last, keys = 0, 0, []
        for position, code in enumerate(codes):
            rank = self.rank(code)
            part += code in self._restart and max(rank, last) > 0
            keys.append((part, rank, position))
            last = rank
        return [position for _, _, position in sorted(keys)]

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        for group in seen.groups:
            if not seen.among(group, self.codes):
                continue
            ordered = self.ordered([seen.code(place) for place in group])
            if ordered != sorted(ordered):
                yield Breach(group, (Arrange(tuple(group[position] for position in ordered)),))


class Laterality(Operator):
    """The side stands once, in the group of its procedure; or, where it is not wanted, does not."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._excepted = self.set_of("excepted")
        self._wanted = self.told("wanted", True)

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        for group in seen.groups:
            asking = self._asking(seen, group)
            sides = seen.among(group, SIDES)
            if asking and bool(sides) != self._wanted:
                yield Breach((*asking, *sides), self._mended(seen, group, sides))

    def _asking(self, seen: Seen, group: Sequence[int]) -> list[int]:
        excepted = seen.among(group, self._excepted)
        return [place for place in seen.among(group, self.codes) if place not in excepted]

    def _mended(self, seen: Seen, group: Sequence[int], sides: Sequence[int]) -> tuple[Edit, ...]:
        if not self._wanted:
            return tuple(map(Remove, sides))
        side = seen.facts.side
        return (Add(Role.PROCEDURE, side, group[-1]),) if side else ()


class Furthest(Operator):
    """Of the sites of one examination only the furthest (PGCS10); sites from near to far."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._sites = self.sets_of("sites")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        for group in seen.groups:
            if not seen.among(group, self.codes):
                continue
            sites = [place for site in self._sites for place in seen.among(group, site)]
            if len(sites) > 1:
                yield Breach(tuple(sorted(sites)), tuple(map(Remove, sorted(sites[:-1]))))
