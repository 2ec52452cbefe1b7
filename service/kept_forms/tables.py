"""The table of kept forms. Rows live for minutes: what was typed is stored nowhere else."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base, Json


class KeptForm(Base):
    """A form as it was sent, for its own sender to send again."""

    __tablename__ = "kept_form"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    path: Mapped[str] = mapped_column(String(200))
    """Where it was sent."""
    fields: Mapped[Json]
    kept_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
