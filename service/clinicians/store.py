"""The register in the database: read as one value, changed by appending, every change audited."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from data.clinicians import ProfessionalBody, number_of
from service import audit
from service.accounts.directory import new_id
from service.clinicians import schemas as s
from service.clinicians.contents import Appended, row_content, row_subject
from service.clinicians.register import Autonomy, Entry, Grade, Person, Policy, Register, ScopeLine
from service.clinicians.tables import AutonomyPolicy, ClinicianEntry, ClinicianRow
from service.errors import NotFound, Unprocessable
from service.identity import Actor
from service.tables import Provider

_EVERYONE = (
    select(ClinicianRow, ClinicianEntry)
    .join(ClinicianEntry, ClinicianEntry.clinician_id == ClinicianRow.id)
    .where(ClinicianRow.provider_id == bindparam("provider"))
)
_NAMED = _EVERYONE.where(ClinicianRow.number.in_(bindparam("numbers", expanding=True)))


class Recorded(NamedTuple):
    clinician: ClinicianRow
    entry: ClinicianEntry
    is_new: bool
    """The clinician was not in the register."""
    is_changed: bool


def register_of(session: Session, provider_id: str, numbers: Iterable[str] | None = None) -> Register:
    """The register of a provider; with numbers, only these people of it, and policies where one has any."""
    whose: dict[str, object] = {"provider": provider_id}
    if numbers is not None:
        whose["numbers"] = sorted(set(numbers))
    found = session.execute(_EVERYONE if numbers is None else _NAMED, whose)
    entries = [entry_of(clinician, entry) for clinician, entry in found]
    needs_policies = numbers is None or any(entry.policy for entry in entries)
    policies = policies_of(session, provider_id) if needs_policies else ()
    return Register.of(entries, map(policy_of, policies))


def entry_of(clinician: ClinicianRow, row: ClinicianEntry) -> Entry:
    return Entry(
        clinician=clinician.id,
        body=ProfessionalBody(clinician.body),
        number=clinician.number,
        name=row.name,
        grade=Grade(row.grade),
        main_specialty=row.main_specialty,
        autonomy=Autonomy(row.autonomy),
        scope=tuple(ScopeLine(**line) for line in row.scope),
        policy=row.policy,
        starts=row.starts,
        ends=row.ends,
        signed_off_by=row.signed_off_by,
        signed_off_on=row.signed_off_on,
        order=row.number,
    )


def policy_of(row: AutonomyPolicy) -> Policy:
    grades = frozenset(Grade(grade) for grade in row.grades)
    return Policy(row.version, row.starts, row.ends, grades, row.needs_sign_off)


def policies_of(session: Session, provider_id: str) -> Sequence[AutonomyPolicy]:
    """The last word on each version, in the order of their first days."""
    query = select(AutonomyPolicy).where(AutonomyPolicy.provider_id == provider_id)
    newest = {row.version: row for row in session.scalars(query.order_by(AutonomyPolicy.number))}
    return sorted(newest.values(), key=lambda row: (row.starts, row.version))


def clinicians_of(actor: Actor) -> Select[ClinicianRow]:
    return select(ClinicianRow).where(ClinicianRow.provider_id == actor.provider_id)


def clinician_of(session: Session, actor: Actor, body: ProfessionalBody, written: str) -> ClinicianRow:
    """
    Raises:
        NotFound: the register of the provider has no such number.
    """
    number = number_of(body, written)
    query = clinicians_of(actor).where(ClinicianRow.body == body, ClinicianRow.number == number)
    row = session.scalar(query) if number else None
    if row is None:
        raise NotFound("there is no such clinician in the register")
    return row


def clinician_by_id(session: Session, actor: Actor, clinician_id: str) -> ClinicianRow:
    """
    Raises:
        NotFound: there is none, or it is another provider's.
    """
    row = session.scalar(clinicians_of(actor).where(ClinicianRow.id == clinician_id))
    if row is None:
        raise NotFound("there is no such clinician in the register")
    return row


def clinician_of_account(session: Session, actor: Actor, names: Iterable[str]) -> ClinicianRow | None:
    """Whose latest entry names this user name or key."""
    query = (
        clinicians_of(actor)
        .join(ClinicianEntry, ClinicianEntry.clinician_id == ClinicianRow.id)
        .where(ClinicianEntry.number == ClinicianRow.entries, ClinicianEntry.account.in_(set(names)))
        .order_by(ClinicianRow.id)
    )
    return session.scalar(query.limit(1))


def search(
    session: Session, actor: Actor, words: str, after: str | None, most: int
) -> Sequence[tuple[ClinicianRow, ClinicianEntry]]:
    """Clinicians with their latest entries, by name.

    Args:
        words: part of a name or number; empty for all.
        after: id of the last one already seen.
    """
    query = (
        select(ClinicianRow, ClinicianEntry)
        .join(ClinicianEntry, ClinicianEntry.clinician_id == ClinicianRow.id)
        .where(ClinicianRow.provider_id == actor.provider_id)
        .where(ClinicianEntry.number == ClinicianRow.entries)
        .order_by(ClinicianRow.id)
        .limit(most)
    )
    for word in words.split():
        number = word.upper().removeprefix("CD").removeprefix("C") if word[-1:].isdigit() else word.upper()
        query = query.where(
            or_(
                func.lower(ClinicianEntry.name).contains(word.lower(), autoescape=True),
                ClinicianRow.number.contains(number, autoescape=True),
            )
        )
    if after:
        query = query.where(ClinicianRow.id > after)
    return [(row, entry) for row, entry in session.execute(query)]


def history_of(session: Session, clinician: ClinicianRow) -> Sequence[ClinicianEntry]:
    """Every entry, the newest first."""
    query = select(ClinicianEntry).where(ClinicianEntry.clinician_id == clinician.id)
    return session.scalars(query.order_by(ClinicianEntry.number.desc())).all()


def record_clinician(
    session: Session, actor: Actor, body: ProfessionalBody, written: str, sent: s.ClinicianIn, *, at: datetime
) -> Recorded:
    """Appends what holds from a day on; the same thing said twice is one entry.

    Raises:
        Unprocessable: number, grade and register do not belong together, or the policy is not known.
    """
    number = _checked(session, actor, body, written, sent)
    session.get_one(Provider, actor.provider_id, with_for_update=True)  # two of one number at a time
    row = session.scalar(clinicians_of(actor).where(ClinicianRow.body == body, ClinicianRow.number == number))
    is_new = row is None
    if row is None:
        row = ClinicianRow(
            id=new_id(), provider_id=actor.provider_id, body=body, number=number, entries=0, created_at=at
        )
        session.add(row)
        session.flush()
    latest = session.scalar(
        select(ClinicianEntry).where(
            ClinicianEntry.clinician_id == row.id, ClinicianEntry.number == row.entries
        )
    )
    fields = _fields(sent)
    if latest is not None and all(getattr(latest, name) == value for name, value in fields.items()):
        return Recorded(row, latest, is_new=False, is_changed=False)
    row.entries += 1
    entry = ClinicianEntry(
        id=new_id(),
        clinician_id=row.id,
        provider_id=actor.provider_id,
        number=row.entries,
        recorded_at=at,
        recorded_by=actor.name,
        **fields,
    )
    append(session, actor, entry, "register.clinician", at)
    return Recorded(row, entry, is_new=is_new, is_changed=True)


def record_policy(
    session: Session, actor: Actor, sent: s.AutonomyPolicyIn, *, at: datetime
) -> AutonomyPolicy:
    session.get_one(Provider, actor.provider_id, with_for_update=True)
    latest = select(func.max(AutonomyPolicy.number)).where(AutonomyPolicy.provider_id == actor.provider_id)
    row = AutonomyPolicy(
        id=new_id(),
        provider_id=actor.provider_id,
        number=(session.scalar(latest) or 0) + 1,
        version=sent.version,
        starts=sent.starts,
        ends=sent.ends,
        grades=sorted(set(sent.grades)),
        needs_sign_off=sent.needs_sign_off,
        recorded_at=at,
        recorded_by=actor.name,
    )
    append(session, actor, row, "register.policy", at)
    return row


def append(session: Session, actor: Actor, row: Appended, action: str, at: datetime) -> None:
    """Adds a row that never changes, with its link of the audit chain."""
    session.add(row)
    session.flush()
    audit.record(session, actor, action=action, subject=row_subject(row), content=row_content(row), at=at)


def person_of(session: Session, clinician: ClinicianRow) -> Person:
    entries = (entry_of(clinician, row) for row in history_of(session, clinician))
    return Register.of(entries).people[0]


def _checked(
    session: Session, actor: Actor, body: ProfessionalBody, written: str, sent: s.ClinicianIn
) -> str:
    problem = s.number_problem(body, written) or s.grade_problem(body, sent.grade)
    if problem:
        raise Unprocessable(problem)
    known = {row.version for row in policies_of(session, actor.provider_id)}
    if sent.policy and sent.policy not in known:
        raise Unprocessable("the provider has no policy of this version")
    return number_of(body, written) or ""


def _fields(sent: s.ClinicianIn) -> dict[str, Any]:
    scope = [
        ScopeLine(line.treatment_function or "", line.site or "", line.activity or "") for line in sent.scope
    ]
    return {
        "name": sent.name,
        "grade": sent.grade,
        "main_specialty": sent.main_specialty,
        "autonomy": sent.autonomy,
        "scope": [_scope_json(line) for line in scope],
        "policy": sent.policy or "",
        "starts": sent.starts,
        "ends": sent.ends,
        "signed_off_by": sent.signed_off_by or "",
        "signed_off_on": sent.signed_off_on,
        "account": sent.account or "",
    }


def _scope_json(line: ScopeLine) -> dict[str, str]:
    return {
        "treatment_function": line.treatment_function,
        "site": line.site,
        "activity": str(line.activity),
    }


def in_force_on(entries: Sequence[ClinicianEntry], day: date) -> ClinicianEntry | None:
    """Of the entries of one clinician, the one that holds on the day."""
    begun = sorted((e for e in entries if e.starts <= day), key=lambda e: (e.starts, e.number))
    if not begun or (begun[-1].ends is not None and day > (begun[-1].ends or day)):
        return None
    return begun[-1]
