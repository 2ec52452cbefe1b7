"""The tables of the workbench."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base


class CodingSetting(Base):
    """What a manager allows at a provider; the highest number holds. Only ever appended."""

    __tablename__ = "coding_setting"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    number: Mapped[int] = mapped_column(Integer)
    """From 1 within the provider."""
    accept_from: Mapped[float | None] = mapped_column(Float)
    """The confidence from which suggestions may be accepted together; None where they may not."""
    actor_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("provider_id", "number"),)
