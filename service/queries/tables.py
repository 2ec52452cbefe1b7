"""The tables of queries. A query is filled in once, when it is settled; decisions vouch for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base


class ClinicianQuery(Base):
    """A question about words of a document. The words themselves stand in the document version only."""

    __tablename__ = "clinician_query"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    document: Mapped[str] = mapped_column(String(200))
    """The sender's id."""
    version: Mapped[int] = mapped_column(Integer)
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    question: Mapped[str] = mapped_column(Text)
    options: Mapped[list[Any]] = mapped_column(JSON)
    """Offered as answers; always with "other" and "unable to determine" at the end."""
    concerns: Mapped[list[Any]] = mapped_column(JSON)
    """What the check of the wording said, and the coder put the question all the same."""
    clinician: Mapped[str | None] = mapped_column(String(64))
    """Code of the clinician who is asked; None: anyone of the specialty."""
    specialty: Mapped[str | None] = mapped_column(String(8))
    """Treatment function; with neither, any clinician may answer."""
    status: Mapped[str] = mapped_column(String(12))
    asked_by: Mapped[str] = mapped_column(String(36))
    asked_name: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(String(36))
    settled_name: Mapped[str | None] = mapped_column(String(200))
    settled_at: Mapped[datetime | None]
    answer_document: Mapped[str | None] = mapped_column(String(200))
    """Id of the document that holds the answer."""

    __table_args__ = (Index("ix_clinician_query_list", "provider_id", "status", "asked_at"),)


class ClinicianLink(Base):
    """For whom an account answers: its clinician code and treatment function, as episodes carry them."""

    __tablename__ = "clinician_link"

    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), index=True)
    clinician: Mapped[str | None] = mapped_column(String(64))
    specialty: Mapped[str | None] = mapped_column(String(8))
