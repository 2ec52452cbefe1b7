"""Draws the episodes that are coded a second time, blind: when they come, before any person sees them.

The draw is a keyed hash of the episode's id. It can be repeated by who holds the key, and guessed by nobody:
neither who sends an episode nor who codes it knows whether it will be audited.
"""

import hashlib
import hmac
from datetime import datetime

from sqlalchemy.orm import Session

from service import audit
from service.accounts.directory import new_id
from service.automation.store import AuditStatus
from service.automation.tables import BlindAudit
from service.identity import Actor
from service.tables import EpisodeRow


def is_drawn(episode_id: str, share: float, secret: str) -> bool:
    """
    Args:
        share: of all episodes, 0 to 1.
    """
    drawn = hmac.new(secret.encode(), f"blind audit {episode_id}".encode(), hashlib.sha256).digest()
    return int.from_bytes(drawn[:8]) < share * 2**64


def draw(
    session: Session, actor: Actor, row: EpisodeRow, share: float, secret: str, *, at: datetime
) -> BlindAudit | None:
    """Called once in the life of an episode; None where it was not drawn."""
    if not is_drawn(row.id, share, secret):
        return None
    made = BlindAudit(
        id=new_id(),
        provider_id=row.provider_id,
        episode_id=row.id,
        share=share,
        drawn_at=at,
        status=AuditStatus.WAITING,
    )
    session.add(made)
    session.flush()
    content = {"episode": row.id, "share": share}
    audit.record(
        session, actor, action="audit.draw", subject=f"blind_audit:{made.id}", content=content, at=at
    )
    return made
