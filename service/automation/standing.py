"""What a provider's own blind audits show of each stratum; opening it, and closing it.

Off until a manager opens it, which needs the bound to be shown by audits of the very versions in force. It
closes by itself when an audit breaks the bound, when the versions change, and when the drift alarm goes off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from data.gate import Stratum, read_strata
from models.gate import LEAST_CASES, Threshold, most_error, safest_threshold, supports
from service import audit
from service.accounts.directory import new_id
from service.automation import store
from service.automation.contents import switch_content
from service.automation.drift import MOST_REFERENCE, reference_of
from service.automation.tables import AutomationSwitch
from service.config import Settings
from service.errors import IllegalState, NotFound
from service.identity import Actor, ActorKind, UserRole
from service.tables import SuggestionRow

BOUND_BROKEN = "the blind audits no longer show that the error is small enough"
VERSIONS_CHANGED = "model, tables, standards or local terms have changed"
DRIFTED = "episodes no longer look like those that the bound was shown on"


def strata() -> tuple[Stratum, ...]:
    """Those that can be opened."""
    return tuple(one for one in read_strata() if one.automatic)


@dataclass(frozen=True, slots=True)
class Standing:
    """A stratum at a provider, as it stands."""

    stratum: Stratum
    switch: AutomationSwitch | None
    is_open: bool
    suggestions: int
    would_automate: int
    cases: int
    """Blind audits of the versions in force that nothing but the confidence held back."""
    wrong: int
    counted: int
    """Cases at or above the threshold."""
    errors: int
    threshold: float | None
    """Where it is open, the one that it was opened with; else the lowest that the audits support."""
    bound: float
    can_open: bool
    why: str


def standings(session: Session, settings: Settings, provider_id: str) -> tuple[Standing, ...]:
    latest = store.latest_suggestion(session, provider_id)
    versions = store.versions_digest(store.named_versions(latest)) if latest else ""
    seen = store.seen(session, provider_id, versions)
    return tuple(
        standing(session, settings, provider_id, one, versions, seen.get(one.name, (0, 0)))
        for one in strata()
    )


def standing(
    session: Session,
    settings: Settings,
    provider_id: str,
    stratum: Stratum,
    versions: str,
    seen: tuple[int, int] = (0, 0),
) -> Standing:
    found = store.cases(session, provider_id, stratum.name, versions)
    switch = store.switch_of(session, provider_id, stratum.name)
    is_open = switch is not None and switch.is_on and switch.versions == versions
    shown = safest_threshold(found, settings.automation_error, settings.automation_confidence)
    value = switch.threshold if switch is not None and is_open else shown.value if shown else None
    counted = [case for case in found if value is None or case.confidence >= value]
    errors = sum(not case.is_right for case in counted)
    return Standing(
        stratum=stratum,
        switch=switch,
        is_open=is_open,
        suggestions=seen[0],
        would_automate=seen[1],
        cases=len(found),
        wrong=sum(not case.is_right for case in found),
        counted=len(counted),
        errors=errors,
        threshold=value,
        bound=most_error(errors, len(counted), settings.automation_confidence),
        can_open=not is_open and shown is not None,
        why=_why(switch, is_open=is_open, shown=shown, cases=len(found)),
    )


def _why(switch: AutomationSwitch | None, *, is_open: bool, shown: Threshold | None, cases: int) -> str:
    if is_open and switch is not None:
        return switch.because
    closed = ""
    if switch is not None:
        closed = f"{VERSIONS_CHANGED if switch.is_on else switch.because}; "
    if shown is not None:
        return f"{closed}the audits support opening it; no manager has"
    if cases < LEAST_CASES:
        return f"{closed}{cases} blind audits of these versions count; at least {LEAST_CASES} are needed"
    return f"{closed}the audits do not show that the error is small enough, at any confidence"


def open_stratum(
    session: Session, settings: Settings, actor: Actor, name: str, *, at: datetime
) -> AutomationSwitch:
    """
    Raises:
        NotFound: there is no such stratum.
        IllegalState: it is open, or the provider's own audits do not support it.
    """
    stratum = next((one for one in strata() if one.name == name), None)
    if stratum is None:
        raise NotFound("there is no such stratum")
    latest = store.latest_suggestion(session, actor.provider_id)
    if latest is None:
        raise IllegalState("nothing has been suggested here yet: there is nothing to automate")
    versions = store.versions_digest(store.named_versions(latest))
    found = standing(session, settings, actor.provider_id, stratum, versions)
    if found.is_open:
        raise IllegalState("it is open already")
    cases = store.cases(session, actor.provider_id, name, versions)
    shown = safest_threshold(cases, settings.automation_error, settings.automation_confidence)
    if shown is None:
        raise IllegalState(found.why)
    return _append(session, settings, actor, stratum.name, latest, shown, at=at)


def _append(  # noqa: PLR0913 (who opens what, on what evidence)
    session: Session,
    settings: Settings,
    actor: Actor,
    stratum: str,
    latest: SuggestionRow,
    shown: Threshold,
    *,
    at: datetime,
) -> AutomationSwitch:
    last = store.switch_of(session, actor.provider_id, stratum)
    named = store.named_versions(latest)
    versions = store.versions_digest(named)
    confidences = store.confidences(session, actor.provider_id, stratum, versions, MOST_REFERENCE)
    made = AutomationSwitch(
        id=new_id(),
        provider_id=actor.provider_id,
        stratum=stratum,
        number=last.number + 1 if last else 1,
        is_on=True,
        because=f"opened by {actor.name}: {shown.errors} of {shown.cases} blind audits wrong"[:300],
        versions=versions,
        named_versions=named,
        error_limit=settings.automation_error,
        confidence_level=settings.automation_confidence,
        threshold=shown.value,
        cases=shown.cases,
        errors=shown.errors,
        bound=shown.bound,
        reference=reference_of(confidences),
        **_by(actor, at),
    )
    return _store(session, actor, made, "automation.open", at)


def close_stratum(
    session: Session, actor: Actor, name: str, because: str, *, at: datetime
) -> AutomationSwitch:
    """
    Raises:
        NotFound: there is no such stratum.
        IllegalState: it is not open.
    """
    if name not in {one.name for one in strata()}:
        raise NotFound("there is no such stratum")
    last = store.switch_of(session, actor.provider_id, name)
    if last is None or not last.is_on:
        raise IllegalState("it is not open")
    kept = (
        "stratum", "versions", "named_versions", "error_limit", "confidence_level", "threshold", "cases",
        "errors", "bound", "reference",
    )  # fmt: skip
    made = AutomationSwitch(
        id=new_id(),
        provider_id=actor.provider_id,
        number=last.number + 1,
        is_on=False,
        because=because[:300],
        **{field: getattr(last, field) for field in kept},
        **_by(actor, at),
    )
    return _store(session, actor, made, "automation.close", at)


def close_where_broken(
    session: Session, provider_id: str, stratum: str | None, *, at: datetime
) -> AutomationSwitch | None:
    """After an audit: closes the stratum where its cases no longer support what it was opened for."""
    switch = store.switch_of(session, provider_id, stratum) if stratum else None
    if stratum is None or switch is None or not switch.is_on:
        return None
    found = store.cases(session, provider_id, stratum, switch.versions)
    counted = [case for case in found if case.confidence >= switch.threshold]
    errors = sum(not case.is_right for case in counted)
    if supports(errors, len(counted), switch.error_limit, switch.confidence_level):
        return None
    because = f"{BOUND_BROKEN}: {errors} of {len(counted)} wrong"
    return close_stratum(session, gate_actor(provider_id), stratum, because, at=at)


def gate_actor(provider_id: str) -> Actor:
    """The gate as the author of what it does."""
    return Actor(ActorKind.GATE, "gate", "Automation gate", UserRole.CODER, provider_id)


def history(session: Session, provider_id: str) -> Sequence[AutomationSwitch]:
    return store.switches_of(session, provider_id)


def _by(actor: Actor, at: datetime) -> dict[str, Any]:
    return {"actor_kind": actor.kind, "actor_id": actor.id, "actor_name": actor.name, "at": at}


def _store(
    session: Session, actor: Actor, made: AutomationSwitch, action: str, at: datetime
) -> AutomationSwitch:
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor,
        action=action,
        subject=f"automation_switch:{made.id}",
        content=switch_content(made),
        at=at,
    )
    return made
