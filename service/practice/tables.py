"""The one table of practice: apart from episodes and decisions, which training and statistics read."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base, Json


class PracticeAttempt(Base):
    """A shipped episode that somebody coded for practice; a case may be tried again."""

    __tablename__ = "practice_attempt"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    account_id: Mapped[str] = mapped_column(String(36))
    case_id: Mapped[str] = mapped_column(String(64))
    """The id of the episode in the corpus that ships."""
    treatment_function: Mapped[str | None] = mapped_column(String(8))
    given: Mapped[Json]
    """{diagnoses, procedures}: codes in order."""
    with_suggestions: Mapped[bool] = mapped_column(Boolean)
    right: Mapped[int] = mapped_column(Integer)
    """Codes that are right, as a whole."""
    wanted: Mapped[int] = mapped_column(Integer)
    """Codes of the right coding."""
    written: Mapped[int] = mapped_column(Integer)
    """Codes that were given."""
    primary_right: Mapped[bool] = mapped_column(Boolean)
    finished_at: Mapped[datetime]

    __table_args__ = (Index("ix_practice_attempt_list", "account_id", "finished_at"),)
