"""Likely misattributions: episodes recorded under somebody who, it seems, does not answer for them. Pure.

Who did the work is read from documents (service/clinicians/naming.py) and from the other patients of the
same list: one day, one site, one treatment function. Then the attribution rule is asked once more, with that
person as the one who treated. What it answers otherwise than recorded is a proposal, never an edit.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from data.clinicians import Basis, Standing
from service.clinicians.attributing import attribute, judge
from service.clinicians.naming import Noted, NotedRole
from service.clinicians.register import EpisodeFacts, Grade, Person, Register

_LED_BY = (
    NotedRole.SUPERVISOR,
    NotedRole.COVERED_FOR,
    NotedRole.REVIEWER,
    NotedRole.OPERATOR,
    NotedRole.AUTHOR_OF_OPERATION,
)
"""Who leads, by the strongest word; who merely wrote a summary may have written it for anybody."""
_WORKED = frozenset({NotedRole.OPERATOR, NotedRole.AUTHOR_OF_OPERATION})
_WITHOUT_STANDING = frozenset(
    {
        Standing.OUTSIDE_SCOPE, Standing.EXPIRED, Standing.NOT_AUTONOMOUS, Standing.NO_POLICY,
        Standing.GRADE_LEFT_OUT, Standing.NOT_SIGNED_OFF, Standing.SUPERVISED,
    }
)  # fmt: skip
_LISTMATES = 2
"""So many others of a list must name one person, and nobody else, before it speaks for a silent note."""
_STRANGER_SHARE = 0.02
"""Of a clinician's episodes: where fewer are in a treatment function, one there is out of place."""


class Kind(StrEnum):
    """Why an attribution is doubted."""

    AUTONOMOUS_WORK = "autonomous_work"
    IMPOSSIBLE_LOAD = "impossible_load"
    NOT_AUTONOMOUS = "not_autonomous"
    NOT_IN_POST = "not_in_post"
    SPECIALTY_MISMATCH = "specialty_mismatch"
    RULE = "rule"
    """Register or facts changed after the episode was closed, and the rule now answers otherwise."""


