"""What words mean at one provider."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base


class LocalTermRow(Base):
    """A provider's own term or cue, by the columns of data/terms/local.py. Removed by mark."""

    __tablename__ = "local_term"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), index=True)
    use: Mapped[str] = mapped_column(String(8))
    classification: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(8))
    phrase: Mapped[str] = mapped_column(String(200))
    match: Mapped[str] = mapped_column(String(8))
    needs: Mapped[str] = mapped_column(String(200))
    companions: Mapped[str] = mapped_column(String(200))
    assertion: Mapped[str] = mapped_column(String(16))
    direction: Mapped[str] = mapped_column(String(8))
    scope: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(200))
