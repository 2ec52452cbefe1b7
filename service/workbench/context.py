"""`/episodes/<id>/context`: other episodes of the spell and of the patient. To read, never a source."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from service.automation.auditing import holds_open_audit
from service.coding.coding import Coding, Line
from service.deps import CodeTables, Decider, Held
from service.episodes.routes import EpisodeId
from service.episodes.store import (
    coding_of,
    decisions_of,
    document_history,
    episode_of,
    episodes_of,
    suggestions_of,
)
from service.errors import IllegalState, NotFound
from service.identity import Actor
from service.tables import EpisodeRow
from service.workbench import rendering
from service.workbench.failures import by_htmx

router = APIRouter(prefix="/episodes", include_in_schema=False)

_MOST = 10
_NHS_NUMBER = 10
"""Digits of an NHS number."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another episode of the patient."""

    row: EpisodeRow
    is_of_spell: bool
    codes: tuple[tuple[str, str], ...]
    """As displayed, with title: of the coding that stands, where it is finished or under way."""


@router.get("/{episode_id}/context")
def get_context(request: Request, held: Held, actor: Decider, episode_id: EpisodeId) -> HTMLResponse:
    with held.db.read() as session:
        row = episode_of(session, actor, episode_id)
        if holds_open_audit(session, actor, episode_id):
            raise IllegalState("you code this episode blind: finish its audit first")
        others = [_other(session, held.tables, row, other) for other in _others(session, actor, row)]
    template = "episode/context.html" if by_htmx(request) else "episode_context.html"
    return rendering.page(request, template, others=others, row=row)


@router.get("/{episode_id}/document")
def get_older_version(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, number: int = 1, version: int = 1
) -> HTMLResponse:
    """A version of a document, also one that a newer replaced.

    Args:
        number: of the document, as the page shows them, from 1.
    """
    with held.db.read() as session:
        row = episode_of(session, actor, episode_id)
        if holds_open_audit(session, actor, episode_id):
            raise IllegalState("you code this episode blind: finish its audit first")
        history = list(document_history(session, episode_id).values())
    versions = history[number - 1] if 0 < number <= len(history) else []
    wanted = next((one for one in versions if one.version == version), None)
    if wanted is None:
        raise NotFound("there is no such version")
    return rendering.page(request, "episode_document.html", row=row, document=wanted, count=len(versions))


def _others(session: Session, actor: Actor, row: EpisodeRow) -> list[EpisodeRow]:
    """The newest first; without those that this person is to code blind."""
    same: list[ColumnElement[bool]] = [EpisodeRow.spell_number == row.spell_number]
    if row.nhs_number and len(row.nhs_number) == _NHS_NUMBER:
        same.append(EpisodeRow.nhs_number == row.nhs_number)
    if row.local_patient_id:
        same.append(EpisodeRow.local_patient_id == row.local_patient_id)
    query = episodes_of(actor).where(or_(*same), EpisodeRow.id != row.id)
    found = session.scalars(query.order_by(EpisodeRow.episode_end.desc(), EpisodeRow.id).limit(_MOST)).all()
    return [other for other in found if not holds_open_audit(session, actor, other.id)]


def _other(session: Session, tables: CodeTables, row: EpisodeRow, other: EpisodeRow) -> Other:
    coding = coding_of(session, suggestions_of(session, other.id), decisions_of(session, other.id))
    return Other(other, other.spell_number == row.spell_number, _codes(tables, coding))


def _codes(tables: CodeTables, coding: Coding) -> tuple[tuple[str, str], ...]:
    return tuple(_shown(tables, line) for line in coding.standing)


def _shown(tables: CodeTables, line: Line) -> tuple[str, str]:
    table = tables.by_role[line.role]
    entry = table.get(line.code)
    return table.display(line.code), entry.title if entry else ""
