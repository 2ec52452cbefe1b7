"""Rows of queries as what is answered."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.queries import schemas as s
from service.queries.reminding import Reminder, age_days, reminder
from service.queries.tables import ClinicianQuery
from service.tables import DocumentRow, DocumentVersion


def query_views(session: Session, rows: Iterable[ClinicianQuery], now: datetime) -> tuple[s.QueryOut, ...]:
    return tuple(query_view(session, row, now) for row in rows)


def query_view(session: Session, row: ClinicianQuery, now: datetime) -> s.QueryOut:
    names = (
        "id", "status", "document", "version", "start", "end", "question", "options", "concerns", "clinician",
        "specialty", "asked_at", "settled_at", "answer_document",
    )  # fmt: skip
    days = age_days(row.asked_at, row.settled_at or now)
    is_open = row.status == s.QueryStatus.OPEN
    return s.QueryOut.model_validate(
        {
            **{name: getattr(row, name) for name in names},
            "episode": row.episode_id,
            "words": text_of(session, row, row.document, row.version)[row.start : row.end],
            "asked_by": row.asked_name,
            "settled_by": row.settled_name,
            "age_days": days,
            "reminder": reminder(days) if is_open else Reminder.NONE,
            "answer": text_of(session, row, row.answer_document, 1) if row.answer_document else None,
        }
    )


def text_of(session: Session, row: ClinicianQuery, sender_id: str, version: int) -> str:
    """Of one version of a document of the episode; empty where there is none."""
    query = (
        select(DocumentVersion.text)
        .join(DocumentRow, DocumentRow.id == DocumentVersion.document_id)
        .where(
            DocumentRow.episode_id == row.episode_id,
            DocumentRow.sender_id == sender_id,
            DocumentVersion.version == version,
        )
    )
    return session.scalar(query) or ""
