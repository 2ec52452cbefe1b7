"""Suggests for several stored episodes: read at one moment, the model asked for one after the other, all
stored in one transaction.

What changed meanwhile, or is being changed, is left to the next round. An episode that meets a defect does
not stop the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from data.episodes import Episode
from models.prediction import Prediction
from service.automation.automating import consider
from service.deps import Services
from service.episodes.reading import model_episode, readable
from service.episodes.store import document_history
from service.episodes.suggesting import store_suggestion
from service.errors import DatabaseBusy, ModelFailed, ModelUnavailable, TooManyRequests
from service.observability import log
from service.tables import DocumentVersion, EpisodeRow

MOST_TOGETHER = 10
"""The model takes its time: what is read too long before it is stored has changed by then."""

_ROWS = select(EpisodeRow).where(EpisodeRow.id.in_(bindparam("episodes", expanding=True)))
_UNLOCKED_ROWS = _ROWS.with_for_update(skip_locked=True).execution_options(populate_existing=True)
"""Never waits for a row with others in hand: whoever holds it may wait for one of those."""


@dataclass(frozen=True, slots=True)
class Suggested:
    count: int
    goes_on: bool
    """The model answers; otherwise no other episode would fare better now."""


@dataclass(frozen=True, slots=True)
class _Read:
    row: EpisodeRow
    """As it was; of no session."""
    documents: Mapping[str, DocumentVersion]
    episode: Episode


@dataclass(frozen=True, slots=True)
class _Answered:
    read: _Read
    prediction: Prediction


def suggest_together(held: Services, episode_ids: Sequence[str]) -> Suggested:
    """
    Raises:
        DatabaseBusy: nothing can be stored now.
    """
    answered: list[_Answered] = []
    goes_on = True
    for read in _read_all(held, episode_ids):
        try:
            prediction = _ask(held, read)
        except (ModelUnavailable, TooManyRequests):
            goes_on = False
            break
        if prediction is not None:
            answered.append(_Answered(read, prediction))
    return Suggested(_store_all(held, answered), goes_on)


def _read_all(held: Services, episode_ids: Sequence[str]) -> Sequence[_Read]:
    """In the order of the ids."""
    with held.db.read() as session:
        rows = {row.id: row for row in session.scalars(_ROWS, {"episodes": episode_ids})}
        found = (_read(session, rows[one]) for one in episode_ids if one in rows)
        return [read for read in found if read is not None]


def _read(session: Session, row: EpisodeRow) -> _Read | None:
    try:
        documents = readable(document_history(session, row.id))
        return _Read(row, documents, model_episode(row, documents))
    except DatabaseBusy:
        raise
    except Exception as error:  # a defect that one episode meets must not stop the others
        _failed(error)
        return None


def _ask(held: Services, read: _Read) -> Prediction | None:
    """
    Raises:
        ModelUnavailable, TooManyRequests: no other episode would fare better now.
    """
    try:
        return held.suggester.suggest(read.episode, read.row.provider_id)
    except ModelFailed as error:
        _put_aside(held, read, str(error))
    except (ModelUnavailable, TooManyRequests, DatabaseBusy):
        raise
    except Exception as error:
        _failed(error)
    return None


def _put_aside(held: Services, read: _Read, reason: str) -> None:
    """The version stays: nothing changed that a decision could have been based on."""
    with held.db.write() as session:
        row = session.get_one(EpisodeRow, read.row.id, with_for_update=True)
        if row.version == read.row.version:
            row.unsuggested_reason = reason


def _store_all(held: Services, answered: Sequence[_Answered]) -> int:
    """How many were stored: in one transaction, or each in its own where one of them meets a defect."""
    try:
        return _store(held, answered) if answered else 0
    except DatabaseBusy:
        raise
    except Exception as error:
        if len(answered) > 1:
            return sum(_store_all(held, [one]) for one in answered)
        _failed(error)
        return 0


def _store(held: Services, answered: Sequence[_Answered]) -> int:
    ids = [one.read.row.id for one in answered]
    stored = 0
    with held.db.write() as session:
        rows = {row.id: row for row in session.scalars(_UNLOCKED_ROWS, {"episodes": ids})}
        for one in answered:
            row = rows.get(one.read.row.id)
            if row is None or row.version != one.read.row.version:
                continue  # it changed meanwhile: the next round reads it again
            at = held.clock.now()
            store_suggestion(session, row, one.read.documents, one.prediction, at=at)
            row.version += 1
            consider(session, held, row, at=at)
            stored += 1
    return stored


def _failed(error: Exception) -> None:
    log.error("backlog.failed", error=type(error).__name__)
