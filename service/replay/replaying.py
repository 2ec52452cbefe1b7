"""Makes a stored suggestion again: the same model version, local terms and document versions.

A suggestion of before 0005 kept no patient facts; those of today are taken, and the answer says so.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.classifications import Classification
from data.episodes import Episode, Role
from data.terms import LocalTerms
from models.bundle import open_bundle
from models.coder import Coder
from models.errors import ModelError
from models.prediction import Prediction
from models.registry import Registry
from service.challenger.shadow import read_documents
from service.deps import CodeTables
from service.episodes.reading import model_episode, remembered_episode
from service.episodes.store import document_history, suggestions_of
from service.errors import ServiceError
from service.local_terms.store import knowledge_of
from service.local_terms.tables import LocalTermRow
from service.replay.comparing import left_out_differences, line_differences
from service.tables import EpisodeRow, SuggestionLineRow, SuggestionRow

_NEAREST = 12
"""States of the local terms around the time of a suggestion that are tried."""


class CannotReplay(ServiceError):
    """The suggestion cannot be made again."""


@dataclass(frozen=True, slots=True)
class Replay:
    number: int
    """Of the suggestion within its episode."""
    model: str
    differences: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())


def replay(
    session: Session,
    registry: Registry,
    tables: Mapping[Role, Classification],
    episode_id: str,
    number: int | None = None,
) -> Replay:
    """
    Args:
        number: of the suggestion; the newest by default.

    Raises:
        CannotReplay: something that it was made from is gone or another.
    """
    row = session.get(EpisodeRow, episode_id)
    if row is None:
        raise CannotReplay("there is no such episode")
    suggestion = _suggestion(session, row, number)
    _check_tables(suggestion, tables)
    episode, notes = _episode(session, row, suggestion)
    coder = _model(registry, suggestion, tables)
    local = _local_terms(session, suggestion, CodeTables(tables))
    prediction = (coder.with_local(local) if local else coder).suggest(episode)
    differences = tuple(_differences(session, suggestion, prediction))
    model = suggestion.model
    return Replay(suggestion.number, f"{model['name']}/{model['version']}", differences, notes)


def _suggestion(session: Session, row: EpisodeRow, number: int | None) -> SuggestionRow:
    every = suggestions_of(session, row.id)
    found = [one for one in every if one.documents and number in (None, one.number)]
    if not found:
        raise CannotReplay(
            "the episode has no suggestion" if number is None else f"there is no suggestion {number}"
        )
    return found[-1]


def _check_tables(suggestion: SuggestionRow, tables: Mapping[Role, Classification]) -> None:
    now = {table.name: table.edition for table in tables.values()}
    for name, edition in suggestion.tables.items():
        if now.get(name) != edition:
            raise CannotReplay(f"it was made with {name} {edition}; here is {now.get(name, 'none')}")


def _episode(session: Session, row: EpisodeRow, suggestion: SuggestionRow) -> tuple[Episode, tuple[str, ...]]:
    history = document_history(session, row.id)
    try:
        documents = read_documents(history, suggestion.documents)
    except (KeyError, StopIteration):
        raise CannotReplay("a document version that it was made from is gone") from None
    if any(version.text_digest for version in documents.values()):
        raise CannotReplay("the text of a document that it was made from was erased")
    if suggestion.facts is None:
        return model_episode(row, documents), ("the facts of the patient are those of today",)
    return remembered_episode(row.id, suggestion.facts, documents), ()


def _model(registry: Registry, suggestion: SuggestionRow, tables: Mapping[Role, Classification]) -> Coder:
    name, version, digest = (suggestion.model[part] for part in ("name", "version", "digest"))
    try:
        with tempfile.TemporaryDirectory(prefix="autocoder-replay-") as folder:
            bundle = Path(folder) / "bundle"
            registry.fetch(f"{name}/{version}", bundle)
            coder = open_bundle(bundle, name=name, version=version, classifications=tables)
    except ModelError as error:
        raise CannotReplay(f"its model cannot be had: {error}") from error
    if coder.version.digest != digest:
        raise CannotReplay(
            f"{name}/{version} is another model now: its digest is {coder.version.digest[:12]}, "
            f"not {digest[:12]}"
        )
    return coder


def _local_terms(session: Session, suggestion: SuggestionRow, tables: CodeTables) -> LocalTerms | None:
    """The provider's terms as they were; found by their digest, because clocks are not that exact."""
    if not suggestion.local_terms:
        return None
    rows = session.scalars(
        select(LocalTermRow)
        .where(LocalTermRow.provider_id == suggestion.provider_id)
        .order_by(LocalTermRow.created_at.desc(), LocalTermRow.id)
    ).all()
    changes = {instant for row in rows for instant in (row.created_at, row.removed_at) if instant}
    near = sorted(changes, key=lambda at: abs((at - suggestion.created_at).total_seconds()))[:_NEAREST]
    for at in (suggestion.created_at, *near):
        found = knowledge_of([row for row in rows if _in_force(row, at)], tables)
        if found.digest == suggestion.local_terms:
            return found
    raise CannotReplay("the provider's local terms of that time cannot be put together again")


def _in_force(row: LocalTermRow, at: datetime) -> bool:
    return row.created_at <= at and (row.removed_at is None or row.removed_at > at)


def _differences(session: Session, suggestion: SuggestionRow, prediction: Prediction) -> list[str]:
    rows = session.scalars(
        select(SuggestionLineRow)
        .where(SuggestionLineRow.suggestion_id == suggestion.id)
        .order_by(SuggestionLineRow.rank)
    ).all()
    answered = {Role.DIAGNOSIS: prediction.diagnoses, Role.PROCEDURE: prediction.procedures}
    found = [
        f"{role.value} {problem}"
        for role, lines in answered.items()
        for problem in line_differences(
            [row for row in rows if row.role == role], lines, suggestion.documents
        )
    ]
    found.extend(left_out_differences(suggestion.not_coded, prediction.not_coded, suggestion.documents))
    return found
