"""Messages of other systems."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base, Json


class MessageRow(Base):
    """A message of another system, and what became of it. What was not taken is kept as it came."""

    __tablename__ = "message"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    channel: Mapped[str] = mapped_column(String(12))
    """hl7v2 | fhir"""
    sender: Mapped[str] = mapped_column(String(200))
    """Application and facility, as the message names them."""
    control_id: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    """ADT^A01, or Bundle document"""
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(300))
    """Why it waits in quarantine; names the place, never the words."""
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """As it came; None once it has been taken."""
    digest: Mapped[str] = mapped_column(String(64))
    """sha256; of HL7 without the first segment, whose time changes when a message is sent again."""
    taken_key: Mapped[str | None] = mapped_column(String(64))
    """Of sender and control id, while taken: none is taken twice."""
    effect: Mapped[Json]
    """What was changed where the change can be taken back: ids only."""
    actor: Mapped[str] = mapped_column(String(200))
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        UniqueConstraint("provider_id", "taken_key"),
        Index("ix_message_waiting", "provider_id", "state", "received_at"),
    )
