"""The use cases of clinicians. API and pages both come through here; each is one transaction."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.clinicians import ProfessionalBody
from service.accounts.directory import new_id
from service.clinicians import proposals as p
from service.clinicians import schemas as s
from service.clinicians import views
from service.clinicians.deciding import activity_of, attributions_of, decide_again
from service.clinicians.declaring import Compared, Declared, Work, compare
from service.clinicians.importing import import_clinicians
from service.clinicians.register import Activity
from service.clinicians.store import (
    append,
    clinician_by_id,
    clinician_of,
    clinician_of_account,
    history_of,
    person_of,
    policies_of,
    record_clinician,
    record_policy,
    register_of,
    search,
)
from service.clinicians.tables import ClinicianRow, Declaration
from service.coding.status import Status
from service.deps import Services
from service.episodes.store import episode_of, episodes_of
from service.errors import Forbidden
from service.identity import Actor, ActorKind, UserRole
from service.tables import Account, EpisodeRow

_DECLARATIONS = 100


def list_clinicians(
    held: Services, actor: Actor, words: str, after: str | None, limit: int
) -> s.ClinicianPage:
    today = held.clock.now().date()
    with held.db.read() as session:
        found = search(session, actor, words, after, limit + 1)
    page = tuple(views.clinician_view(row, entry, today) for row, entry in found[:limit])
    return s.ClinicianPage(clinicians=page, next_cursor=page[-1].id if len(found) > limit else None)


def read_clinician(held: Services, actor: Actor, body: ProfessionalBody, number: str) -> s.ClinicianHistory:
    """
    Raises:
        NotFound
    """
    with held.db.read() as session:
        row = clinician_of(session, actor, body, number)
        return views.history_view(row, history_of(session, row), held.clock.now().date())


def put_clinician(
    held: Services, actor: Actor, body: ProfessionalBody, number: str, sent: s.ClinicianIn
) -> tuple[s.ClinicianHistory, bool]:
    """What the register says now, and whether the clinician is new. Open episodes are decided again.

    Raises:
        Unprocessable
    """
    now = held.clock.now()
    with held.db.write() as session:
        recorded = record_clinician(session, actor, body, number, sent, at=now)
        row = recorded.clinician
        if recorded.is_changed:
            decide_again(session, actor, now, [row.number])
        view = views.history_view(row, history_of(session, row), now.date())
        return view, recorded.is_new


def import_register(held: Services, actor: Actor, text: str) -> s.ImportAnswer:
    """
    Raises:
        Unprocessable: what is wrong, by line and column; nothing was recorded.
    """
    with held.db.write() as session:
        return import_in(session, actor, text, at=held.clock.now())


def import_in(session: Session, actor: Actor, text: str, *, at: datetime) -> s.ImportAnswer:
    """The same in a transaction that is open."""
    recorded = import_clinicians(session, actor, text, at=at)
    changed = [one for one in recorded if one.is_changed]
    if changed:
        decide_again(session, actor, at, [one.clinician.number for one in changed])
    added = sum(one.is_new for one in changed)
    return s.ImportAnswer(added=added, changed=len(changed) - added, unchanged=len(recorded) - len(changed))


def list_policies(held: Services, actor: Actor) -> s.AutonomyPoliciesAnswer:
    with held.db.read() as session:
        rows = policies_of(session, actor.provider_id)
        return s.AutonomyPoliciesAnswer(policies=tuple(map(views.policy_view, rows)))


def put_policy(held: Services, actor: Actor, sent: s.AutonomyPolicyIn) -> s.AutonomyPolicyOut:
    """Records a version; every open episode that names somebody of the register is decided again."""
    now = held.clock.now()
    with held.db.write() as session:
        row = record_policy(session, actor, sent, at=now)
        decide_again(session, actor, now)
        return views.policy_view(row)


def list_attributions(held: Services, actor: Actor, episode_id: str) -> s.AttributionsAnswer:
    """
    Raises:
        NotFound
    """
    with held.db.read() as session:
        rows = attributions_of(session, episode_of(session, actor, episode_id).id)
        found = tuple(view for row in rows if (view := views.attribution_view(row)) is not None)
        return s.AttributionsAnswer(attributions=found)


def list_proposals(
    held: Services, actor: Actor, state: s.ProposalState, after: str | None, limit: int
) -> s.ProposalPage:
    with held.db.read() as session:
        found = p.proposals_of(session, actor, state, after, limit + 1)
        page = tuple(_proposal_views(session, actor, found[:limit]))
        waiting = p.count_waiting(session, actor)
    following = page[-1].id if len(found) > limit else None
    return s.ProposalPage(proposals=page, next_cursor=following, waiting=waiting)


def look(held: Services, actor: Actor, period: s.Period) -> s.DetectedAnswer:
    now = held.clock.now()
    with held.db.write() as session:
        found = p.look_for_misattributions(session, actor, period.starts, period.ends, at=now)
        return s.DetectedAnswer(episodes=found.episodes, proposed=found.proposed)


def accept(held: Services, actor: Actor, proposal_id: str) -> s.ProposalOut:
    with held.db.write() as session:
        return _view(session, actor, p.accept(session, actor, proposal_id, at=held.clock.now()))


def accept_all(held: Services, actor: Actor, ids: Sequence[str]) -> s.BulkAnswer:
    with held.db.write() as session:
        return s.BulkAnswer(accepted=p.accept_all(session, actor, ids, at=held.clock.now()))


def dismiss(held: Services, actor: Actor, proposal_id: str, why: str) -> s.ProposalOut:
    with held.db.write() as session:
        return _view(session, actor, p.dismiss(session, actor, proposal_id, why, at=held.clock.now()))


def take_back(held: Services, actor: Actor, proposal_id: str) -> s.ProposalOut:
    with held.db.write() as session:
        return _view(session, actor, p.take_back(session, actor, proposal_id, at=held.clock.now()))


def declare(held: Services, actor: Actor, sent: s.DeclarationIn) -> s.DeclarationOut:
    """
    Raises:
        NotFound: the provider has no such clinician.
        Forbidden: a clinician declares for somebody else, or is not linked with the register.
    """
    now = held.clock.now()
    with held.db.write() as session:
        clinician = _declaring(session, actor, sent.clinician)
        row = Declaration(
            id=new_id(),
            provider_id=actor.provider_id,
            clinician_id=clinician.id,
            starts=sent.starts,
            ends=sent.ends,
            lines=[line.model_dump(mode="json") for line in sent.lines],
            note=sent.note or "",
            declared_at=now,
            declared_by=actor.name,
        )
        append(session, actor, row, "declaration.make", now)
        return _declaration_view(session, actor, row, clinician)


def list_declarations(held: Services, actor: Actor) -> s.DeclarationsAnswer:
    """All of the provider for a manager; their own for a clinician."""
    query = select(Declaration).where(Declaration.provider_id == actor.provider_id)
    query = query.order_by(Declaration.declared_at.desc(), Declaration.id).limit(_DECLARATIONS)
    with held.db.read() as session:
        if actor.role is UserRole.CLINICIAN:
            own = own_clinician(session, actor)
            query = query.where(Declaration.clinician_id == (own.id if own else ""))
        found = [
            _declaration_view(session, actor, row, clinician_by_id(session, actor, row.clinician_id))
            for row in session.scalars(query).all()
        ]
    return s.DeclarationsAnswer(declarations=tuple(found))


def own_clinician(session: Session, actor: Actor) -> ClinicianRow | None:
    """Who of the register signs in as this actor."""
    if actor.kind is ActorKind.ACCOUNT:
        account = session.get(Account, actor.id)
        return clinician_of_account(session, actor, [account.username] if account else [])
    return clinician_of_account(session, actor, [actor.name])


def _declaring(session: Session, actor: Actor, asked: str | None) -> ClinicianRow:
    if actor.role is not UserRole.CLINICIAN:
        return clinician_by_id(session, actor, asked or "")
    own = own_clinician(session, actor)
    if own is None:
        raise Forbidden("the register does not say which clinician signs in here: ask the coding manager")
    if asked not in (None, own.id):
        raise Forbidden("a clinician declares their own work")
    return own


def _declaration_view(
    session: Session, actor: Actor, row: Declaration, clinician: ClinicianRow
) -> s.DeclarationOut:
    person = person_of(session, clinician)
    lines = tuple(s.DeclaredLine.model_validate(line) for line in row.lines)
    declared = [
        Declared(Work(one.treatment_function, one.site, one.activity), one.autonomous, one.episodes)
        for one in lines
    ]
    recorded = _recorded_work(session, actor, person.latest.code, row.starts, row.ends)
    compared = compare(declared, recorded, person, row.ends)
    return s.DeclarationOut(
        id=row.id,
        clinician=clinician.id,
        name=person.latest.name,
        code=person.latest.code,
        starts=row.starts,
        ends=row.ends,
        lines=lines,
        note=row.note or None,
        declared_at=row.declared_at,
        declared_by=row.declared_by,
        compared=tuple(map(_compared_view, compared)),
    )


def _compared_view(one: Compared) -> s.ComparedLine:
    return s.ComparedLine(
        treatment_function=one.work.treatment_function,
        site=one.work.site,
        activity=Activity(one.work.activity) if one.work.activity else None,
        declared=one.declared,
        recorded=one.recorded,
        autonomous=one.autonomous,
        covered=one.covered,
        difference=one.difference,
    )


def _recorded_work(session: Session, actor: Actor, code: str, starts: date, ends: date) -> Iterable[Work]:
    """One for each episode that stands under the code and ended in the period."""
    ended = func.coalesce(EpisodeRow.episode_end, EpisodeRow.spell_end)
    query = episodes_of(actor).where(
        EpisodeRow.clinician == code,
        EpisodeRow.status != Status.WITHDRAWN,
        ended >= starts,
        ended <= ends,
    )
    for row in session.scalars(query):
        activity = activity_of(row.admission_method, row.patient_classification)
        yield Work(row.treatment_function, row.site, activity)


def _view(session: Session, actor: Actor, listed: p.Listed) -> s.ProposalOut:
    return next(iter(_proposal_views(session, actor, [listed])))


def _proposal_views(session: Session, actor: Actor, found: Sequence[p.Listed]) -> list[s.ProposalOut]:
    names = views.names_by_code(register_of(session, actor.provider_id)) if found else {}
    return [views.proposal_view(one.proposal, one.episode, names) for one in found]
