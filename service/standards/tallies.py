"""How often rules spoke of finalised codings, and how often someone overrode them."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.coding.status import DecisionKind
from service.tables import DecisionRow

MOST_READ = 1000
"""Decisions of each kind that are counted: the newest."""


@dataclass(frozen=True, slots=True)
class Tallies:
    fired: Counter[str]
    """Finalised codings with a finding of the rule."""
    overridden: Counter[str]


def tallies(session: Session, provider_id: str) -> Tallies:
    finalised = _contents(session, provider_id, (DecisionKind.FINALISE, DecisionKind.APPROVE))
    overridden = _contents(session, provider_id, (DecisionKind.OVERRIDE,))
    return Tallies(
        Counter(rule for content in finalised for rule in content.get("findings", ())),
        Counter(content["rule"] for content in overridden),
    )


def _contents(session: Session, provider_id: str, kinds: tuple[DecisionKind, ...]) -> list[dict[str, Any]]:
    rows = select(DecisionRow.content).where(
        DecisionRow.provider_id == provider_id, DecisionRow.kind.in_(kinds)
    )
    return list(session.scalars(rows.order_by(DecisionRow.decided_at.desc()).limit(MOST_READ)))
