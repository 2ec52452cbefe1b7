"""The episodes of an extract: finalised or automated, by their end, some at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from service.coding.status import Status
from service.db import Database
from service.deps import CodeTables
from service.episodes.store import coding_of, decisions_of, suggestions_of
from service.outgoing.final import FinalLine, diagnosis_lines, latest_closing, procedure_lines
from service.tables import EpisodeRow, Provider

_BATCH = 200
CODED = (Status.FINALISED, Status.AUTOMATED)


@dataclass(frozen=True, slots=True)
class Days:
    """Of the ends of episodes, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Extracted:
    """An episode with the coding that stands."""

    provider_code: str
    row: EpisodeRow
    diagnoses: tuple[FinalLine, ...]
    procedures: tuple[FinalLine, ...]
    coding_version: int

    @property
    def is_correction(self) -> bool:
        return self.coding_version > 1


def extracted(db: Database, tables: CodeTables, provider_id: str, days: Days) -> Iterator[Extracted]:
    """In the order of their ends; the same rows give the same order. Memory is that of one batch."""
    after = None
    while True:
        with db.read() as session:
            provider = session.get_one(Provider, provider_id)
            rows = session.scalars(_batch(provider_id, days, after)).all()
            found = [_extracted(session, tables, provider.code, row) for row in rows]
        yield from found
        if len(rows) < _BATCH:
            return
        after = rows[-1]


def _batch(provider_id: str, days: Days, after: EpisodeRow | None) -> Select[EpisodeRow]:
    query = select(EpisodeRow).where(
        EpisodeRow.provider_id == provider_id,
        EpisodeRow.status.in_(CODED),
        EpisodeRow.episode_end >= days.first,
        EpisodeRow.episode_end <= days.last,
    )
    if after is not None:
        place = tuple_(EpisodeRow.episode_end, EpisodeRow.id)
        query = query.where(place > (after.episode_end, after.id))
    return query.order_by(EpisodeRow.episode_end, EpisodeRow.id).limit(_BATCH)


def _extracted(session: Session, tables: CodeTables, provider_code: str, row: EpisodeRow) -> Extracted:
    decisions = decisions_of(session, row.id)
    coding = coding_of(session, suggestions_of(session, row.id), decisions)
    closing = latest_closing(decisions)
    version = closing[1] if closing else 1
    return Extracted(
        provider_code, row, diagnosis_lines(tables, coding), procedure_lines(tables, coding), version
    )
