"""The attribution rule at work: which consultant code an episode carries, and why. Pure.

The rule itself is a table (data/clinicians/attribution.tsv). Here the standing of each person is worked out
from the register in force on every day of the episode, and the table is read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from data.clinicians import (
    Basis,
    CodeKind,
    CodeSource,
    RuleLine,
    Standing,
    Step,
    default_for,
    read_code,
    shipped_rule,
)
from service.clinicians.register import SAS_GRADES, Autonomy, Entry, EpisodeFacts, Grade, Person, Register

_OF_CODE = {
    CodeKind.CONSULTANT: Standing.UNREGISTERED,
    CodeKind.DENTAL_CONSULTANT: Standing.UNREGISTERED,
    CodeKind.DEFAULT: Standing.DEFAULT,
    CodeKind.REFUSED: Standing.REFUSED,
    CodeKind.NURSE: Standing.NURSE_NUMBER,
    CodeKind.UNREADABLE: Standing.UNREADABLE,
}
_PROFESSIONS = frozenset({Grade.NURSE, Grade.MIDWIFE, Grade.OTHER})
_NURSE, _MIDWIFE_SPECIALTY, _MIDWIFE = "N9999998", "560", "M9999998"


@dataclass(frozen=True, slots=True)
class Attribution:
    """What was decided."""

    code: str
    basis: Basis
    reason: str
    """In plain words, what was passed over first."""
    flags: tuple[str, ...]
    """What is to be put right at the source."""
    policy: str
    """Version of the provider's policy that was applied; empty where none was."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A person of the episode, with their standing to it."""

    standing: Standing
    code: str
    name: str
    policy: str


Rule = Mapping[tuple[Step, Standing], RuleLine]
_NOBODY = Judged(Standing.ABSENT, "", "", "")


def attribute(facts: EpisodeFacts, register: Register, rule: Rule | None = None) -> Attribution:
    """The consultant code of the episode: the same facts and register give the same answer."""
    table = rule or shipped_rule()
    reasons: list[str] = []
    flags: list[str] = []
    for step, person in _asked(facts, register):
        line = table[step, person.standing]
        reasons.extend(_told(line, person))
        flags.extend([line.flag] if line.flag else [])
        if line.code is not CodeSource.NEXT:
            break
    return Attribution(
        code=_code(line, person, facts),
        basis=line.basis or Basis.DEFAULT,
        reason=" ".join(reasons),
        flags=tuple(dict.fromkeys(flags)),
        policy=person.policy if line.basis is Basis.AUTONOMOUS else "",
    )


def judge(written: str | None, facts: EpisodeFacts, register: Register) -> Judged:
    """The standing of the person that was written to the episode."""
    if not written:
        return _NOBODY
    person = register.find(written)
    if person is None:
        read = read_code(written)
        return Judged(_OF_CODE[read.kind], read.code, "", "")
    standing, entry = _standing(person, facts, register)
    return Judged(standing, entry.code, entry.name, entry.policy)


def _asked(facts: EpisodeFacts, register: Register) -> Iterator[tuple[Step, Judged]]:
    treating = judge(facts.treating, facts, register)
    yield Step.TREATING, treating
    yield Step.NAMED, judge(facts.sent, facts, register)
    yield Step.FALLBACK, treating
    yield Step.NOBODY, _NOBODY


def _told(line: RuleLine, person: Judged) -> Iterator[str]:
    if line.reason:
        yield line.reason.format(name=person.name, policy=person.policy or "none")


def _code(line: RuleLine, person: Judged, facts: EpisodeFacts) -> str:
    if line.code in (CodeSource.OWN, CodeSource.KEPT):
        return person.code
    if person.standing is Standing.NURSE_NUMBER:
        is_midwife = _MIDWIFE_SPECIALTY in (facts.main_specialty, facts.treatment_function)
        return _MIDWIFE if is_midwife else _NURSE
    return default_for(facts.main_specialty or facts.treatment_function).code


def _standing(person: Person, facts: EpisodeFacts, register: Register) -> tuple[Standing, Entry]:
    """Of several entries during the episode, the one that says least decides."""
    if facts.days is None:
        latest = person.latest
        return (Standing.UNDATED if latest.grade in SAS_GRADES else _by_grade(latest)), latest
    found = person.during(*facts.days)
    entries = [entry for entry in found if entry is not None]
    known = entries[-1] if entries else person.latest
    if len(entries) < len(found):
        return (Standing.EXPIRED if known.grade in SAS_GRADES else Standing.NOT_IN_POST), known
    for entry in entries:
        standing = _of_entry(entry, facts, register)
        if standing not in (Standing.AUTONOMOUS, Standing.CONSULTANT, Standing.PROFESSION):
            return standing, entry
    return standing, known


def _of_entry(entry: Entry, facts: EpisodeFacts, register: Register) -> Standing:
    return _of_sas(entry, facts, register) if entry.grade in SAS_GRADES else _by_grade(entry)


def _by_grade(entry: Entry) -> Standing:
    if entry.grade is Grade.CONSULTANT:
        return Standing.CONSULTANT
    return Standing.PROFESSION if entry.grade in _PROFESSIONS else Standing.SUPERVISED


def _of_sas(entry: Entry, facts: EpisodeFacts, register: Register) -> Standing:
    if entry.autonomy is Autonomy.NONE:
        return Standing.NOT_AUTONOMOUS
    refused = _refused_by_policy(entry, facts, register)
    if refused is not None:
        return refused
    covered = entry.covers(facts.treatment_function, facts.site, facts.activity)
    return Standing.AUTONOMOUS if covered else Standing.OUTSIDE_SCOPE


def _refused_by_policy(entry: Entry, facts: EpisodeFacts, register: Register) -> Standing | None:
    policy = register.policy(entry.policy)
    if policy is None:
        return Standing.NO_POLICY
    if facts.days is None or not all(policy.in_force(day) for day in facts.days):
        return Standing.EXPIRED
    if entry.grade not in policy.grades:
        return Standing.GRADE_LEFT_OUT
    signed = entry.signed_off_on is not None and entry.signed_off_on <= facts.days[0]
    return Standing.NOT_SIGNED_OFF if policy.needs_sign_off and not signed else None
