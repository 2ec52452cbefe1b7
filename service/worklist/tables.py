"""The table of the worklist: what people keep of their own filters."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base


class SavedView(Base):
    """A set of filters under a name, for the person who saved it."""

    __tablename__ = "saved_view"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    owner_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(400))
    """The filters as they stand in the address of the page."""
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("owner_id", "name"),)
