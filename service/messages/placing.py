"""Finds the episode that a message speaks of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.coding.status import Status
from service.episodes.schemas import DocumentIn
from service.messages.errors import Unusable
from service.messages.hl7v2 import Asked, Event
from service.tables import DocumentRow, EpisodeRow

_LATE_REPORT = timedelta(days=60)
"""Histology of a specimen taken in the episode is often reported weeks after it."""


def number_of(row: EpisodeRow) -> int:
    """The place of an episode in its spell; one whose number is not known is the first."""
    written = row.episode_number
    return int(written) if written.isascii() and written.isdigit() else 1


def episodes_of_spell(session: Session, provider_id: str, spell_number: str) -> list[EpisodeRow]:
    query = select(EpisodeRow).where(
        EpisodeRow.provider_id == provider_id,
        EpisodeRow.spell_number == spell_number,
        EpisodeRow.status != Status.WITHDRAWN,
    )
    return sorted(session.scalars(query.with_for_update()), key=number_of)


def episodes_of_patient(session: Session, provider_id: str, local_patient_id: str) -> list[EpisodeRow]:
    query = select(EpisodeRow).where(
        EpisodeRow.provider_id == provider_id, EpisodeRow.local_patient_id == local_patient_id
    )
    return list(session.scalars(query.order_by(EpisodeRow.id).with_for_update()))


def place_documents(
    session: Session, provider_id: str, asked: Asked
) -> Iterator[tuple[EpisodeRow | None, Asked]]:
    """Each document with its episode, or None where the spell is not known yet.

    Raises:
        Unusable: nothing says which episode is meant.
    """
    for document in asked.documents:
        one = replace(asked, documents=(document,))
        row = _holder(session, provider_id, asked, document) or _by_day(session, provider_id, asked, document)
        if row is None and asked.event is Event.CANCEL_DOCUMENT:
            raise Unusable("the document that is cancelled is not known here")
        yield row, replace(one, spell_number=row.spell_number) if row else one


def _holder(session: Session, provider_id: str, asked: Asked, document: DocumentIn) -> EpisodeRow | None:
    """The episode that has earlier versions of the document."""
    query = (
        select(EpisodeRow)
        .join(DocumentRow, DocumentRow.episode_id == EpisodeRow.id)
        .where(DocumentRow.provider_id == provider_id, DocumentRow.sender_id == document.id)
        .order_by(EpisodeRow.id)
    )
    if asked.spell_number:
        query = query.where(EpisodeRow.spell_number == asked.spell_number)
    holders = session.scalars(query.limit(2)).all()
    return holders[0] if len(holders) == 1 else None


def _by_day(session: Session, provider_id: str, asked: Asked, document: DocumentIn) -> EpisodeRow | None:
    if asked.spell_number:
        rows = episodes_of_spell(session, provider_id, asked.spell_number)
        return next((row for row in rows if _holds(row, document.date)), rows[-1] if rows else None)
    local = asked.patient.get("local_patient_id")
    rows = episodes_of_patient(session, provider_id, str(local)) if local else []
    near = [row for row in rows if row.status != Status.WITHDRAWN and _near(row, document.date)]
    if len(near) != 1:
        raise Unusable("PV1-19, the number of the visit, must be given: the patient alone does not say which")
    return near[0]


def _holds(row: EpisodeRow, day: date | None) -> bool:
    if day is None or row.episode_start is None:
        return False
    return row.episode_start <= day and (row.episode_end is None or day < row.episode_end)


def _near(row: EpisodeRow, day: date | None) -> bool:
    start = row.episode_start or row.spell_start
    if day is None or start is None:
        return False
    return start <= day and (row.episode_end is None or day <= row.episode_end + _LATE_REPORT)
