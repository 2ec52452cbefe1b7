"""Operators on which codes stand: existence, exclusions, combinations, what is missing."""

from collections.abc import Iterable, Iterator, Sequence

from data.episodes import Role
from data.standards import CodeSet, Rule
from models.standards.coding import Add, Breach, Edit, Remove, Replace
from models.standards.operators.base import Operator
from models.standards.seen import Seen


class Exists(Operator):
    everywhere = True

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        for place in seen.places(self.role):
            if not seen.is_valid(self.role, seen.code(place)):
                yield Breach((place,))


class Once(Operator):
    everywhere = True

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        first: dict[str, int] = {}
        for place in seen.places(self.role):
            kept = first.setdefault(seen.code(place), place)
            if kept != place:
                yield Breach((kept, place), (Remove(place),))


class Never(Operator):
    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._instead = self.told("instead", "")
        self._drop = self.told("drop", False)

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        for place in seen.matching(self.role, self.codes):
            yield Breach((place,), self._mended(seen, place))

    def _mended(self, seen: Seen, place: int) -> tuple[Edit, ...]:
        if self._instead and not seen.stands(self.role, self._instead):
            return (Replace(place, self._instead),)
        return (Remove(place),) if self._drop or self._instead else ()


class NotTogether(Operator):
    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._with = self.set_of("with")
        self._drop = self.told("drop", "")
        self._adjacent = self.told("adjacent", False)
        self._scope = self.told("scope", "coding")
        self._excused_by = self.set_of("excused_by")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        if self._excused_by and seen.matching(self.role, self._excused_by):
            return
        for unit in seen.units(self.role, self._scope):
            ones = seen.among(unit, self.codes)
            others = [place for place in seen.among(unit, self._with) if place not in ones]
            if self._adjacent:
                ones = [place for place in ones if place - 1 in others]
                others = [place - 1 for place in ones]
            if ones and others:
                yield Breach((*ones, *others), tuple(map(Remove, self._dropped(ones, others))))

    def _dropped(self, ones: Sequence[int], others: Sequence[int]) -> Sequence[int]:
        return {"codes": ones, "with": others}.get(self._drop, ())


class Explained(Operator):
    """A symptom that a definite diagnosis explains (DChS.XVIII)."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._by = self.set_of("by")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        by = seen.matching(self.role, self._by)
        for place in seen.matching(self.role, self.codes):
            if by and place not in by:
                yield Breach((place, by[0]), (Remove(place),))


class Combination(Operator):
    """Codes that stand together are one code."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._found = self.sets_of("found")
        self._becomes = self.told("becomes", "")
        self._replaces = self.set_of("replaces")

    @property
    def triggers(self) -> CodeSet:
        return self._found[0]

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        groups = [seen.matching(self.role, codes) for codes in self._found]
        members = sorted({place for group in groups for place in group})
        if not all(groups) or len(members) < len(groups):
            return
        replaced = seen.among(members, self._replaces)
        replaced = [place for place in replaced if seen.code(place) != self._becomes]
        replaced.sort(key=seen.prominence)
        stands = seen.stands(self.role, self._becomes)
        if replaced:
            first: tuple[Edit, ...] = () if stands else (Replace(replaced[0], self._becomes),)
            yield Breach(tuple(members), (*first, *map(Remove, replaced[0 if stands else 1 :])))
        elif not stands:
            yield Breach(tuple(members), (Add(self.role, self._becomes, members[-1]),))


class OneOf(Operator):
    """Of a ladder only one rung stands: the highest."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._ladder = self.sets_of("ladder")

    @property
    def triggers(self) -> CodeSet:
        return CodeSet(frozenset(prefix for rung in self._ladder for prefix in rung.prefixes))

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        standing = [place for rung in self._ladder for place in seen.matching(self.role, rung)]
        if len(standing) > 1:
            yield Breach(tuple(sorted(standing)), tuple(map(Remove, sorted(standing[1:]))))


class Needs(Operator):
    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._any = self.set_of("any")
        self._scope = self.told("scope", "coding")
        self._add = self.told("add", "")
        self._excused_by = self.set_of("excused_by")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        if self._excused_by and seen.matching(self.role, self._excused_by):
            return
        for unit in seen.units(self.role, self._scope):
            asking = seen.among(unit, self.codes)
            if asking and not seen.among(unit, self._any):
                yield Breach(tuple(asking), self._mended(seen, unit, asking))

    def _mended(self, seen: Seen, unit: Sequence[int], asking: Sequence[int]) -> tuple[Edit, ...]:
        code = self._add or _only(code for code in seen.facts.documented if code in self._any)
        if not code or (self.role is Role.PROCEDURE and not self._add):
            return ()
        return (Add(self.role, code, unit[-1] if self._scope == "group" else asking[0]),)


class Expected(Operator):
    """Of such a patient (`when` of the rule) one of the codes is expected."""

    everywhere = True

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        if seen.lines and not seen.matching(self.role, self.codes):
            code = _only(code for code in seen.facts.documented if code in self.codes)
            yield Breach((), (Add(self.role, code),) if code else ())


class Documented(Operator):
    """What the text states and the coding leaves out."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._beside = self.set_of("beside")

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        if self._beside and not seen.matching(self.role, self._beside):
            return
        categories = {seen.code(place)[:3] for place in seen.places(self.role)}
        for code in sorted(seen.facts.documented):
            if code in self.codes and code[:3] not in categories:
                categories.add(code[:3])
                yield Breach((), (Add(self.role, code),))


class Specific(Operator):
    """An unspecified code whose category the text names more exactly (DGCS.1)."""

    def breaches(self, seen: Seen) -> Iterator[Breach]:
        for place in seen.matching(self.role, self.codes):
            code = seen.code(place)
            named = _only(
                one for one in seen.facts.documented if one[:3] == code[:3] and one not in self.codes
            )
            if named:
                stands = seen.stands(self.role, named)
                yield Breach((place,), (Remove(place) if stands else Replace(place, named),))


class Asks(Operator):
    """A code that says that something is not known: worth a question, if the record can answer it."""

    def breaches(self, seen: Seen) -> Iterable[Breach]:
        return (Breach((place,)) for place in seen.matching(self.role, self.codes))


def _only(codes: Iterable[str]) -> str:
    """The one code there is; where there are several only a person can choose."""
    found = set(codes)
    return found.pop() if len(found) == 1 else ""
