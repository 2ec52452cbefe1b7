"""An invented year at an invented hospital: who really answered for each episode, and whom the PAS recorded.

Written from the way hospitals work (handbook section 3.3 and the case study on SAS doctors), apart from the
detector, of which it knows nothing: wards and lists are run week by week, notes are written as an EPR prints
them, and the PAS records the consultant under whom a list was booked. Every rate stands in RATES.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from data.clinicians import ProfessionalBody
from service.clinicians.register import Activity, Autonomy, Entry, Grade, Policy, Register, ScopeLine
from tests.load.seeded_notes import Note, NoteWriter

FIRST_DAY, WEEKS = date(2025, 4, 7), 51
SITES = ("RXX01", "RXX02")
POLICY, NEXT_POLICY = "2024-1", "2026-1"

RATES = {
    "booked under the consultant: a SAS doctor's own list": 0.5,
    "booked under the consultant: a shared list": 0.5,
    "recorded under the SAS doctor after the autonomy ended": 0.15,
    "recorded under the SAS doctor outside the scope": 0.04,
    "recorded under the consultant whom the locum stands in for": 0.25,
    "another consultant picked by mistake": 0.004,
    "operated on by a resident": 0.2,
    "a resident operates on a SAS doctor's own list": 0.05,
    "ward: the summary is written by a resident": 0.75,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One episode: what reached the service, and the truth beside it."""

    id: str
    situation: str
    treatment_function: str
    main_specialty: str
    site: str
    activity: Activity
    start: date
    end: date
    recorded: str
    true: str
    notes: tuple[Note, ...]

    @property
    def is_wrong(self) -> bool:
        return self.recorded != self.true


@dataclass(frozen=True, slots=True)
class Specialty:
    code: str
    consultants: tuple[Entry, ...]
    own_lists: tuple[Entry, ...]
    """SAS doctors whose autonomy covers day cases here."""
    partial: Entry
    """Covers day cases at the first site only."""
    lapsing: Entry
    """Autonomy that ended in the summer."""
    supervised: Entry
    """A SAS doctor without autonomy."""
    residents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Year:
    register: Register
    cases: tuple[Case, ...]


_FAMILY = (
    "Hughes", "Patel", "Okafor", "Rees", "Lindqvist", "Moreau", "Adeyemi", "Castell", "Dunmore", "Ferreira",
    "Galbraith", "Haddad", "Ibekwe", "Jarvis", "Kowalski", "Llewellyn", "Mbeki", "Nakamura", "Oyelaran",
    "Price", "Quayle", "Rahman", "Sorensen", "Tanaka", "Uddin", "Vaughan", "Whitlock", "Xu", "Yilmaz",
    "Zeller",
)  # fmt: skip
_GIVEN = (
    "Alun",
    "Bethan",
    "Carys",
    "David",
    "Elen",
    "Farid",
    "Grace",
    "Huw",
    "Ines",
    "Jamal",
    "Kiran",
    "Lowri",
)
_SURGICAL = ("101", "110", "120", "130")
_MEDICAL = ("300", "430")
_LAPSE = date(2025, 8, 31)
_RENEWAL = date(2026, 1, 12)


def seeded_year(seed: int, silence: float = 1) -> Year:
    """The same seed gives the same year.

    Args:
        silence: how many times more than usual notes leave out who did what.
    """
    return _Hospital(random.Random(seed), silence).year()


