"""Reads rows of episodes. The one seam that scopes every query to a provider: another's row is not found."""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Select, bindparam, select
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

_OF_EPISODE: BindParameter[str] = bindparam("episode")
_EPISODE = select(EpisodeRow).where(
    EpisodeRow.provider_id == bindparam("provider"), EpisodeRow.id == _OF_EPISODE
)
_LOCKED_EPISODE = _EPISODE.with_for_update().execution_options(populate_existing=True)
"""As it is now: what the session read of it before the lock may be old."""
_KEY = select(EpisodeRow).where(
    EpisodeRow.provider_id == bindparam("provider"),
    EpisodeRow.spell_number == bindparam("spell"),
    EpisodeRow.episode_number == bindparam("number"),
)
_LOCKED_KEY = _KEY.with_for_update().execution_options(populate_existing=True)
_DOCUMENTS = (
    select(DocumentRow.sender_id, DocumentVersion)
    .join(DocumentVersion, DocumentVersion.document_id == DocumentRow.id)
    .where(DocumentRow.episode_id == _OF_EPISODE)
    .order_by(DocumentRow.position, DocumentVersion.version)
)
_SUGGESTIONS = (
    select(SuggestionRow).where(SuggestionRow.episode_id == _OF_EPISODE).order_by(SuggestionRow.number)
)
_DECISIONS = select(DecisionRow).where(DecisionRow.episode_id == _OF_EPISODE).order_by(DecisionRow.number)
_LINES = (
    select(SuggestionLineRow)
    .where(SuggestionLineRow.episode_id == _OF_EPISODE)
    .order_by(SuggestionLineRow.role, SuggestionLineRow.rank)
)
"""What every page of an episode asks for, put together once: that takes longer than the database does."""


def episodes_of(actor: Actor) -> Select[EpisodeRow]:
    """Every episode that this actor may see."""
    return select(EpisodeRow).where(EpisodeRow.provider_id == actor.provider_id)


def episode_of(session: Session, actor: Actor, episode_id: str, *, lock: bool = False) -> EpisodeRow:
    """
    Raises:
        NotFound: there is none, or it is another provider's.
    """
    query = _LOCKED_EPISODE if lock else _EPISODE
    row = session.scalar(query, {"provider": actor.provider_id, "episode": episode_id})
    if row is None:
        raise NotFound("there is no such episode")
    return row


def episode_by_key(
    session: Session, provider_id: str, spell_number: str, episode_number: str | None, *, lock: bool = False
) -> EpisodeRow | None:
    key = {"provider": provider_id, "spell": spell_number, "number": episode_number or ""}
    return session.scalar(_LOCKED_KEY if lock else _KEY, key)


def document_history(session: Session, episode_id: str) -> dict[str, list[DocumentVersion]]:
    """The versions of each document, oldest first, by the sender's id, in order of arrival."""
    history: dict[str, list[DocumentVersion]] = {}
    for sender_id, version in session.execute(_DOCUMENTS, {"episode": episode_id}):
        history.setdefault(sender_id, []).append(version)
    return history


def suggestions_of(session: Session, episode_id: str) -> Sequence[SuggestionRow]:
    return session.scalars(_SUGGESTIONS, {"episode": episode_id}).all()


def decisions_of(session: Session, episode_id: str) -> Sequence[DecisionRow]:
    return session.scalars(_DECISIONS, {"episode": episode_id}).all()


def coding_of(
    session: Session, suggestions: Sequence[SuggestionRow], decisions: Sequence[DecisionRow]
) -> Coding:
    """The coding that stands."""
    return folded(lines_of(session, suggestions), decisions)


SuggestedLines = Sequence[Sequence[Line]]
"""The lines of each suggestion, oldest first."""


def lines_of(session: Session, suggestions: Sequence[SuggestionRow]) -> SuggestedLines:
    by_suggestion: dict[str, list[Line]] = {row.id: [] for row in suggestions}
    if suggestions:
        for row in session.scalars(_LINES, {"episode": suggestions[0].episode_id}):
            by_suggestion[row.suggestion_id].append(_line(row))
    return list(by_suggestion.values())


def folded(
    lines: SuggestedLines, decisions: Sequence[DecisionRow], supposed: Sequence[Decision] = ()
) -> Coding:
    """The coding after these decisions.

    Args:
        supposed: what might be decided next, to see what would come of it.
    """
    return fold(lines, [*map(_decision, decisions), *supposed])


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
