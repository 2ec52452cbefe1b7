"""What challengers answered in the shadow."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.tables import Base, Json


class ChallengerRow(Base):
    """What the challenger answered beside a suggestion; never shown to coders. Codes and places, no words."""

    __tablename__ = "challenger_suggestion"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"))
    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    suggestion_id: Mapped[str] = mapped_column(ForeignKey("suggestion.id"))
    model: Mapped[Json]
    model_digest: Mapped[str] = mapped_column(String(64))
    lines: Mapped[list[Json]]
    """In the order of the prediction: role, code, confidence, suggested, group, evidence as places."""
    agrees: Mapped[bool] = mapped_column(Boolean)
    """The same codes were suggested, and the same primary diagnosis."""
    difference: Mapped[Json]
    """{primary: {champion, challenger}, only_champion, only_challenger}, codes only."""
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("suggestion_id", "model_digest"),
        Index("ix_challenger_suggestion_list", "provider_id", "model_digest", "created_at", "id"),
    )
