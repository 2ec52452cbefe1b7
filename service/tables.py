"""The database, table by table. Every row that belongs to a provider says so.

Decisions, suggestions, document versions and audit rows are only ever appended. The coding that stands is
derived from them (service/coding).
"""

from datetime import date, datetime
from datetime import date as CalendarDate
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from service.db import UtcDateTime

Json = dict[str, Any]  # JSON objects, checked by the pydantic or dataclass types that write them
OPEN_EPISODE = "status NOT IN ('finalised', 'automated', 'withdrawn')"
"""Written out, because an index of some rows serves only queries that say the same (service/worklist)."""

BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), Json: JSON(), list[Json]: JSON()}  # noqa: RUF012


class Provider(Base):
    """A trust or health board."""

    __tablename__ = "provider"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    """ODS code."""
    name: Mapped[str] = mapped_column(String(200))
    local_terms_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Of its local terms in force; empty where it has none."""
    created_at: Mapped[datetime]


class Account(Base):
    """A person who signs in with a password; the embedded default, before OpenID Connect."""

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), index=True)
    username: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    session_epoch: Mapped[int] = mapped_column(Integer, default=0)
    """Sessions of an earlier epoch are no longer valid."""
    demonstration: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class ApiKey(Base):
    """A system's key; only the sha256 of its secret is kept."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("provider_id", "name"),)


def _of_open(name: str, *columns: str) -> Index:
    where = text(OPEN_EPISODE)
    return Index(name, "provider_id", *columns, sqlite_where=where, postgresql_where=where)


class EpisodeRow(Base):
    """A finished consultant episode. The natural key is (provider, spell number, episode number)."""

    __tablename__ = "episode"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    spell_number: Mapped[str] = mapped_column(String(64))
    episode_number: Mapped[str] = mapped_column(String(16))
    """Empty where the sender does not know it."""
    nhs_number: Mapped[str | None] = mapped_column(String(20))
    nhs_number_status: Mapped[str | None] = mapped_column(String(2))
    local_patient_id: Mapped[str | None] = mapped_column(String(64))
    family_name: Mapped[str | None] = mapped_column(String(200))
    given_name: Mapped[str | None] = mapped_column(String(200))
    birth_date: Mapped[date | None] = mapped_column(Date)
    sex: Mapped[str | None] = mapped_column(String(20))
    site: Mapped[str | None] = mapped_column(String(12))
    treatment_function: Mapped[str | None] = mapped_column(String(8))
    treatment_function_sent: Mapped[str | None] = mapped_column(String(64))
    main_specialty: Mapped[str | None] = mapped_column(String(8))
    main_specialty_sent: Mapped[str | None] = mapped_column(String(64))
    clinician_sent: Mapped[str | None] = mapped_column(String(64))
    treating_sent: Mapped[str | None] = mapped_column(String(64))
    """Who operated or treated, as sent."""
    clinician: Mapped[str | None] = mapped_column(String(64))
    """The consultant code as decided: service/clinicians."""
    admission_method: Mapped[str | None] = mapped_column(String(16))
    patient_classification: Mapped[str | None] = mapped_column(String(16))
    discharge_method: Mapped[str | None] = mapped_column(String(8))
    source_of_admission: Mapped[str | None] = mapped_column(String(8))
    discharge_destination: Mapped[str | None] = mapped_column(String(8))
    spell_start: Mapped[date | None] = mapped_column(Date)
    spell_end: Mapped[date | None] = mapped_column(Date)
    episode_start: Mapped[date | None] = mapped_column(Date)
    episode_end: Mapped[date | None] = mapped_column(Date)
    language: Mapped[str] = mapped_column(String(8), default="en")
    no_electronic_text: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """A document of it is a scan: there are words that only a person can read."""
    spell_level_text: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """A document of it tells of the whole spell, which has more episodes than this one."""
    due_date: Mapped[date] = mapped_column(Date)
    """By when it should be coded: 30 days after the episode end."""
    stay_days: Mapped[int | None] = mapped_column(Integer)
    """From start to end of the episode; 0 where both are the same day."""
    source: Mapped[str | None] = mapped_column(String(12))
    """How it came first; None where it came before 0008."""
    confidence: Mapped[float | None] = mapped_column(Float)
    """Of the least sure of the codes that were suggested last; None where none was."""
    histology_arrived: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """A histology report came after the discharge summary, or while the episode was on hold."""

    status: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    """Grows by one with every change; the ETag."""
    claimed_by: Mapped[str | None] = mapped_column(String(36))
    hold_reason: Mapped[str | None] = mapped_column(String(40))
    review_date: Mapped[date | None] = mapped_column(Date)
    unsuggested_reason: Mapped[str | None] = mapped_column(String(200))
    """Why the present documents have no suggestion yet; None when they have one."""
    finalised_at: Mapped[datetime | None]
    document_since_finalised: Mapped[bool] = mapped_column(Boolean, default=False)
    received_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("provider_id", "spell_number", "episode_number"),
        Index("ix_episode_worklist", "provider_id", "status", "due_date", "id"),
        Index("ix_episode_due", "provider_id", "due_date", "id"),
        Index("ix_episode_unsuggested", "unsuggested_reason"),
        Index("ix_episode_clinician_sent", "provider_id", "clinician_sent"),
        Index("ix_episode_treating_sent", "provider_id", "treating_sent"),
        _of_open(
            "ix_episode_open",
            *("due_date", "id", "status", "claimed_by", "review_date"),
            *("site", "treatment_function", "source", "stay_days", "confidence", "histology_arrived"),
        ),
        _of_open("ix_episode_open_count", "status", "due_date", "review_date"),
        _of_open("ix_episode_open_site", "site"),
        _of_open("ix_episode_open_specialty", "treatment_function"),
        _of_open("ix_episode_open_source", "source"),
        Index("ix_episode_received", "provider_id", "received_at"),
        Index("ix_episode_finalised", "provider_id", "finalised_at"),
    )


