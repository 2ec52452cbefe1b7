"""The tables of what goes out: where to, what waits, and who delivers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base


class Destination(Base):
    """A system that is told of finalised codings."""

    __tablename__ = "destination"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    name: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(8))
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed (service/outgoing/sealing.py): it cannot be read from the database alone."""
    former_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Signs beside the new one until it is retired."""
    failures: Mapped[int] = mapped_column(Integer)
    """Attempts in a row at which it did not answer."""
    retry_at: Mapped[datetime | None]
    """Not before this is it tried again."""
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("provider_id", "name"),)


class OutgoingRow(Base):
    """One coding for one destination, written with the decision that finalised it. What it says is folded
    from the decisions up to that one when it is sent, so that nothing of a patient is kept twice."""

    __tablename__ = "outgoing"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """The same at every attempt: by it a receiver knows what came before."""
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    destination_id: Mapped[str] = mapped_column(ForeignKey("destination.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"))
    coding_version: Mapped[int] = mapped_column(Integer)
    """1 for the first coding of the episode; each reopening leads to the next."""
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(Integer)
    refusals: Mapped[int] = mapped_column(Integer)
    """Attempts that the receiver answered without taking it."""
    next_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(String(300))
    """Without the patient's words."""
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("destination_id", "decision_id"),
        Index("ix_outgoing_due", "destination_id", "state", "next_at"),
        Index("ix_outgoing_order", "episode_id", "destination_id", "coding_version"),
        Index("ix_outgoing_list", "provider_id", "state", "created_at"),
    )


class Lease(Base):
    """Work that one process at a time may do, where the database has no advisory locks."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(36))
    until: Mapped[datetime]
