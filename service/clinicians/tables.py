"""The tables of clinicians. Entries, policies, attributions and declarations are only ever appended."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base


class ClinicianRow(Base):
    """A person with a professional number; what the register says of them is in their entries."""

    __tablename__ = "clinician"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    body: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(16))
    entries: Mapped[int] = mapped_column(Integer, default=0)
    """How many there are."""
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("provider_id", "body", "number"),)


class ClinicianEntry(Base):
    """What holds of a clinician from a day on, until the next entry or its own last day."""

    __tablename__ = "clinician_entry"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinician_id: Mapped[str] = mapped_column(ForeignKey("clinician.id"))
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first of the clinician; of two from the same day the higher one holds."""
    name: Mapped[str] = mapped_column(String(200))
    grade: Mapped[str] = mapped_column(String(24))
    main_specialty: Mapped[str] = mapped_column(String(8))
    autonomy: Mapped[str] = mapped_column(String(8))
    scope: Mapped[list[Any]] = mapped_column(JSON)
    policy: Mapped[str] = mapped_column(String(40))
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date | None] = mapped_column(Date)
    signed_off_by: Mapped[str] = mapped_column(String(200))
    signed_off_on: Mapped[date | None] = mapped_column(Date)
    account: Mapped[str] = mapped_column(String(200))
    """Under which user name, or name of a key, the clinician declares; empty where they do not sign in."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("clinician_id", "number"),)


class AutonomyPolicy(Base):
    """A version of the provider's policy on autonomous work; the last word on a version holds."""

    __tablename__ = "autonomy_policy"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first of the provider."""
    version: Mapped[str] = mapped_column(String(40))
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date | None] = mapped_column(Date)
    grades: Mapped[list[Any]] = mapped_column(JSON)
    needs_sign_off: Mapped[bool] = mapped_column(Boolean)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("provider_id", "number"),)


class AttributionRow(Base):
    """Under whom an episode was put, and why; the last one holds."""

    __tablename__ = "attribution"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first of the episode."""
    sent: Mapped[str | None] = mapped_column(String(64))
    treating: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(64))
    basis: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(String(1000))
    flags: Mapped[list[Any]] = mapped_column(JSON)
    policy: Mapped[str] = mapped_column(String(40))
    proposal_id: Mapped[str | None] = mapped_column(ForeignKey("attribution_proposal.id"))
    """The proposal that a person accepted or took back."""
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("episode_id", "number"),)


class AttributionProposal(Base):
    """A likely misattribution, for a person to accept or dismiss."""

    __tablename__ = "attribution_proposal"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    kind: Mapped[str] = mapped_column(String(24))
    recorded: Mapped[str] = mapped_column(String(64))
    proposed: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(1000))
    evidence: Mapped[list[Any]] = mapped_column(JSON)
    policy: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    why: Mapped[str | None] = mapped_column(String(200))
    """Why it was dismissed."""
    made_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        UniqueConstraint("episode_id", "recorded", "proposed"),
        Index("ix_attribution_proposal_list", "provider_id", "state", "made_at", "id"),
    )


class Declaration(Base):
    """What a clinician says they do; compared with what is recorded."""

    __tablename__ = "clinician_declaration"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    clinician_id: Mapped[str] = mapped_column(ForeignKey("clinician.id"), index=True)
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)
    lines: Mapped[list[Any]] = mapped_column(JSON)
    """{treatment_function, site, activity, autonomous, episodes}"""
    note: Mapped[str] = mapped_column(String(1000))
    declared_at: Mapped[datetime]
    declared_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (Index("ix_clinician_declaration_list", "provider_id", "declared_at"),)