class DocumentRow(Base):
    """One clinical text of an episode; what it says is in its versions."""

    __tablename__ = "document"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    sender_id: Mapped[str] = mapped_column(String(200))
    position: Mapped[int] = mapped_column(Integer)
    """Order of arrival, from 0."""

    __table_args__ = (UniqueConstraint("episode_id", "sender_id"),)


class DocumentVersion(Base):
    """What a document said at one time. Text is kept exactly as sent and never changed."""

    __tablename__ = "document_version"

    document_id: Mapped[str] = mapped_column(ForeignKey("document.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str | None] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(20))
    date: Mapped[CalendarDate | None] = mapped_column(Date)
    author: Mapped[str | None] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    text_digest: Mapped[str | None] = mapped_column(String(64))
    """sha256 of the text where it was erased; None while it stands."""
    digest: Mapped[str] = mapped_column(String(64))
    """sha256 over all that was sent."""
    original_digest: Mapped[str | None] = mapped_column(String(64))
    """sha256 of the file that the text was taken from; None where text was sent."""
    no_electronic_text: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    spell_level: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    received_at: Mapped[datetime]


class SuggestionRow(Base):
    """One answer of a model to the documents of an episode as they were then."""

    __tablename__ = "suggestion"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first of the episode."""
    model: Mapped[Json]
    standards: Mapped[Json]
    tables: Mapped[Json]
    local_terms: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Digest of the provider's own terms that the model read with; empty where it had none."""
    documents: Mapped[list[Json]]
    """The document versions that were read: [{id, version}]."""
    facts: Mapped[Json | None]
    """What the model knew of the patient and the stay, so that it can be asked again; None before 0005."""
    not_coded: Mapped[list[Json]]
    automation: Mapped[Json]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("episode_id", "number"),)


class SuggestionLineRow(Base):
    __tablename__ = "suggestion_line"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    suggestion_id: Mapped[str] = mapped_column(ForeignKey("suggestion.id"), index=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    rank: Mapped[int] = mapped_column(Integer)
    """From 1 within suggestion and role."""
    code: Mapped[str] = mapped_column(String(8))
    confidence: Mapped[float] = mapped_column(Float)
    suggested: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(300))
    reason_digest: Mapped[str | None] = mapped_column(String(64))
    """sha256 of the reason, which quotes, where it was erased; None while it stands."""
    procedure_group: Mapped[int | None] = mapped_column(Integer)
    evidence: Mapped[list[Json]]


class DecisionRow(Base):
    """What a person did: an append-only event. Never updated, never deleted."""

    __tablename__ = "decision"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first of the episode."""
    kind: Mapped[str] = mapped_column(String(20))
    line_id: Mapped[str | None] = mapped_column(String(36))
    content: Mapped[Json]
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[str] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(200))
    actor_role: Mapped[str] = mapped_column(String(20))
    model: Mapped[Json | None]
    """The model whose suggestion was on the screen; None when coding without one."""
    standards: Mapped[Json | None]
    tables: Mapped[Json | None]
    decided_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("episode_id", "number"),
        Index("ix_decision_actor", "provider_id", "actor_id", "decided_at"),
        Index("ix_decision_kind", "provider_id", "kind", "decided_at", "actor_id"),
    )
