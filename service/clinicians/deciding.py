"""Episodes and the attribution rule: decided when they come, decided again when register or facts change.

A closed episode is never changed: what the rule would answer otherwise becomes a proposal. What a person
decided stands as long as the sender says the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from data.clinicians import Basis
from service.accounts.directory import new_id
from service.clinicians.attributing import Attribution, attribute
from service.clinicians.detecting import Kind, Proposal
from service.clinicians.register import Activity, EpisodeFacts, Register, number_key
from service.clinicians.schemas import ProposalState
from service.clinicians.store import append, register_of
from service.clinicians.tables import AttributionProposal, AttributionRow
from service.coding.status import CLOSED, Status
from service.episodes.reading import model_admission
from service.identity import Actor, ActorKind, UserRole
from service.tables import EpisodeRow

_BATCH = 500
ATTRIBUTION_READS = frozenset(
    {
        "clinician_sent", "treating_sent", "treatment_function", "main_specialty", "site", "admission_method",
        "patient_classification", "spell_start", "spell_end", "episode_start", "episode_end",
    }
)  # fmt: skip
"""Facts that change who answers for the episode."""
_LATEST = (
    select(AttributionRow)
    .where(AttributionRow.episode_id == bindparam("episode"))
    .order_by(AttributionRow.number.desc())
    .limit(1)
)
_STANDING_ELSEWHERE = select(AttributionProposal).where(
    AttributionProposal.episode_id == bindparam("episode"),
    AttributionProposal.state == ProposalState.WAITING,
    AttributionProposal.recorded != bindparam("code"),
)
_REGULAR = frozenset({"3", "4", "regular"})
"""Regular day and night attenders (NHS Data Dictionary, PATIENT CLASSIFICATION CODE)."""


def activity_of(method: str | None, classification: str | None) -> Activity | None:
    """From admission method and patient classification, as sent."""
    if (classification or "").lower() in _REGULAR:
        return Activity.REGULAR
    word = model_admission(method, classification)
    return Activity(word) if word else None


def facts_of(row: EpisodeRow) -> EpisodeFacts:
    return EpisodeFacts(
        sent=row.clinician_sent,
        treating=row.treating_sent,
        treatment_function=row.treatment_function,
        main_specialty=row.main_specialty,
        site=row.site,
        activity=activity_of(row.admission_method, row.patient_classification),
        start=row.episode_start or row.spell_start,
        end=row.episode_end or row.spell_end,
    )


def decide_attribution(
    session: Session, actor: Actor, row: EpisodeRow, *, at: datetime, is_new: bool = False
) -> None:
    """Decides one episode, by the people of the register that it names.

    Args:
        is_new: it was stored just now, so that nothing was decided of it before.
    """
    written = [one for one in (row.clinician_sent, row.treating_sent) if one]
    with session.no_autoflush:  # register and attributions are written at once, wherever they change
        register = register_of(session, row.provider_id, map(number_key, written))
        latest = None if is_new else latest_attribution(session, row.id)
        _decide(session, actor, row, register, latest, at)


def decide_again(session: Session, actor: Actor, at: datetime, numbers: Iterable[str] | None = None) -> int:
    """Every episode that names one of these people, or any; returns how many were put under another code.

    Args:
        numbers: as they stand in the register; None for everyone in it.
    """
    register = register_of(session, actor.provider_id)
    known = {person.latest.number for person in register.people}
    wanted = sorted(known if numbers is None else known & set(numbers))
    changed = 0
    for rows in _episodes_naming(session, actor.provider_id, wanted):
        before = _latest_of(session, [row.id for row in rows])
        for row in rows:
            changed += _decide(session, actor, row, register, before.get(row.id), at)
    return changed


_LATEST = (
    select(AttributionRow)
    .where(AttributionRow.episode_id == bindparam("episode"))
    .order_by(AttributionRow.number.desc())
    .limit(1)
)
"""Put together once: it is asked with every page of an episode."""


def latest_attribution(session: Session, episode_id: str) -> AttributionRow | None:
    return session.scalar(_LATEST, {"episode": episode_id})


def attributions_of(session: Session, episode_id: str) -> Sequence[AttributionRow]:
    """The newest first."""
    query = select(AttributionRow).where(AttributionRow.episode_id == episode_id)
    return session.scalars(query.order_by(AttributionRow.number.desc())).all()


def propose(session: Session, row: EpisodeRow, proposal: Proposal, at: datetime) -> bool:
    """Whether the proposal is new: what was dismissed once does not come back."""
    made = AttributionProposal(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        kind=proposal.kind,
        recorded=proposal.recorded,
        proposed=proposal.proposed,
        reason=proposal.reason[:1000],
        evidence=list(proposal.evidence),
        policy=proposal.policy,
        state=ProposalState.WAITING,
        made_at=at,
    )
    known = session.scalar(
        select(AttributionProposal).where(
            AttributionProposal.episode_id == row.id,
            AttributionProposal.recorded == made.recorded,
            AttributionProposal.proposed == made.proposed,
        )
    )
    if known is None:
        session.add(made)
        session.flush()
        return True
    if known.state != ProposalState.OVERTAKEN:
        return False
    known.state, known.settled_at = ProposalState.WAITING, None
    return True


def put_under(  # noqa: PLR0913 (who puts which episode under whom, and why)
    session: Session,
    actor: Actor,
    row: EpisodeRow,
    decided: Attribution,
    latest: AttributionRow | None,
    at: datetime,
    *,
    proposal_id: str | None = None,
) -> AttributionRow:
    """Appends an attribution, and puts the episode under its code."""
    made = AttributionRow(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        number=latest.number + 1 if latest else 1,
        sent=row.clinician_sent,
        treating=row.treating_sent,
        code=decided.code[:64],
        basis=decided.basis,
        reason=decided.reason[:1000],
        flags=list(decided.flags),
        policy=decided.policy,
        proposal_id=proposal_id,
        actor=actor.name,
        at=at,
    )
    append(session, actor, made, "attribution.decide", at)
    if row.clinician != made.code:
        row.clinician = made.code
        row.version += 1
        row.updated_at = at
        _overtake(session, row, at)
    return made


def _decide(
    session: Session,
    actor: Actor,
    row: EpisodeRow,
    register: Register,
    latest: AttributionRow | None,
    at: datetime,
) -> bool:
    """Whether the episode was put under another code."""
    decided = attribute(facts_of(row), register)
    if latest is not None and not _says_otherwise(row, latest, decided):
        return False
    if row.status in CLOSED and row.clinician:
        if decided.code != row.clinician and row.status != Status.WITHDRAWN:
            recorded, answer = row.clinician, (decided.code, decided.reason, (), decided.policy)
            propose(session, row, Proposal(row.id, Kind.RULE, recorded, *answer), at)
        return False
    before = row.clinician
    put_under(session, _rule_of(actor), row, decided, latest, at)
    return before != row.clinician


def _says_otherwise(row: EpisodeRow, latest: AttributionRow, decided: Attribution) -> bool:
    same_facts = (latest.sent, latest.treating) == (row.clinician_sent, row.treating_sent)
    if latest.basis == Basis.PERSON:
        return not same_facts
    same_answer = (latest.code, latest.basis, latest.reason, latest.policy) == (
        decided.code[:64],
        decided.basis,
        decided.reason[:1000],
        decided.policy,
    )
    return not (same_facts and same_answer)


def _rule_of(actor: Actor) -> Actor:
    """The rule decides, whoever sent what it decides on."""
    return Actor(ActorKind.SYSTEM, "attribution", "attribution rule", UserRole.EPR, actor.provider_id)


def _overtake(session: Session, row: EpisodeRow, at: datetime) -> None:
    """Proposals to move the episode away from where it no longer stands."""
    for proposal in session.scalars(_STANDING_ELSEWHERE, {"episode": row.id, "code": row.clinician}):
        proposal.state, proposal.settled_at = ProposalState.OVERTAKEN, at


def _episodes_naming(
    session: Session, provider_id: str, numbers: Sequence[str]
) -> Iterator[Sequence[EpisodeRow]]:
    for place in range(0, len(numbers), _BATCH):
        some = numbers[place : place + _BATCH]
        written = [form for number in some for form in (number, f"C{number}", f"c{number}", f"CD{number}")]
        query = (
            select(EpisodeRow)
            .where(EpisodeRow.provider_id == provider_id)
            .where(or_(EpisodeRow.clinician_sent.in_(written), EpisodeRow.treating_sent.in_(written)))
            .order_by(EpisodeRow.id)
        )
        yield from session.scalars(query.execution_options(yield_per=_BATCH)).partitions()


def _latest_of(session: Session, episode_ids: Sequence[str]) -> dict[str, AttributionRow]:
    newest = (
        select(AttributionRow.episode_id, func.max(AttributionRow.number).label("number"))
        .where(AttributionRow.episode_id.in_(episode_ids))
        .group_by(AttributionRow.episode_id)
        .subquery()
    )
    query = select(AttributionRow).join(
        newest,
        (newest.c.episode_id == AttributionRow.episode_id) & (newest.c.number == AttributionRow.number),
    )
    return {row.episode_id: row for row in session.scalars(query)}
