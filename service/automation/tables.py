"""The tables of automation. Verdicts and switches are only ever appended; a blind audit is filled in once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base, Json


class GateVerdict(Base):
    """What the gate said of a suggestion, as columns that can be asked for."""

    __tablename__ = "gate_verdict"

    suggestion_id: Mapped[str] = mapped_column(ForeignKey("suggestion.id"), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    stratum: Mapped[str] = mapped_column(String(40))
    confidence: Mapped[float] = mapped_column(Float)
    """That the whole coding is right."""
    eligible: Mapped[bool] = mapped_column(Boolean)
    """By the thresholds of the model it would have been automated."""
    held_back: Mapped[bool] = mapped_column(Boolean)
    """Something in the episode itself keeps it with a person, whatever the confidence."""
    reasons: Mapped[list[Any]] = mapped_column(JSON)
    versions: Mapped[str] = mapped_column(String(64))
    """sha256 over model, standards, tables and local terms."""
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_gate_verdict_seen", "provider_id", "stratum", "created_at"),)


class BlindAudit(Base):
    """A second coding by someone who sees neither suggestion nor coding. Drawn when the episode came."""

    __tablename__ = "blind_audit"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), unique=True)
    share: Mapped[float] = mapped_column(Float)
    """Of all episodes that was drawn at the time."""
    drawn_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(12))
    claimed_by: Mapped[str | None] = mapped_column(String(36))
    claimed_name: Mapped[str | None] = mapped_column(String(200))
    claimed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    documents: Mapped[list[Any] | None] = mapped_column(JSON)
    """The document versions that were read: [{id, version}]."""
    second_coding: Mapped[Json | None]
    comparison: Mapped[Json | None]
    """Line by line with the suggestion, and with the coding that stood then."""
    suggestion_id: Mapped[str | None] = mapped_column(ForeignKey("suggestion.id"))
    stratum: Mapped[str | None] = mapped_column(String(40))
    confidence: Mapped[float | None] = mapped_column(Float)
    held_back: Mapped[bool | None] = mapped_column(Boolean)
    is_right: Mapped[bool | None] = mapped_column(Boolean)
    """The suggestion, whole; None where there was none to compare with."""
    versions: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_blind_audit_list", "provider_id", "status", "drawn_at"),
        Index("ix_blind_audit_evidence", "provider_id", "stratum", "versions"),
    )


class AutomationSwitch(Base):
    """A stratum was opened or closed at a provider: by whom, and on what evidence."""

    __tablename__ = "automation_switch"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    stratum: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first of the stratum at the provider; the last one holds."""
    is_on: Mapped[bool] = mapped_column(Boolean)
    because: Mapped[str] = mapped_column(String(300))
    versions: Mapped[str] = mapped_column(String(64))
    named_versions: Mapped[Json]
    """Model, standards, tables and local terms, in full."""
    error_limit: Mapped[float] = mapped_column(Float)
    confidence_level: Mapped[float] = mapped_column(Float)
    threshold: Mapped[float] = mapped_column(Float)
    """Episodes at least this likely to be right are automated."""
    cases: Mapped[int] = mapped_column(Integer)
    errors: Mapped[int] = mapped_column(Integer)
    bound: Mapped[float] = mapped_column(Float)
    """Exact upper bound of the error, by these cases."""
    reference: Mapped[Json]
    """What the confidences of the stratum looked like then: the drift alarm compares with it."""
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[str] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("provider_id", "stratum", "number"),)
