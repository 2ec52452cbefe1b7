"""Stores what a model answered, as lines with ids of their own, pointing at document versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.episodes import Evidence, NotCoded, Role
from models.prediction import Prediction, SuggestedLine
from models.predictions_json import standards_json
from service import audit
from service.accounts.directory import new_id
from service.automation.verdicts import automation_json, seen_here, store_verdict
from service.classifications.use import note_suggestion
from service.episodes.reading import episode_facts, model_episode
from service.identity import Actor, ActorKind, UserRole
from service.tables import DocumentVersion, EpisodeRow, SuggestionLineRow, SuggestionRow


def store_suggestion(
    session: Session,
    row: EpisodeRow,
    documents: Mapping[str, DocumentVersion],
    prediction: Prediction,
    *,
    at: datetime,
) -> SuggestionRow:
    """
    Args:
        documents: the versions that the model read, by sender's id, in the order that it read them.
    """
    places = [{"document_id": sender_id, "version": v.version} for sender_id, v in documents.items()]
    suggestion = SuggestionRow(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        number=_next_number(session, row.id),
        model=_model(prediction),
        standards=standards_json(prediction.standards),
        tables=dict(prediction.tables),
        local_terms=prediction.local_terms,
        documents=places,
        facts=episode_facts(model_episode(row, documents)),
        not_coded=[_not_coded(item, places) for item in prediction.not_coded],
        automation=automation_json(prediction.automation, seen_here(prediction.automation, row, documents)),
        created_at=at,
    )
    session.add(suggestion)
    session.flush()
    stored: list[SuggestionLineRow] = []
    for role, lines in ((Role.DIAGNOSIS, prediction.diagnoses), (Role.PROCEDURE, prediction.procedures)):
        stored.extend(_line(suggestion, role, rank, line) for rank, line in enumerate(lines, 1))
    session.add_all(stored)
    store_verdict(session, suggestion, at)
    note_suggestion(session, suggestion, stored, at)
    row.unsuggested_reason = None
    row.confidence = min((line.confidence for line in stored if line.suggested), default=None)
    _record(session, suggestion, stored, at)
    return suggestion


def store_withdrawal(session: Session, row: EpisodeRow, *, at: datetime) -> None:
    """Asks nothing more: an empty suggestion follows the last one, because no text is left to read."""
    query = select(SuggestionRow).where(SuggestionRow.episode_id == row.id)
    last = session.scalar(query.order_by(SuggestionRow.number.desc()).limit(1))
    row.unsuggested_reason = row.confidence = None
    if last is None or not last.documents:
        return
    withdrawal = SuggestionRow(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        number=last.number + 1,
        model=last.model,
        standards=last.standards,
        tables=last.tables,
        documents=[],
        not_coded=[],
        automation={"eligible": False, "reasons": []},
        created_at=at,
    )
    session.add(withdrawal)
    session.flush()
    _record(session, withdrawal, (), at)


def model_actor(provider_id: str, model: Mapping[str, Any]) -> Actor:
    """The model as the author of its suggestions."""
    return Actor(ActorKind.SYSTEM, f"model-{model['version']}", model["name"], UserRole.ENGINEER, provider_id)


def _record(
    session: Session, suggestion: SuggestionRow, lines: Sequence[SuggestionLineRow], at: datetime
) -> None:
    audit.record(
        session,
        model_actor(suggestion.provider_id, suggestion.model),
        action="suggestion.store",
        subject=f"suggestion:{suggestion.id}",
        content=audit.suggestion_content(suggestion, lines),
        at=at,
    )


def _next_number(session: Session, episode_id: str) -> int:
    query = select(func.max(SuggestionRow.number)).where(SuggestionRow.episode_id == episode_id)
    return (session.scalar(query) or 0) + 1


def _model(prediction: Prediction) -> dict[str, Any]:
    model = prediction.model
    return {"name": model.name, "version": model.version, "digest": model.digest}


def _line(suggestion: SuggestionRow, role: Role, rank: int, line: SuggestedLine) -> SuggestionLineRow:
    return SuggestionLineRow(
        id=new_id(),
        suggestion_id=suggestion.id,
        provider_id=suggestion.provider_id,
        episode_id=suggestion.episode_id,
        role=role,
        rank=rank,
        code=line.code,
        confidence=line.confidence,
        suggested=line.suggested,
        reason=line.reason[:300],
        procedure_group=line.group,
        evidence=[_place(item, suggestion.documents) for item in line.evidence],
    )


def _not_coded(item: NotCoded, places: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "evidence": _place(item.evidence, places),
        "reason": item.reason,
        "note": item.note,
        "would_be": item.would_be,
    }


def _place(evidence: Evidence, places: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **places[evidence.document],
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
    }
