"""The order of a coding, from all rules of sequence at once.

Diagnoses are blocks: a line with what follows it (manifestation, external cause, organism, resistance). The
primary block first, the others by their place. Nothing depends on the order of the rules or of the lines,
but for two things that are kept: which diagnosis is primary, and which procedures belong together.
"""

from collections.abc import Iterable, Sequence

from data.episodes import Role
from data.standards import CodeSet
from models.standards.coding import Line
from models.standards.operators.base import Operator
from models.standards.operators.order import Before, First, Follows, NeverFirst
from models.standards.operators.procedures import GroupOrder
from models.standards.seen import Seen

_Key = tuple[int, float, str, int]
_Pair = tuple[frozenset[int], frozenset[int]]
"""Places of the codes of a rule, and of those that they stand beside."""


def arranged(seen: Seen, operators: Iterable[Operator]) -> tuple[Line, ...]:
    """The lines in order; those of a role that a person touched stay as they are."""
    given = tuple(operators)
    diagnoses, procedures = seen.places(Role.DIAGNOSIS), seen.places(Role.PROCEDURE)
    if not any(seen.lines[place].touched for place in diagnoses):
        diagnoses = tuple(_Diagnoses(seen, given).order())
    if not any(seen.lines[place].touched for place in procedures):
        procedures = tuple(_procedures(seen, given))
    return tuple(seen.lines[place] for place in (*diagnoses, *procedures))


class _Diagnoses:
    def __init__(self, seen: Seen, operators: Sequence[Operator]) -> None:
        self._seen = seen
        self._places = seen.places(Role.DIAGNOSIS)
        own = [one for one in operators if one.role is Role.DIAGNOSIS]
        self._follows = [self._pair(one) for one in own if isinstance(one, Follows)]
        self._before = [self._pair(one) for one in own if isinstance(one, Before)]
        self._first = [self._matching(one.codes) for one in own if isinstance(one, First)]
        self._only_first = [
            self._matching(one.codes) for one in own if isinstance(one, First) and one.within == 1
        ]
        self._never_first = [self._matching(one.codes) for one in own if isinstance(one, NeverFirst)]

    def _pair(self, rule: Follows | Before) -> _Pair:
        return self._matching(rule.codes), self._matching(rule.any)

    def _matching(self, codes: CodeSet) -> frozenset[int]:
        return frozenset(self._seen.matching(Role.DIAGNOSIS, codes))

    def order(self) -> list[int]:
        if len(self._places) < 2:
            return list(self._places)
        leads = self._leads()
        primary = self._primary(leads)
        heads = [place for place in self._places if place not in leads]
        keys = {place: self._key(place, primary) for place in heads}
        followers: dict[int, list[int]] = {}
        for place, lead in leads.items():
            followers.setdefault(lead, []).append(place)
        ordered = self._in_order(keys)
        return [place for head in ordered for place in self._block(head, followers)]

    def _leads(self) -> dict[int, int]:
        """What each follower follows; no line follows itself, by whatever way."""
        leads: dict[int, int] = {}
        for place in sorted(self._places, key=self._natural):
            possible = [lead for lead in self._possible(place) if not _reaches(leads, lead, place)]
            nearest = self._seen.nearest(place, possible)
            if nearest is not None:
                leads[place] = nearest
        return leads

    def _possible(self, place: int) -> list[int]:
        wanted = frozenset[int]().union(*(leads for followers, leads in self._follows if place in followers))
        return [other for other in self._places if other in wanted and other != place]

    def _primary(self, leads: dict[int, int]) -> int:
        heads = sorted((place for place in self._places if place not in leads), key=self._natural)
        for first in self._only_first:
            for place in heads:
                if place in first:
                    return place
        wished = self._places[0]
        wished = wished if wished in heads else _head(leads, wished)
        for place in (wished, *heads):
            if not any(place in never for never in self._never_first):
                return place
        return wished

    def _key(self, place: int, primary: int) -> _Key:
        """Primary, then what must be among the first, then by place."""
        among_first = any(place in first for first in self._first)
        rank = 0 if place == primary else 1 if among_first else 2
        return (rank, *self._natural(place))

    def _natural(self, place: int) -> tuple[float, str, int]:
        line = self._seen.lines[place]
        return line.place, line.code, place

    def _in_order(self, keys: dict[int, _Key]) -> list[int]:
        """By key; what must stand before a line comes directly before it."""
        ordered: list[int] = []
        begun: set[int] = set()

        def place(head: int) -> None:
            if head not in begun:
                begun.add(head)
                for earlier in sorted(self._earlier(head, keys), key=keys.__getitem__):
                    place(earlier)
                ordered.append(head)

        for head in sorted(keys, key=keys.__getitem__):
            place(head)
        return ordered

    def _earlier(self, place: int, heads: Iterable[int]) -> set[int]:
        wanted = [codes for codes, later in self._before if place in later and place not in codes]
        return {other for other in heads if any(other in codes for codes in wanted)}

    def _block(self, head: int, followers: dict[int, list[int]]) -> list[int]:
        block = [head]
        for place in sorted(followers.get(head, ()), key=self._beside):
            block.extend(self._block(place, followers))
        return block

    def _beside(self, place: int) -> tuple[int, float, str, int]:
        """Manifestation and severity, external cause, organism, resistance."""
        code = self._seen.code(place)
        kind = 1 if code in _CAUSES else 2 if code in _ORGANISMS else 3 if code in _RESISTANCE else 0
        return (kind, *self._natural(place))


_CAUSES = CodeSet.of(["V01-Y98"])
_ORGANISMS = CodeSet.of(["B95-B98"])
_RESISTANCE = CodeSet.of(["U82-U85"])


def _reaches(leads: dict[int, int], place: int, wanted: int) -> bool:
    while place != wanted and place in leads:
        place = leads[place]
    return place == wanted


def _head(leads: dict[int, int], place: int) -> int:
    while place in leads:
        place = leads[place]
    return place


def _procedures(seen: Seen, operators: Sequence[Operator]) -> list[int]:
    """Groups by their first line's place, each in the order of its rules."""
    orders = [one for one in operators if isinstance(one, GroupOrder)]
    groups = sorted(seen.groups, key=lambda group: min(_natural(seen, place) for place in group))
    return [place for group in groups for place in _group_in_order(seen, group, orders)]


def _group_in_order(seen: Seen, group: Sequence[int], orders: Iterable[GroupOrder]) -> list[int]:
    places = sorted(group, key=lambda place: _natural(seen, place))
    for rule in orders:
        codes = [seen.code(place) for place in places]
        if any(code in rule.codes for code in codes):
            places = [places[position] for position in rule.ordered(codes)]
    return places


def _natural(seen: Seen, place: int) -> tuple[float, str, int]:
    line = seen.lines[place]
    return line.place, line.code, place
