"""A query with what a reader needs beside it: whose episode it is, and the words in their context."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.episodes.store import episode_of
from service.identity import Actor
from service.queries import schemas as s
from service.queries.store import query_of
from service.queries.views import query_view
from service.tables import DocumentRow, DocumentVersion, EpisodeRow

_AROUND = 300
"""Characters before and after the words."""


@dataclass(frozen=True, slots=True)
class Shown:
    query: s.QueryOut
    episode: EpisodeRow
    document: DocumentVersion | None
    """The version that was asked about; None where it is gone."""

    @property
    def before(self) -> str:
        start = max(self.query.start - _AROUND, 0)
        text = self._text[start : self.query.start]
        return text if start == 0 else "… " + text.split(" ", 1)[-1]

    @property
    def after(self) -> str:
        end = self.query.end + _AROUND
        text = self._text[self.query.end : end]
        return text if end >= len(self._text) else text.rsplit(" ", 1)[0] + " …"

    @property
    def before_all(self) -> str:
        return self._text[: self.query.start]

    @property
    def after_all(self) -> str:
        return self._text[self.query.end :]

    @property
    def is_part(self) -> bool:
        """The document goes on beyond what the context shows."""
        return self.query.start > _AROUND or self.query.end + _AROUND < len(self._text)

    @property
    def _text(self) -> str:
        return self.document.text if self.document else ""


def shown(session: Session, actor: Actor, query_id: str, now: datetime) -> Shown:
    """
    Raises:
        NotFound: there is no such query for this reader.
    """
    row = query_of(session, actor, query_id)
    document = select(DocumentVersion).join(DocumentRow, DocumentRow.id == DocumentVersion.document_id)
    wanted = document.where(
        DocumentRow.episode_id == row.episode_id,
        DocumentRow.sender_id == row.document,
        DocumentVersion.version == row.version,
    )
    return Shown(
        query_view(session, row, now), episode_of(session, actor, row.episode_id), session.scalar(wanted)
    )


def episodes_of_queries(session: Session, actor: Actor, queries: s.QueryPage) -> dict[str, EpisodeRow]:
    """By id, for a list of queries."""
    ids = {query.episode for query in queries.queries}
    rows = select(EpisodeRow).where(EpisodeRow.provider_id == actor.provider_id, EpisodeRow.id.in_(ids))
    return {row.id: row for row in session.scalars(rows)}
