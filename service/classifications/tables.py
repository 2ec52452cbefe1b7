"""What became of each code, to be counted by code. Derived from suggestions and decisions; holds no words."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base, BigId


class CodeUseRow(Base):
    """That a code was suggested, decided on, or stood in a finalised coding. What is undone goes."""

    __tablename__ = "code_use"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    source_id: Mapped[str] = mapped_column(String(36))
    """The decision or suggestion that says so."""
    role: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(12))
    other: Mapped[str | None] = mapped_column(String(8))
    """The code that took its place, or whose place it took."""
    at: Mapped[datetime]

    __table_args__ = (
        Index("ix_code_use_code", "provider_id", "role", "code", "at", "kind", "other", "episode_id"),
    )
