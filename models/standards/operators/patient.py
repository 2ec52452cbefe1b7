"""Operators on the patient, and on the fifth character that the text gives."""

from collections.abc import Iterator

from data.standards import Rule
from models.standards.coding import Breach, SetFifth
from models.standards.operators.base import Operator
from models.standards.seen import Seen

_OLDEST = 999


class Patient(Operator):
    """Sex and age as sent; what is not known contradicts nothing."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._sex = self.told("sex", "")
        self._youngest = self.told("youngest", 0)
        self._oldest = self.told("oldest", _OLDEST)

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        if self._fits(seen):
            return
        for place in seen.matching(self.role, self.codes):
            yield Breach((place,))

    def _fits(self, seen: Seen) -> bool:
        sex, age = seen.facts.sex, seen.facts.age
        other_sex = bool(self._sex) and sex in ("female", "male") and sex != self._sex
        other_age = age is not None and not self._youngest <= age <= self._oldest
        return not (other_sex or other_age)


class Fifth(Operator):
    """A fifth character is there and one of the digits; `doubt` is a digit that says nothing."""

    asks_people = True

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._digits = frozenset(self.told("digits", ""))
        self._assumed = self.told("assume", "")
        self._doubt = self.told("doubt", "")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        for place in seen.matching(self.role, self.codes):
            line = seen.lines[place]
            named = seen.facts.fifths.get(line.code, "")
            named = named if named in self._digits else ""
            if not self._is_right(line.fifth, named):
                wanted = named or self._assumed
                yield Breach((place,), (SetFifth(place, wanted),) if wanted else ())

    def _is_right(self, fifth: str | None, named: str) -> bool:
        if self._doubt:
            return fifth != self._doubt or named in ("", self._doubt)
        return fifth in self._digits
