"""Likely misattributions as proposals: looked for, listed, accepted, dismissed, taken back."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from data.clinicians import Basis
from data.episodes import DocumentKind
from service import audit
from service.clinicians.attributing import Attribution
from service.clinicians.deciding import (
    attributions_of,
    facts_of,
    latest_attribution,
    propose,
    put_under,
)
from service.clinicians.detecting import Detector, Observed
from service.clinicians.naming import NameReader, Source
from service.clinicians.schemas import ProposalState
from service.clinicians.store import register_of
from service.clinicians.tables import AttributionProposal
from service.coding.status import Status
from service.episodes.schemas import DocumentStatus
from service.episodes.store import episode_of
from service.errors import IllegalState, NotFound
from service.identity import Actor
from service.tables import DocumentVersion, EpisodeRow

_HEAD = 8_000
"""Characters of a document in which it names people."""
_BATCH = 500
_NAMING = (
    DocumentKind.DISCHARGE_SUMMARY,
    DocumentKind.OPERATION_NOTE,
    DocumentKind.ENDOSCOPY_REPORT,
)


class Looked(NamedTuple):
    episodes: int
    proposed: int


class Listed(NamedTuple):
    proposal: AttributionProposal
    episode: EpisodeRow


def look_for_misattributions(
    session: Session, actor: Actor, starts: date, ends: date, *, at: datetime
) -> Looked:
    """Reads the episodes that ended in the period, and stores what is new as proposals."""
    register = register_of(session, actor.provider_id)
    rows = {row.id: row for row in _episodes(session, actor, starts, ends)}
    observed = _observed(session, rows, NameReader(register))
    found = Detector(observed, register).proposals()
    made = sum(propose(session, rows[one.episode], one, at) for one in found)
    content = {"starts": starts.isoformat(), "ends": ends.isoformat(), "episodes": len(rows), "made": made}
    subject = f"provider:{actor.provider_id}"
    audit.record(session, actor, action="proposal.look", subject=subject, content=content, at=at)
    return Looked(len(rows), made)


def proposals_of(
    session: Session, actor: Actor, state: ProposalState, after: str | None, most: int
) -> Sequence[Listed]:
    """Args: after: id of the last one already seen."""
    query = (
        _own(actor)
        .join(EpisodeRow, EpisodeRow.id == AttributionProposal.episode_id)
        .add_columns(EpisodeRow)
        .where(AttributionProposal.state == state)
        .order_by(AttributionProposal.id)
        .limit(most)
    )
    if after:
        query = query.where(AttributionProposal.id > after)
    return [Listed(proposal, episode) for proposal, episode in session.execute(query)]


def count_waiting(session: Session, actor: Actor) -> int:
    query = select(func.count()).select_from(AttributionProposal)
    return (
        session.scalar(
            query.where(
                AttributionProposal.provider_id == actor.provider_id,
                AttributionProposal.state == ProposalState.WAITING,
            )
        )
        or 0
    )


def accept(session: Session, actor: Actor, proposal_id: str, *, at: datetime) -> Listed:
    """Puts the episode under the proposed code, also a closed one: a person has decided.

    Raises:
        NotFound: the provider has no such proposal.
        IllegalState: it is settled, or the episode was put under somebody else meanwhile.
    """
    proposal, row = _waiting(session, actor, proposal_id)
    if (row.clinician or "") != proposal.recorded:
        raise IllegalState("the episode was put under somebody else meanwhile")
    decided = Attribution(proposal.proposed, Basis.PERSON, proposal.reason, (), proposal.policy)
    _settle(session, actor, proposal, ProposalState.ACCEPTED, at)
    put_under(session, actor, row, decided, latest_attribution(session, row.id), at, proposal_id=proposal.id)
    return Listed(proposal, row)


def accept_all(session: Session, actor: Actor, ids: Sequence[str], *, at: datetime) -> int:
    """All or none."""
    for proposal_id in dict.fromkeys(ids):
        accept(session, actor, proposal_id, at=at)
    return len(set(ids))


def dismiss(session: Session, actor: Actor, proposal_id: str, why: str, *, at: datetime) -> Listed:
    """
    Raises:
        NotFound, IllegalState
    """
    proposal, row = _waiting(session, actor, proposal_id)
    proposal.why = why
    _settle(session, actor, proposal, ProposalState.DISMISSED, at)
    return Listed(proposal, row)


def take_back(session: Session, actor: Actor, proposal_id: str, *, at: datetime) -> Listed:
    """Puts the episode back under whom it stood before the proposal was accepted.

    Raises:
        NotFound: the provider has no such proposal.
        IllegalState: it was not accepted, or the episode was put under somebody else since.
    """
    proposal, row = _proposal(session, actor, proposal_id)
    history = attributions_of(session, row.id)
    latest = history[0] if history else None
    if proposal.state != ProposalState.ACCEPTED or latest is None or latest.proposal_id != proposal.id:
        raise IllegalState("only the last accepted proposal of an episode can be taken back")
    before = history[1] if len(history) > 1 else None
    reason = before.reason if before else "As it stood before the proposal was accepted."
    decided = Attribution(proposal.recorded, Basis.PERSON, reason, (), before.policy if before else "")
    _settle(session, actor, proposal, ProposalState.TAKEN_BACK, at)
    put_under(session, actor, row, decided, latest, at, proposal_id=proposal.id)
    return Listed(proposal, row)


def _own(actor: Actor) -> Select[AttributionProposal]:
    return select(AttributionProposal).where(AttributionProposal.provider_id == actor.provider_id)


def _proposal(session: Session, actor: Actor, proposal_id: str) -> Listed:
    proposal = session.scalar(_own(actor).where(AttributionProposal.id == proposal_id).with_for_update())
    if proposal is None:
        raise NotFound("there is no such proposal")
    return Listed(proposal, episode_of(session, actor, proposal.episode_id, lock=True))


def _waiting(session: Session, actor: Actor, proposal_id: str) -> Listed:
    found = _proposal(session, actor, proposal_id)
    if found.proposal.state != ProposalState.WAITING:
        raise IllegalState("this proposal is settled")
    return found


def _settle(
    session: Session, actor: Actor, proposal: AttributionProposal, state: ProposalState, at: datetime
) -> None:
    proposal.state, proposal.settled_at, proposal.settled_by = state, at, actor.name
    content = {"state": state, "recorded": proposal.recorded, "proposed": proposal.proposed}
    content |= {"why": proposal.why or ""}
    subject = f"attribution_proposal:{proposal.id}"
    audit.record(session, actor, action=f"proposal.{state}", subject=subject, content=content, at=at)


def _episodes(session: Session, actor: Actor, starts: date, ends: date) -> Iterator[EpisodeRow]:
    ended = func.coalesce(EpisodeRow.episode_end, EpisodeRow.spell_end)
    query = (
        select(EpisodeRow)
        .where(EpisodeRow.provider_id == actor.provider_id, EpisodeRow.status != Status.WITHDRAWN)
        .where(ended >= starts, ended <= ends, EpisodeRow.clinician.is_not(None))
        .order_by(EpisodeRow.id)
    )
    yield from session.scalars(query)


def _observed(session: Session, rows: dict[str, EpisodeRow], reader: NameReader) -> Iterator[Observed]:
    ids = list(rows)
    for place in range(0, len(ids), _BATCH):
        some = ids[place : place + _BATCH]
        sources = _sources(session, some)
        for episode_id in some:
            row = rows[episode_id]
            noted = reader.noted(sources.get(episode_id, ()), row.treatment_function)
            yield Observed(row.id, facts_of(row), row.clinician or "", noted)


def _sources(session: Session, episode_ids: Sequence[str]) -> dict[str, list[Source]]:
    """The heads of the newest versions of the documents that name people."""
    newest = (
        select(DocumentVersion.document_id, func.max(DocumentVersion.version).label("version"))
        .where(DocumentVersion.episode_id.in_(episode_ids))
        .group_by(DocumentVersion.document_id)
        .subquery()
    )
    head = func.substr(DocumentVersion.text, 1, _HEAD)
    query = (
        select(DocumentVersion.episode_id, DocumentVersion.kind, DocumentVersion.author, head)
        .join(
            newest,
            (newest.c.document_id == DocumentVersion.document_id)
            & (newest.c.version == DocumentVersion.version),
        )
        .where(DocumentVersion.kind.in_(_NAMING))
        .where(DocumentVersion.status != DocumentStatus.ENTERED_IN_ERROR)
        .order_by(DocumentVersion.document_id)
    )
    found: dict[str, list[Source]] = {}
    for episode_id, kind, author, text in session.execute(query):
        found.setdefault(episode_id, []).append(Source(DocumentKind(kind), author, text))
    return found
