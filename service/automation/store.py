"""Reads rows of automation, each query scoped to a provider: another's audit is not found."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from service import audit
from service.automation.tables import AutomationSwitch, BlindAudit, GateVerdict
from service.errors import NotFound
from service.identity import Actor
from service.tables import SuggestionRow

_ANY_SWITCH = (
    select(AutomationSwitch.id).where(AutomationSwitch.provider_id == bindparam("provider")).limit(1)
)


class AuditStatus(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"


class Case(NamedTuple):
    """A blind audit that counts: of an episode that nothing but its confidence held back."""

    confidence: float
    is_right: bool


def named_versions(suggestion: SuggestionRow) -> dict[str, Any]:
    """All that a bound is shown for; when any of it changes, the bound is shown no more."""
    return {
        "model": suggestion.model,
        "standards": suggestion.standards,
        "tables": suggestion.tables,
        "local_terms": suggestion.local_terms or "",
    }


def versions_digest(named: Mapping[str, Any]) -> str:
    """Of a model its digest: a name or a number does not change what it answers."""
    return audit.digest({**named, "model": named["model"]["digest"]})


def audits_of(actor: Actor) -> Select[BlindAudit]:
    return select(BlindAudit).where(BlindAudit.provider_id == actor.provider_id)


def audit_of(session: Session, actor: Actor, audit_id: str, *, lock: bool = False) -> BlindAudit:
    """
    Raises:
        NotFound: there is none, or it is another provider's.
    """
    query = audits_of(actor).where(BlindAudit.id == audit_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("there is no such audit")
    return row


def cases(session: Session, provider_id: str, stratum: str, versions: str) -> list[Case]:
    """The provider's own audits of these versions, by which the stratum opens and closes."""
    query = select(BlindAudit.confidence, BlindAudit.is_right).where(
        BlindAudit.provider_id == provider_id,
        BlindAudit.stratum == stratum,
        BlindAudit.versions == versions,
        BlindAudit.is_right.is_not(None),
        BlindAudit.held_back.is_(False),
    )
    return [Case(float(confidence or 0), bool(right)) for confidence, right in session.execute(query)]


def switch_of(session: Session, provider_id: str, stratum: str) -> AutomationSwitch | None:
    """The last word on a stratum; None where it was never touched, so off."""
    query = select(AutomationSwitch).where(
        AutomationSwitch.provider_id == provider_id, AutomationSwitch.stratum == stratum
    )
    return session.scalar(query.order_by(AutomationSwitch.number.desc()).limit(1))


def has_switches(session: Session, provider_id: str) -> bool:
    """Whether the provider ever touched a stratum."""
    return session.scalar(_ANY_SWITCH, {"provider": provider_id}) is not None


def switches_of(session: Session, provider_id: str) -> Sequence[AutomationSwitch]:
    """Every word, the newest first."""
    query = select(AutomationSwitch).where(AutomationSwitch.provider_id == provider_id)
    return session.scalars(query.order_by(AutomationSwitch.at.desc(), AutomationSwitch.number.desc())).all()


def verdict_of(session: Session, suggestion_id: str) -> GateVerdict | None:
    return session.get(GateVerdict, suggestion_id)


def latest_suggestion(session: Session, provider_id: str) -> SuggestionRow | None:
    """The newest of the provider that read something: it names the versions in force."""
    query = (
        select(SuggestionRow)
        .join(GateVerdict, GateVerdict.suggestion_id == SuggestionRow.id)
        .where(GateVerdict.provider_id == provider_id)
        .order_by(GateVerdict.created_at.desc(), SuggestionRow.number.desc())
    )
    return session.scalar(query.limit(1))


def confidences(session: Session, provider_id: str, stratum: str, versions: str, most: int) -> list[float]:
    """Of the newest suggestions of the stratum."""
    query = select(GateVerdict.confidence).where(
        GateVerdict.provider_id == provider_id,
        GateVerdict.stratum == stratum,
        GateVerdict.versions == versions,
    )
    return [float(one) for one in session.scalars(query.order_by(GateVerdict.created_at.desc()).limit(most))]


def seen(session: Session, provider_id: str, versions: str) -> dict[str, tuple[int, int]]:
    """Of each stratum: suggestions, and how many of them would have been automated."""
    query = (
        select(GateVerdict.stratum, GateVerdict.eligible, func.count())
        .where(GateVerdict.provider_id == provider_id, GateVerdict.versions == versions)
        .group_by(GateVerdict.stratum, GateVerdict.eligible)
    )
    found: dict[str, tuple[int, int]] = {}
    for stratum, eligible, count in session.execute(query):
        every, would = found.get(stratum, (0, 0))
        found[stratum] = (every + count, would + (count if eligible else 0))
    return found
