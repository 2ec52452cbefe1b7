"""Reads rows of episodes. The one seam that scopes every query to a provider: another's row is not found."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data.episodes import Role
from service.coding.coding import Coding, Decision, Line, LineState, StoredEvidence, fold
from service.coding.status import DecisionKind
from service.errors import NotFound
from service.identity import Actor
from service.tables import (
    DecisionRow,
    DocumentRow,
    DocumentVersion,
    EpisodeRow,
    SuggestionLineRow,
    SuggestionRow,
)


def episodes_of(actor: Actor) -> Select[EpisodeRow]:
    """Every episode that this actor may see."""
    return select(EpisodeRow).where(EpisodeRow.provider_id == actor.provider_id)


def episode_of(session: Session, actor: Actor, episode_id: str, *, lock: bool = False) -> EpisodeRow:
    """
    Raises:
        NotFound: there is none, or it is another provider's.
    """
    query = episodes_of(actor).where(EpisodeRow.id == episode_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("there is no such episode")
    return row


def episode_by_key(
    session: Session, provider_id: str, spell_number: str, episode_number: str | None, *, lock: bool = False
) -> EpisodeRow | None:
    query = select(EpisodeRow).where(
        EpisodeRow.provider_id == provider_id,
        EpisodeRow.spell_number == spell_number,
        EpisodeRow.episode_number == (episode_number or ""),
    )
    return session.scalar(query.with_for_update() if lock else query)


def document_history(session: Session, episode_id: str) -> dict[str, list[DocumentVersion]]:
    """The versions of each document, oldest first, by the sender's id, in order of arrival."""
    query = (
        select(DocumentRow.sender_id, DocumentVersion)
        .join(DocumentVersion, DocumentVersion.document_id == DocumentRow.id)
        .where(DocumentRow.episode_id == episode_id)
        .order_by(DocumentRow.position, DocumentVersion.version)
    )
    history: dict[str, list[DocumentVersion]] = {}
    for sender_id, version in session.execute(query):
        history.setdefault(sender_id, []).append(version)
    return history


def suggestions_of(session: Session, episode_id: str) -> Sequence[SuggestionRow]:
    query = select(SuggestionRow).where(SuggestionRow.episode_id == episode_id).order_by(SuggestionRow.number)
    return session.scalars(query).all()


def decisions_of(session: Session, episode_id: str) -> Sequence[DecisionRow]:
    query = select(DecisionRow).where(DecisionRow.episode_id == episode_id).order_by(DecisionRow.number)
    return session.scalars(query).all()


def coding_of(
    session: Session, suggestions: Sequence[SuggestionRow], decisions: Sequence[DecisionRow]
) -> Coding:
    """The coding that stands."""
    by_suggestion: dict[str, list[Line]] = {row.id: [] for row in suggestions}
    if suggestions:
        query = select(SuggestionLineRow).where(SuggestionLineRow.episode_id == suggestions[0].episode_id)
        for row in session.scalars(query.order_by(SuggestionLineRow.role, SuggestionLineRow.rank)):
            by_suggestion[row.suggestion_id].append(_line(row))
    return fold(list(by_suggestion.values()), [_decision(row) for row in decisions])


def _line(row: SuggestionLineRow) -> Line:
    return Line(
        id=row.id,
        role=Role(row.role),
        code=row.code,
        state=LineState.SUGGESTED if row.suggested else LineState.CANDIDATE,
        evidence=tuple(StoredEvidence(**item) for item in row.evidence),
        group=row.procedure_group,
        rank=row.rank,
        confidence=row.confidence,
        reason=row.reason,
        suggested_code=row.code,
    )


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        id=row.id,
        number=row.number,
        kind=DecisionKind(row.kind),
        line_id=row.line_id,
        content=row.content,
        actor_name=row.actor_name,
        at=row.decided_at,
    )
