"""Finds the episode that a message speaks of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from data.episodes import DocumentKind
from service.coding.status import Status
from service.episodes.person import nhs_number_holds
from service.episodes.schemas import DocumentIn
from service.messages.errors import Unusable
from service.messages.hl7v2 import Asked, Event
from service.messages.hl7v2.patient import Facts
from service.tables import DocumentRow, EpisodeRow

_LATE_REPORT = timedelta(days=60)
"""Histology of a specimen taken in the episode is often reported weeks after it."""
_OF_PROVIDER = EpisodeRow.provider_id == bindparam("provider")
_OF_SPELL = (_OF_PROVIDER, EpisodeRow.spell_number == bindparam("spell"))
_SPELL = select(EpisodeRow).where(*_OF_SPELL, EpisodeRow.status != Status.WITHDRAWN).with_for_update()
_HAS_DOCUMENT = exists().where(
    DocumentRow.episode_id == EpisodeRow.id, DocumentRow.sender_id == bindparam("document")
)
_SPELL_AND_HOLDERS = (
    select(EpisodeRow, _HAS_DOCUMENT).where(*_OF_SPELL).order_by(EpisodeRow.id).with_for_update(of=EpisodeRow)
)


def number_of(row: EpisodeRow) -> int:
    """The place of an episode in its spell; one whose number is not known is the first."""
    written = row.episode_number
    return int(written) if written.isascii() and written.isdigit() else 1


def episodes_of_spell(session: Session, provider_id: str, spell_number: str) -> list[EpisodeRow]:
    return sorted(session.scalars(_SPELL, {"provider": provider_id, "spell": spell_number}), key=number_of)


def episodes_of_patient(session: Session, provider_id: str, local_patient_id: str) -> list[EpisodeRow]:
    query = select(EpisodeRow).where(
        EpisodeRow.provider_id == provider_id, EpisodeRow.local_patient_id == local_patient_id
    )
    return list(session.scalars(query.order_by(EpisodeRow.id).with_for_update()))


def place_documents(
    session: Session, provider_id: str, asked: Asked
) -> Iterator[tuple[EpisodeRow | None, Asked]]:
    """Each document with its episode, or None where the spell is not known yet.

    A discharge summary of a spell with several episodes goes to every one of them, marked as spell-level
    text.

    Raises:
        Unusable: nothing says which episode is meant.
    """
    for sent in asked.documents:
        find = _in_spell if asked.spell_number else _of_patient
        rows, shared = find(session, provider_id, asked, sent)
        if not rows and asked.event is Event.CANCEL_DOCUMENT:
            raise Unusable("the document that is cancelled is not known here")
        document = sent.model_copy(update={"spell_level": True}) if shared else sent
        one = replace(asked, documents=(document,))
        yield from ((row, replace(one, spell_number=row.spell_number)) for row in rows)
        if not rows:
            yield None, one


_Place = tuple[list[EpisodeRow], bool]
"""The episodes that a document goes to, and whether it goes to every one of a spell that has several."""


def _in_spell(session: Session, provider_id: str, asked: Asked, document: DocumentIn) -> _Place:
    """Those that have earlier versions of it; otherwise the one whose days hold its date, or the last."""
    whose = {"provider": provider_id, "spell": asked.spell_number, "document": document.id}
    found = session.execute(_SPELL_AND_HOLDERS, whose).all()
    every = sorted((row for row, _ in found if row.status != Status.WITHDRAWN), key=number_of)
    holders = [row for row, holds in found if holds]
    holding = [row for row in every if _holds(row, document.date)]
    return _shared(holders or holding[:1] or every[-1:], every, document)


def _of_patient(session: Session, provider_id: str, asked: Asked, document: DocumentIn) -> _Place:
    rows = _holders(session, provider_id, document)
    if not rows:
        rows = near_episodes(session, provider_id, asked.patient, document.date)
        if len(rows) != 1:
            raise Unusable(
                "PV1-19, the number of the visit, must be given: the patient alone does not say which"
            )
    return _shared(rows, episodes_of_spell(session, provider_id, rows[0].spell_number), document)


def _shared(rows: list[EpisodeRow], every: list[EpisodeRow], document: DocumentIn) -> _Place:
    is_summary = document.kind is DocumentKind.DISCHARGE_SUMMARY
    return (every, True) if rows and is_summary and len(every) > 1 else (rows, False)


def _holders(session: Session, provider_id: str, document: DocumentIn) -> list[EpisodeRow]:
    """The episodes of one spell that have earlier versions of the document."""
    query = (
        select(EpisodeRow)
        .join(DocumentRow, DocumentRow.episode_id == EpisodeRow.id)
        .where(DocumentRow.provider_id == provider_id, DocumentRow.sender_id == document.id)
        .order_by(EpisodeRow.id)
    )
    holders = list(session.scalars(query.with_for_update(of=EpisodeRow)))
    return holders if len({row.spell_number for row in holders}) == 1 else []


def near_episodes(session: Session, provider_id: str, patient: Facts, day: date | None) -> list[EpisodeRow]:
    """Episodes of a person that a document of that day may belong to."""
    rows = episodes_of_person(session, provider_id, patient)
    return [row for row in rows if row.status != Status.WITHDRAWN and _near(row, day)]


def episodes_of_person(session: Session, provider_id: str, patient: Facts) -> list[EpisodeRow]:
    """By the local number; by the NHS number only where none is given and its check digit is right."""
    local, number = patient.get("local_patient_id"), patient.get("nhs_number")
    if local:
        return episodes_of_patient(session, provider_id, str(local))
    if not number or not nhs_number_holds(str(number)):
        return []
    query = select(EpisodeRow).where(
        EpisodeRow.provider_id == provider_id, EpisodeRow.nhs_number == str(number)
    )
    return list(session.scalars(query.order_by(EpisodeRow.id).with_for_update()))


def _holds(row: EpisodeRow, day: date | None) -> bool:
    if day is None or row.episode_start is None:
        return False
    return row.episode_start <= day and (row.episode_end is None or day < row.episode_end)


def _near(row: EpisodeRow, day: date | None) -> bool:
    start = row.episode_start or row.spell_start
    if day is None or start is None:
        return False
    return start <= day and (row.episode_end is None or day <= row.episode_end + _LATE_REPORT)