@dataclass(frozen=True, slots=True)
class Observed:
    """An episode as it stands."""

    id: str
    facts: EpisodeFacts
    recorded: str
    """The consultant code that it carries."""
    noted: tuple[Noted, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    episode: str
    kind: Kind
    recorded: str
    proposed: str
    reason: str
    evidence: tuple[str, ...]
    policy: str = ""


@dataclass(frozen=True, slots=True)
class _Led:
    person: Person
    evidence: tuple[str, ...]


_List = tuple[date | None, str | None, str | None]


class Detector:
    """Looks at the episodes of a period together: one alone may say too little."""

    def __init__(self, episodes: Iterable[Observed], register: Register) -> None:
        self._episodes = tuple(episodes)
        self._register = register
        self._lists: dict[_List, list[Observed]] = {}
        self._sites: dict[tuple[str, date], set[str]] = {}
        self._functions: dict[str, Counter[str | None]] = {}
        for one in self._episodes:
            self._lists.setdefault(_list_of(one), []).append(one)
            self._functions.setdefault(one.recorded, Counter())[one.facts.treatment_function] += 1
            self._note_sites(one)

    def proposals(self) -> Iterator[Proposal]:
        for one in self._episodes:
            found = self._proposal(one)
            if found is not None and found.proposed != one.recorded:
                yield found

    def _note_sites(self, one: Observed) -> None:
        """Where each person stood at a table, day by day."""
        for noted in one.noted:
            if noted.role in _WORKED and one.facts.start and one.facts.site:
                key = noted.person.latest.code, one.facts.start
                self._sites.setdefault(key, set()).add(one.facts.site)

    def _proposal(self, one: Observed) -> Proposal | None:
        recorded = judge(one.recorded, one.facts, self._register)
        led = self._led(one)
        if recorded.standing in _WITHOUT_STANDING:
            return self._without_standing(one, led)
        if recorded.standing is Standing.NOT_IN_POST:
            return self._led_instead(one, led, Kind.NOT_IN_POST)
        if led is None or led.person.latest.code == one.recorded:
            return None
        if led.person.latest.grade is Grade.CONSULTANT:
            strange = recorded.standing is Standing.CONSULTANT and self._is_strange(one, led)
            return self._led_instead(one, led, Kind.SPECIALTY_MISMATCH) if strange else None
        return self._autonomous(one, led)

    def _led(self, one: Observed) -> _Led | None:
        """Who leads by the episode's own documents; where they are silent, by those of its list."""
        named = _strongest(one.noted)
        if named is None:
            return self._led_by_listmates(one)
        role, person = named
        said = (f"{person.latest.name}: {_WORDS[role]}",)
        if role in _WORKED:
            over = self._supervisor_on_list(one, person)
            if over is not None:
                words = f"{over.latest.name}: supervised others of the same list, by their notes"
                return _Led(over, (*said, words))
        return _Led(person, said)

    def _supervisor_on_list(self, one: Observed, operator: Person) -> Person | None:
        """Of a list that is supervised, a note that does not say so is an omission."""
        found = {
            noted.person.latest.code: noted.person
            for mate in self._lists[_list_of(one)]
            if mate is not one and _names(mate, operator, _WORKED)
            for noted in mate.noted
            if noted.role in (NotedRole.SUPERVISOR, NotedRole.COVERED_FOR)
        }
        return next(iter(found.values())) if len(found) == 1 else None

    def _led_by_listmates(self, one: Observed) -> _Led | None:
        """Theatre lists only: on a ward the next patient says nothing of this one."""
        mates = [
            mate
            for mate in self._lists[_list_of(one)]
            if mate is not one and mate.recorded == one.recorded and _is_operated(mate)
        ]
        leaders = [found for mate in mates if (found := _strongest(mate.noted)) is not None]
        codes = {person.latest.code for _, person in leaders}
        if len(leaders) < _LISTMATES or len(codes) != 1 or _list_of(one)[0] is None:
            return None
        person = leaders[0][1]
        words = f"{person.latest.name}: led the {len(leaders)} others of the same list, by their notes"
        return _Led(person, (words,))

    def _autonomous(self, one: Observed, led: _Led) -> Proposal | None:
        answer = attribute(replace(one.facts, treating=led.person.latest.code), self._register)
        if answer.basis is not Basis.AUTONOMOUS:
            return None
        elsewhere = self._elsewhere(one)
        kind = Kind.IMPOSSIBLE_LOAD if elsewhere else Kind.AUTONOMOUS_WORK
        evidence = (*led.evidence, *elsewhere)
        return Proposal(one.id, kind, one.recorded, answer.code, answer.reason, evidence, answer.policy)

    def _elsewhere(self, one: Observed) -> tuple[str, ...]:
        """Who is recorded operated at another site that day, by the notes."""
        sites = self._sites.get((one.recorded, one.facts.start or date.min), set()) - {one.facts.site}
        person = self._register.find(one.recorded)
        if not sites or person is None:
            return ()
        return (f"{person.latest.name}: operated at {', '.join(sorted(sites))} on the same day",)

    def _led_instead(self, one: Observed, led: _Led | None, kind: Kind) -> Proposal | None:
        if led is None:
            return None
        facts = replace(one.facts, sent=None, treating=led.person.latest.code)
        answer = attribute(facts, self._register)
        if answer.basis not in (Basis.AUTONOMOUS, Basis.TREATING_CONSULTANT):
            return None
        reason = f"{_DOUBTS[kind]} {answer.reason}"
        return Proposal(one.id, kind, one.recorded, answer.code, reason, led.evidence, answer.policy)

    def _without_standing(self, one: Observed, led: _Led | None) -> Proposal:
        """A SAS doctor or resident is recorded who may not answer: a consultant does, if one can be found."""
        facts, evidence = one.facts, led.evidence if led else ()
        consultant = self._consultant_over(one, led)
        if consultant is not None:
            name = consultant.latest.name
            evidence = (*evidence, f"{name}: the one consultant of the list or the notes")
        named = consultant.latest.code if consultant else facts.sent
        answer = attribute(replace(facts, sent=named, treating=one.recorded), self._register)
        return Proposal(one.id, Kind.NOT_AUTONOMOUS, one.recorded, answer.code, answer.reason, evidence)

    def _consultant_over(self, one: Observed, led: _Led | None) -> Person | None:
        if led is not None and led.person.latest.grade is Grade.CONSULTANT:
            return led.person
        others = {mate.recorded for mate in self._lists[_list_of(one)]} - {one.recorded}
        people = [person for code in others if (person := self._register.find(code)) is not None]
        consultants = [person for person in people if person.latest.grade is Grade.CONSULTANT]
        return consultants[0] if len(consultants) == 1 else None

    def _is_strange(self, one: Observed, led: _Led) -> bool:
        """Who is recorded hardly ever works in this treatment function, and who leads does."""
        function, leader = one.facts.treatment_function, led.person.latest
        recorded = self._functions[one.recorded]
        share = recorded[function] / recorded.total()
        at_home = self._functions.get(leader.code, Counter())[function] > recorded[function]
        return share <= _STRANGER_SHARE and at_home


_WORDS = {
    NotedRole.SUPERVISOR: "named as supervisor in the note",
    NotedRole.COVERED_FOR: "covered for, by the note",
    NotedRole.REVIEWER: "named as senior reviewing clinician",
    NotedRole.OPERATOR: "named as operator in the note",
    NotedRole.AUTHOR_OF_OPERATION: "author of the operation note",
}
_DOUBTS = {
    Kind.NOT_IN_POST: "Who is recorded was not in post on all days of the episode.",
    Kind.SPECIALTY_MISMATCH: "Who is recorded hardly ever works in this treatment function.",
}


def _list_of(one: Observed) -> _List:
    return one.facts.start, one.facts.site, one.facts.treatment_function


def _strongest(noted: Sequence[Noted]) -> tuple[NotedRole, Person] | None:
    """None where nobody leads, or where two are named in the same part."""
    for role in _LED_BY:
        people = {one.person.latest.code: one.person for one in noted if one.role is role}
        if people:
            return (role, next(iter(people.values()))) if len(people) == 1 else None
    return None


def _names(one: Observed, person: Person, roles: frozenset[NotedRole]) -> bool:
    return any(noted.person is person and noted.role in roles for noted in one.noted)


def _is_operated(one: Observed) -> bool:
    return any(noted.role in _WORKED for noted in one.noted)
