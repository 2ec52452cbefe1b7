"""Operators on where codes stand: first, never first, directly after, before."""

from collections.abc import Iterator, Sequence

from data.standards import Rule
from models.standards.coding import Breach, Edit, Move
from models.standards.operators.base import Operator
from models.standards.seen import Seen


class NeverFirst(Operator):
    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self.scope = self.told("scope", "coding")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        for unit in seen.units(self.role, self.scope):
            if unit and seen.code(unit[0]) in self.codes:
                lead = next((p for p in unit if seen.code(p) not in self.codes and _leads(seen, p)), None)
                yield Breach((unit[0],), () if lead is None else (Move(lead, before=unit[0]),))


def _leads(seen: Seen, place: int) -> bool:
    return seen.code(place) not in seen.followers


class First(Operator):
    """Among the first `within` lines."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self.within = self.told("within", 1)

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        places = seen.places(self.role)
        for place in seen.matching(self.role, self.codes)[:1]:
            if place in places[: self.within]:
                return
            yield Breach((place,), (Move(place, before=places[self.within - 1]),))


class Follows(Operator):
    """Directly after one of `any`; others that follow the same line may stand between."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self.any = self.set_of("any")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        following = seen.matching(self.role, self.codes)
        leading = seen.matching(self.role, self.any) if following else []
        for place in following:
            leads = [other for other in leading if other != place]
            if leads and not self._is_led(seen, place, leads):
                yield Breach((place,), self._mended(seen, place, leads))

    def _is_led(self, seen: Seen, follower: int, leads: Sequence[int]) -> bool:
        """Only others that follow stand between it and the line before."""
        for place in reversed([place for place in seen.places(self.role) if place < follower]):
            if place in leads:
                return True
            if seen.code(place) not in seen.followers:
                return False
        return False

    def _mended(self, seen: Seen, place: int, leads: Sequence[int]) -> tuple[Edit, ...]:
        lead = seen.nearest(place, leads)
        return () if lead is None else (Move(place, after=lead),)


class Before(Operator):
    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self.any = self.set_of("any")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        later = seen.matching(self.role, self.any)
        for place in seen.matching(self.role, self.codes):
            passed = [other for other in later if other < place and seen.code(other) not in self.codes]
            if passed:
                yield Breach((place, passed[0]), (Move(place, before=passed[0]),))
