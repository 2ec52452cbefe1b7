"""The register of a provider, in memory: who may answer for what, on which day. Pure.

Each change is an entry of its own with the day from which it holds; the entry before it ends the day before.
Two entries from the same day: the later one corrects the earlier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from data.clinicians import CodeKind, ProfessionalBody, own_code, read_code

DENTIST = "D9999998"


class Grade(StrEnum):
    CONSULTANT = "consultant"
    SPECIALIST = "specialist"
    ASSOCIATE_SPECIALIST = "associate_specialist"
    SPECIALTY_DOCTOR = "specialty_doctor"
    RESIDENT = "resident"
    NURSE = "nurse"
    MIDWIFE = "midwife"
    OTHER = "other"


SAS_GRADES = frozenset({Grade.SPECIALIST, Grade.ASSOCIATE_SPECIALIST, Grade.SPECIALTY_DOCTOR})
"""Specialist, associate specialist and specialty doctors: the grades whose autonomy a policy describes."""


class Autonomy(StrEnum):
    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class Activity(StrEnum):
    """How the patient was admitted."""

    DAYCASE = "daycase"
    ELECTIVE = "elective"
    EMERGENCY = "emergency"
    MATERNITY = "maternity"
    BIRTH = "birth"
    REGULAR = "regular"


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """Work that is covered; an empty field means any."""

    treatment_function: str = ""
    site: str = ""
    activity: str = ""

    def covers(self, treatment_function: str | None, site: str | None, activity: str | None) -> bool:
        """What the episode does not say is not covered where the scope names it."""
        asked = (
            (self.treatment_function, treatment_function),
            (self.site, site),
            (self.activity, activity),
        )
        return all(not wanted or wanted == given for wanted, given in asked)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register says of a clinician from one day on."""

    clinician: str
    """Id of the clinician, the same in all their entries."""
    body: ProfessionalBody
    number: str
    name: str
    grade: Grade
    main_specialty: str
    autonomy: Autonomy
    scope: tuple[ScopeLine, ...]
    """Empty: of full autonomy everything, of partial autonomy nothing."""
    policy: str
    """Version of the provider's policy under which autonomy was granted."""
    starts: date
    ends: date | None
    """Last day; None while it is open."""
    signed_off_by: str = ""
    signed_off_on: date | None = None
    order: int = 0
    """Grows with each entry of the clinician."""

    @property
    def code(self) -> str:
        """What stands in the consultant code field when they answer."""
        if self.body is ProfessionalBody.GDC and self.grade is Grade.OTHER:
            return DENTIST
        return own_code(self.body, self.number, is_midwife=self.grade is Grade.MIDWIFE)

    def covers(self, treatment_function: str | None, site: str | None, activity: str | None) -> bool:
        if not self.scope:
            return self.autonomy is Autonomy.FULL
        return any(line.covers(treatment_function, site, activity) for line in self.scope)


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of the provider's own policy on autonomous work."""

    version: str
    starts: date
    ends: date | None
    grades: frozenset[Grade] = SAS_GRADES
    needs_sign_off: bool = True

    def in_force(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Person:
    """A clinician with all their entries, by the day from which each holds."""

    entries: tuple[Entry, ...]

    @property
    def latest(self) -> Entry:
        return self.entries[-1]

    def on(self, day: date) -> Entry | None:
        """The entry in force; None where none is."""
        begun = [entry for entry in self.entries if entry.starts <= day]
        if not begun or (begun[-1].ends is not None and day > begun[-1].ends):
            return None
        return begun[-1]

    def during(self, start: date, end: date) -> tuple[Entry | None, ...]:
        """What was in force on the first day, on the last, and on each day of a change between them."""
        changes = [entry.starts for entry in self.entries if start < entry.starts <= end]
        return tuple(self.on(day) for day in sorted({start, *changes, end}))


@dataclass(frozen=True)
class Register:
    """The clinicians and policies of one provider."""

    people: Sequence[Person] = ()
    policies: Sequence[Policy] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry], policies: Iterable[Policy] = ()) -> "Register":
        by_clinician: dict[str, list[Entry]] = {}
        for entry in entries:
            by_clinician.setdefault(entry.clinician, []).append(entry)
        people = (
            Person(tuple(sorted(found, key=lambda entry: (entry.starts, entry.order))))
            for found in by_clinician.values()
        )
        return cls(tuple(people), tuple(policies))

    def find(self, written: str | None) -> Person | None:
        """Who has this code or number, however it is written."""
        return self._by_number.get(number_key(written)) if written else None

    def policy(self, version: str) -> Policy | None:
        return self._policies.get(version)

    @cached_property
    def _by_number(self) -> dict[str, Person]:
        return {person.latest.number: person for person in self.people}

    @cached_property
    def _policies(self) -> dict[str, Policy]:
        return {policy.version: policy for policy in self.policies}


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """What an episode says of who answers for it."""

    sent: str | None
    """The responsible clinician, as sent."""
    treating: str | None = None
    """Who operated or treated, as sent."""
    treatment_function: str | None = None
    main_specialty: str | None = None
    site: str | None = None
    activity: Activity | None = None
    start: date | None = None
    end: date | None = None

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last; one of them where only one is known."""
        start, end = self.start or self.end, self.end or self.start
        if start is None or end is None:
            return None
        return (start, end) if start <= end else (end, start)


def number_key(written: str) -> str:
    """The bare number of a code or number, to look it up by."""
    read = read_code(written)
    if read.kind is CodeKind.CONSULTANT:
        return read.code[1:]
    if read.kind is CodeKind.DENTAL_CONSULTANT:
        return read.code[2:]
    return "".join(written.split()).upper()
