"""The hash chain of each provider, and its end."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base, BigId


class AuditRow(Base):
    """One link of a provider's hash chain. Holds digests, never text: service/audit."""

    __tablename__ = "audit"

    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    """kind:id"""
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    """table:id"""
    digest: Mapped[str] = mapped_column(String(64))
    """sha256 of the canonical JSON of what was done."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of a provider's chain: locked while a link is added, so that the chain never forks."""

    __tablename__ = "audit_head"

    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigId)
    hash: Mapped[str] = mapped_column(String(64))
