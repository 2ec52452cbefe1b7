"""Policies of providers on the coding standards."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base


class StandardsPolicyRow(Base):
    """A provider's own policy on top of the coding standards; the highest number is in force."""

    __tablename__ = "standards_policy"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    number: Mapped[int] = mapped_column(Integer)
    """From 1 within the provider."""
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    """sha256 of the text; empty for the policy that takes every other away."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))

    __table_args__ = (UniqueConstraint("provider_id", "number"),)
