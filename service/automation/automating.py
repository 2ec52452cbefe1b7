"""The hand of the gate: writes what a suggestion says and finalises it, by the path that decisions take.

All that can speak against it is asked first. Whatever is refused on the way leaves the episode as it was.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.classifications.editions import editions
from models.reasons import OPENING, Reason
from service.automation import store
from service.automation.drift import WINDOW, has_drifted
from service.automation.standing import DRIFTED, VERSIONS_CHANGED, close_stratum, gate_actor
from service.automation.tables import AutomationSwitch, GateVerdict
from service.coding.status import Status
from service.deps import Services
from service.episodes import schemas as s
from service.episodes.deciding import decide
from service.episodes.store import coding_of, decisions_of, suggestions_of
from service.errors import ServiceError
from service.identity import Actor
from service.observability import log
from service.tables import EpisodeRow, SuggestionRow


def consider(session: Session, held: Services, row: EpisodeRow, *, at: datetime) -> bool:
    """Automates the episode where its stratum is open and nothing speaks against it; says whether it did.

    Called in the transaction that stored the suggestion, before any person sees the episode.
    """
    if not store.has_switches(session, row.provider_id):
        return False
    suggestions = suggestions_of(session, row.id)
    verdict = store.verdict_of(session, suggestions[-1].id) if suggestions else None
    switch = store.switch_of(session, row.provider_id, verdict.stratum) if verdict else None
    if verdict is None or switch is None or not switch.is_on:
        return False
    if reason := _refusal(session, held, row, suggestions[-1], verdict, switch, at=at):
        log.info("automation.left_to_a_person", stratum=verdict.stratum, reason=reason)
        return False
    return _automate(session, held, row, at)


def _refusal(  # noqa: PLR0913 (all that is asked)
    session: Session,
    held: Services,
    row: EpisodeRow,
    suggestion: SuggestionRow,
    verdict: GateVerdict,
    switch: AutomationSwitch,
    *,
    at: datetime,
) -> Reason | None:
    gate = gate_actor(row.provider_id)
    if verdict.versions != switch.versions:
        close_stratum(session, gate, switch.stratum, VERSIONS_CHANGED, at=at)
        return Reason.VERSIONS_CHANGED
    if _drifted(session, verdict, switch):
        close_stratum(session, gate, switch.stratum, DRIFTED, at=at)
        return Reason.DRIFT
    if reason := _of_episode(row, verdict):
        return reason
    if verdict.confidence < switch.threshold:
        return Reason.BELOW_THRESHOLD
    if (
        row.status != Status.READY
        or row.claimed_by
        or row.unsuggested_reason
        or decisions_of(session, row.id)
    ):
        return Reason.TOUCHED
    return None if _tables_known(held, row, suggestion) else Reason.UNKNOWN_TABLES


def _of_episode(row: EpisodeRow, verdict: GateVerdict) -> Reason | None:
    """What its texts say; of some it is known only after the gate was asked."""
    if verdict.held_back:
        return Reason(next(one for one in verdict.reasons if one not in OPENING))
    if row.no_electronic_text:
        return Reason.NO_TEXT
    return Reason.SPELL_TEXT if row.spell_level_text else None


def _tables_known(held: Services, row: EpisodeRow, suggestion: SuggestionRow) -> bool:
    """The editions in force on the episode end are those that the model read; where a hospital has imported
    any of a classification, one of these has to be in force on that day."""
    if row.episode_end is None:
        return False
    for name, edition in suggestion.tables.items():
        imported = editions(held.settings.tables_dir, name)
        in_force = [one.edition for one in imported if one.holds_on(row.episode_end)]
        if imported and in_force[-1:] != [edition]:
            return False
    return True


def _drifted(session: Session, verdict: GateVerdict, switch: AutomationSwitch) -> bool:
    """Looked at once in every WINDOW episodes since the stratum opened."""
    since = select(func.count()).where(
        GateVerdict.provider_id == switch.provider_id,
        GateVerdict.stratum == switch.stratum,
        GateVerdict.versions == switch.versions,
        GateVerdict.created_at > switch.at,
    )
    count = session.scalar(since) or 0
    if not count or count % WINDOW:
        return False
    newest = store.confidences(session, switch.provider_id, switch.stratum, switch.versions, WINDOW)
    return has_drifted(switch.reference, newest)


def _automate(session: Session, held: Services, row: EpisodeRow, at: datetime) -> bool:
    gate = gate_actor(row.provider_id)
    try:
        with session.begin_nested():
            _write(session, held, gate, row, at)
    except ServiceError as error:  # what people may not do, the gate may not either
        session.refresh(row)
        log.warning("automation.refused", error=type(error).__name__)
        return False
    return True


def _write(session: Session, held: Services, gate: Actor, row: EpisodeRow, at: datetime) -> None:
    coding = coding_of(session, suggestions_of(session, row.id), ())
    for line in coding.undecided:
        accept = s.Accept(kind="accept", line=line.id)
        decide(session, held.tables, gate, row.id, row.version, accept, at=at)
    decide(session, held.tables, gate, row.id, row.version, s.Finalise(kind="finalise"), at=at)
