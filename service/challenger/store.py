"""What the challenger answered, in the database: kept, listed, counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select, tuple_
from sqlalchemy.orm import Session

from data.episodes import Evidence, Role
from models.prediction import ModelVersion, Prediction, SuggestedLine
from service.accounts.directory import new_id
from service.challenger.differing import Suggested, difference
from service.challenger.tables import ChallengerRow
from service.coding.status import CLOSED
from service.observability import CHALLENGED
from service.tables import EpisodeRow, SuggestionLineRow, SuggestionRow

Place = tuple[datetime, str]
"""When a row was made, and its id: where a list goes on."""
_COUNTED = 1000
"""Answers that the counts rest on: the newest."""
_MOST_CODES = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """What the newest answers of one challenger come to."""

    episodes: int
    agree: int
    other_primary: int
    only_champion: tuple[tuple[str, int], ...]
    """Codes that the champion alone suggests, the most frequent first."""
    only_challenger: tuple[tuple[str, int], ...]


def unchallenged(session: Session, digest: str, after: Place | None, limit: int) -> Sequence[SuggestionRow]:
    """Newest suggestions of open episodes that the challenger of this digest has not read, oldest first."""
    numbers = select(func.max(SuggestionRow.number)).where(SuggestionRow.episode_id == EpisodeRow.id)
    read = exists().where(
        ChallengerRow.suggestion_id == SuggestionRow.id, ChallengerRow.model_digest == digest
    )
    query = (
        select(SuggestionRow)
        .join(EpisodeRow, SuggestionRow.episode_id == EpisodeRow.id)
        .where(
            EpisodeRow.status.not_in(CLOSED),
            SuggestionRow.number == numbers.correlate(EpisodeRow).scalar_subquery(),
            SuggestionRow.model["digest"].as_string() != digest,
            ~read,
        )
        .order_by(SuggestionRow.created_at, SuggestionRow.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(SuggestionRow.created_at, SuggestionRow.id) > tuple_(*after))
    return session.scalars(query).all()


def store_answer(
    session: Session, suggestion: SuggestionRow, prediction: Prediction, *, at: datetime
) -> ChallengerRow:
    lines = [*prediction.diagnoses, *prediction.procedures]
    found = difference(
        _champion_lines(session, suggestion.id),
        [Suggested(line.role, line.code) for line in lines if line.suggested],
    )
    model = prediction.model
    row = ChallengerRow(
        id=new_id(),
        provider_id=suggestion.provider_id,
        episode_id=suggestion.episode_id,
        suggestion_id=suggestion.id,
        model={"name": model.name, "version": model.version, "digest": model.digest},
        model_digest=model.digest,
        lines=[_line(line, suggestion.documents) for line in lines],
        agrees=found.agrees,
        difference=found.to_json(),
        created_at=at,
    )
    session.add(row)
    session.flush()
    CHALLENGED.labels(str(found.agrees).lower()).inc()
    return row


def newest_challenger(session: Session, provider_id: str) -> ModelVersion | None:
    """The one that answered last."""
    query = select(ChallengerRow.model).where(ChallengerRow.provider_id == provider_id)
    model = session.scalar(query.order_by(ChallengerRow.created_at.desc(), ChallengerRow.id).limit(1))
    return ModelVersion(model["name"], model["version"], model["digest"]) if model else None


def disagreements(
    session: Session, provider_id: str, digest: str, before: Place | None, limit: int
) -> Sequence[tuple[ChallengerRow, SuggestionRow]]:
    """The newest first."""
    query = (
        select(ChallengerRow, SuggestionRow)
        .join(SuggestionRow, SuggestionRow.id == ChallengerRow.suggestion_id)
        .where(
            ChallengerRow.provider_id == provider_id,
            ChallengerRow.model_digest == digest,
            ChallengerRow.agrees.is_(False),
        )
        .order_by(ChallengerRow.created_at.desc(), ChallengerRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(ChallengerRow.created_at, ChallengerRow.id) < tuple_(*before))
    return [(row, suggestion) for row, suggestion in session.execute(query)]


def count(session: Session, provider_id: str, digest: str) -> Counts:
    query = select(ChallengerRow.agrees, ChallengerRow.difference).where(
        ChallengerRow.provider_id == provider_id, ChallengerRow.model_digest == digest
    )
    found = session.execute(query.order_by(ChallengerRow.created_at.desc()).limit(_COUNTED)).all()
    differing = [found_difference for agrees, found_difference in found if not agrees]
    return Counts(
        episodes=len(found),
        agree=len(found) - len(differing),
        other_primary=sum(item["primary"]["champion"] != item["primary"]["challenger"] for item in differing),
        only_champion=_most(differing, "only_champion"),
        only_challenger=_most(differing, "only_challenger"),
    )


def _most(differing: Sequence[Mapping[str, Any]], side: str) -> tuple[tuple[str, int], ...]:
    codes = Counter(code for item in differing for code in item[side])
    return tuple(sorted(codes.items(), key=lambda item: (-item[1], item[0]))[:_MOST_CODES])


def _champion_lines(session: Session, suggestion_id: str) -> list[Suggested]:
    """In coding order, diagnoses first."""
    query: Select[SuggestionLineRow] = select(SuggestionLineRow).where(
        SuggestionLineRow.suggestion_id == suggestion_id, SuggestionLineRow.suggested.is_(True)
    )
    rows = session.scalars(query.order_by(SuggestionLineRow.role, SuggestionLineRow.rank))
    return [Suggested(Role(row.role), row.code) for row in rows]


def _line(line: SuggestedLine, places: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Without the reason, which quotes."""
    return {
        "role": line.role.value,
        "code": line.code,
        "confidence": line.confidence,
        "suggested": line.suggested,
        "group": line.group,
        "evidence": [_place(item, places) for item in line.evidence],
    }


def _place(evidence: Evidence, places: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {**places[evidence.document], "start": evidence.start, "end": evidence.end}