class _Hospital:
    def __init__(self, chance: random.Random, silence: float) -> None:
        self._chance = chance
        self._writer = NoteWriter(chance, silence)
        self._number = 4_000_000
        self._entries: list[Entry] = []
        self._specialties = {code: self._staff(code) for code in (*_SURGICAL, *_MEDICAL)}
        self._made = 0

    def year(self) -> Year:
        cases = tuple(case for week in range(WEEKS) for case in self._week(week))
        policies = (
            Policy(POLICY, date(2024, 4, 1), date(2026, 12, 31)),
            Policy(NEXT_POLICY, date(2026, 1, 1), None),
        )
        return Year(Register.of(self._entries, policies), cases)

    # People

    def _person(
        self, grade: Grade, specialty: str, autonomy: Autonomy = Autonomy.NONE, **more: object
    ) -> Entry:
        self._number += self._chance.randint(3, 90)
        name = f"{self._chance.choice(_GIVEN)} {self._chance.choice(_FAMILY)}"
        entry = Entry(
            clinician=f"c{self._number}",
            body=ProfessionalBody.GMC,
            number=str(self._number),
            name=f"{self._chance.choice(('Mr', 'Miss', 'Dr'))} {name}",
            grade=grade,
            main_specialty=specialty,
            autonomy=autonomy,
            scope=(),
            policy=POLICY if autonomy is not Autonomy.NONE else "",
            starts=date(2024, 4, 1),
            ends=None,
            signed_off_by="Medical director" if autonomy is not Autonomy.NONE else "",
            signed_off_on=date(2024, 4, 1) if autonomy is not Autonomy.NONE else None,
        )
        entry = replace(entry, **more)  # type: ignore[arg-type]
        self._entries.append(entry)
        return entry

    def _staff(self, code: str) -> Specialty:
        sas = self._chance.choice((Grade.SPECIALIST, Grade.ASSOCIATE_SPECIALIST))
        own = Activity.EMERGENCY if code in _MEDICAL else Activity.DAYCASE
        lapsing = self._person(
            Grade.SPECIALTY_DOCTOR, code, Autonomy.FULL, scope=(ScopeLine(code, "", own),), ends=_LAPSE
        )
        self._entries.append(
            replace(lapsing, starts=_RENEWAL, ends=None, policy=NEXT_POLICY, signed_off_on=_RENEWAL, order=1)
        )
        return Specialty(
            code=code,
            consultants=tuple(self._person(Grade.CONSULTANT, code) for _ in range(4)),
            own_lists=(
                self._person(sas, code, Autonomy.FULL, scope=(ScopeLine(code, "", ""),)),
                self._person(Grade.SPECIALTY_DOCTOR, code, Autonomy.FULL, scope=(ScopeLine(code, "", own),)),
            ),
            partial=self._person(
                Grade.SPECIALTY_DOCTOR, code, Autonomy.PARTIAL, scope=(ScopeLine(code, SITES[0], own),)
            ),
            lapsing=lapsing,
            supervised=self._person(Grade.SPECIALTY_DOCTOR, code),
            residents=tuple(f"Dr {self._chance.choice(_GIVEN)} Resident-{code}{n}" for n in range(5)),
        )

    def _locum(self, code: str, first: date, last: date) -> Entry:
        return self._person(Grade.CONSULTANT, code, starts=first, ends=last)

    # Weeks

    def _week(self, week: int) -> Iterator[Case]:
        monday = FIRST_DAY + timedelta(weeks=week)
        for code in _SURGICAL:
            yield from self._theatres(self._specialties[code], monday, week)
        for code in _MEDICAL:
            yield from self._wards(self._specialties[code], monday, week)

    def _theatres(self, unit: Specialty, monday: date, week: int) -> Iterator[Case]:
        first, second, third, fourth = unit.consultants
        yield from self._consultant_list(unit, first, monday, SITES[0], Activity.DAYCASE)
        yield from self._consultant_list(unit, second, monday + timedelta(1), SITES[1], Activity.ELECTIVE)
        yield from self._own_list(unit, unit.own_lists[0], third, monday + timedelta(1), SITES[0])
        yield from self._supervised_list(unit, unit.own_lists[1], second, monday + timedelta(2), SITES[0])
        yield from self._supervised_list(unit, unit.supervised, third, monday + timedelta(2), SITES[1])
        yield from self._partial_list(unit, fourth, monday + timedelta(3), week)
        yield from self._lapsing_list(unit, first, monday + timedelta(3))
        yield from self._shared_list(unit, unit.own_lists[1], fourth, monday + timedelta(4))
        if week % 4 == 1:
            yield from self._covered_list(unit, second, first, monday + timedelta(4))
        if week % 13 == 5:
            yield from self._locum_list(unit, third, monday)

    def _consultant_list(
        self, unit: Specialty, owner: Entry, day: date, site: str, activity: Activity
    ) -> Iterator[Case]:
        for _ in range(self._chance.randint(4, 7)):
            operator = owner.name if not self._happens("operated on by a resident") else self._resident(unit)
            notes = self._writer.operation(day, operator=operator, consultant=owner)
            recorded = owner
            if self._happens("another consultant picked by mistake"):
                others = [s for s in self._specialties.values() if s is not unit]
                recorded = self._chance.choice(self._chance.choice(others).consultants)
                notes = self._writer.operation(day, operator=operator, consultant=recorded, head=owner)
            yield self._case("consultant list", unit, site, activity, day, recorded, owner, notes)

    def _own_list(self, unit: Specialty, sas: Entry, over: Entry, day: date, site: str) -> Iterator[Case]:
        """The SAS doctor works alone; the PAS has the list under the consultant who used to own it."""
        recorded = over if self._happens("booked under the consultant: a SAS doctor's own list") else sas
        for _ in range(self._chance.randint(3, 6)):
            by_resident = self._happens("a resident operates on a SAS doctor's own list")
            operator = self._resident(unit) if by_resident else sas.name
            notes = self._writer.operation(
                day, operator=operator, consultant=recorded, head=sas if by_resident else None, person=sas
            )
            yield self._case(
                "own list of a SAS doctor", unit, site, Activity.DAYCASE, day, recorded, sas, notes
            )

    def _supervised_list(
        self, unit: Specialty, sas: Entry, head: Entry, day: date, site: str
    ) -> Iterator[Case]:
        """The SAS doctor operates while the consultant supervises: the consultant answers."""
        for number in range(self._chance.randint(3, 5)):
            if number == 0:
                notes = self._writer.operation(day, operator=head.name, consultant=head, person=head)
            else:
                notes = self._writer.operation(
                    day, operator=sas.name, consultant=head, person=sas, supervisor=head
                )
            yield self._case("supervised list", unit, site, Activity.DAYCASE, day, head, head, notes)

    def _partial_list(self, unit: Specialty, head: Entry, day: date, week: int) -> Iterator[Case]:
        """In scope at the first site for day cases; elsewhere the consultant answers."""
        sas = unit.partial
        inside = week % 2 == 0
        site = SITES[0] if inside else SITES[1]
        activity = Activity.DAYCASE if inside or week % 3 else Activity.ELECTIVE
        true = sas if inside else head
        booked = head if self._happens("booked under the consultant: a SAS doctor's own list") else sas
        for _ in range(self._chance.randint(3, 5)):
            recorded = booked if inside else head
            if not inside and self._happens("recorded under the SAS doctor outside the scope"):
                recorded = sas
            notes = self._writer.operation(day, operator=sas.name, consultant=recorded, person=sas)
            situation = "partial autonomy, in scope" if inside else "partial autonomy, outside the scope"
            yield self._case(situation, unit, site, activity, day, recorded, true, notes)

    def _lapsing_list(self, unit: Specialty, head: Entry, day: date) -> Iterator[Case]:
        sas = unit.lapsing
        lapsed = _LAPSE < day < _RENEWAL
        true = head if lapsed else sas
        rate = "booked under the consultant: a SAS doctor's own list"
        booked = head if self._happens(rate) else sas
        for _ in range(self._chance.randint(2, 4)):
            late = self._happens("recorded under the SAS doctor after the autonomy ended")
            recorded = (sas if late else head) if lapsed else booked
            notes = self._writer.operation(day, operator=sas.name, consultant=recorded, person=sas)
            situation = "autonomy that has ended" if lapsed else "own list of a SAS doctor"
            yield self._case(situation, unit, SITES[1], Activity.DAYCASE, day, recorded, true, notes)

    def _shared_list(self, unit: Specialty, sas: Entry, head: Entry, day: date) -> Iterator[Case]:
        """Two tables side by side under one booking: each answers for whom they operate on."""
        booked_together = self._happens("booked under the consultant: a shared list")
        for number in range(self._chance.randint(5, 8)):
            operator = sas if number % 2 else head
            recorded = head if booked_together else operator
            notes = self._writer.operation(day, operator=operator.name, consultant=recorded, person=operator)
            yield self._case("shared list", unit, SITES[0], Activity.DAYCASE, day, recorded, operator, notes)

    def _covered_list(self, unit: Specialty, absent: Entry, cover: Entry, day: date) -> Iterator[Case]:
        """Leave: a colleague operates for a day, the patients stay those of the absent consultant."""
        for _ in range(self._chance.randint(3, 5)):
            notes = self._writer.operation(
                day, operator=cover.name, consultant=absent, person=cover, covering_for=absent
            )
            yield self._case("cross-cover", unit, SITES[1], Activity.ELECTIVE, day, absent, absent, notes)

    def _locum_list(self, unit: Specialty, stands_for: Entry, monday: date) -> Iterator[Case]:
        locum = self._locum(unit.code, monday, monday + timedelta(days=27))
        gone = self._person(
            Grade.CONSULTANT, unit.code, starts=date(2020, 1, 1), ends=monday - timedelta(days=1)
        )
        for day in (monday + timedelta(days=n) for n in (2, 9, 16, 23)):
            for _ in range(self._chance.randint(3, 5)):
                old = self._happens("recorded under the consultant whom the locum stands in for")
                recorded = gone if old else locum
                notes = self._writer.operation(day, operator=locum.name, consultant=recorded, person=locum)
                yield self._case("locum", unit, SITES[0], Activity.ELECTIVE, day, recorded, locum, notes)

    # Wards

    def _wards(self, unit: Specialty, monday: date, week: int) -> Iterator[Case]:
        lead = unit.own_lists[0]
        for number in range(self._chance.randint(18, 26)):
            admitted = monday + timedelta(days=self._chance.randint(0, 6))
            left = admitted + timedelta(days=self._chance.randint(1, 9))
            head = unit.consultants[number % 4]
            if number % 6 == 0:
                booked = (
                    head if self._happens("booked under the consultant: a SAS doctor's own list") else lead
                )
                notes = self._writer.summary(
                    left, author=self._ward_author(unit, lead), reviewer=lead, consultant=booked
                )
                yield self._stay("ward of a SAS doctor", unit, (admitted, left), booked, lead, notes)
            elif number % 6 == 1:
                notes = self._writer.summary(
                    left, author=lead.name, reviewer=head, consultant=head, person=lead
                )
                yield self._stay(
                    "summary by a SAS doctor, consultant's ward", unit, (admitted, left), head, head, notes
                )
            else:
                notes = self._writer.summary(
                    left, author=self._resident(unit), reviewer=head, consultant=head
                )
                yield self._stay("consultant's ward", unit, (admitted, left), head, head, notes)

    def _ward_author(self, unit: Specialty, lead: Entry) -> str:
        by_resident = self._happens("ward: the summary is written by a resident")
        return self._resident(unit) if by_resident else lead.name

    def _stay(
        self,
        situation: str,
        unit: Specialty,
        days: tuple[date, date],
        recorded: Entry,
        true: Entry,
        notes: tuple[Note, ...],
    ) -> Case:
        made = self._case(situation, unit, SITES[0], Activity.EMERGENCY, days[0], recorded, true, notes)
        return replace(made, end=days[1])

    # Small parts

    def _happens(self, what: str) -> bool:
        return self._chance.random() < RATES[what]

    def _resident(self, unit: Specialty) -> str:
        return self._chance.choice(unit.residents)

    def _case(  # noqa: PLR0917 (one line of a timetable)
        self,
        situation: str,
        unit: Specialty,
        site: str,
        activity: Activity,
        day: date,
        recorded: Entry,
        true: Entry,
        notes: tuple[Note, ...],
    ) -> Case:
        self._made += 1
        return Case(
            id=f"e{self._made}",
            situation=situation,
            treatment_function=unit.code,
            main_specialty=unit.code,
            site=site,
            activity=activity,
            start=day,
            end=day,
            recorded=recorded.code,
            true=true.code,
            notes=notes,
        )
