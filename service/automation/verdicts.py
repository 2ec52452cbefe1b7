"""What the gate says of a suggestion, with what only the service knows; stored beside the suggestion.

This is `shadow`: said of every suggestion, whether anything is open or not.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.gate.identifiers import nhs_numbers
from models.prediction import Automation
from models.reasons import OPENING, WORDS, Reason
from service.automation.store import named_versions, versions_digest
from service.automation.tables import GateVerdict
from service.episodes.schemas import DocumentStatus
from service.tables import DocumentVersion, EpisodeRow, SuggestionRow


def seen_here(
    said: Automation, row: EpisodeRow, documents: Mapping[str, DocumentVersion]
) -> tuple[Reason, ...]:
    """The reasons of the model, and those that the stored episode adds."""
    return tuple(dict.fromkeys((*said.reasons, *_stored_reasons(row, documents))))


def _stored_reasons(row: EpisodeRow, documents: Mapping[str, DocumentVersion]) -> Iterator[Reason]:
    if any(version.status == DocumentStatus.PRELIMINARY for version in documents.values()):
        yield Reason.PRELIMINARY
    if row.no_electronic_text:
        yield Reason.NO_TEXT
    if row.spell_level_text:
        yield Reason.SPELL_TEXT
    own = "".join(filter(str.isdigit, row.nhs_number or ""))
    named: set[str] = set().union(*(nhs_numbers(version.text) for version in documents.values()))
    if own and named - {own}:
        yield Reason.IDENTIFIERS_DISAGREE


def automation_json(said: Automation, reasons: tuple[Reason, ...]) -> dict[str, Any]:
    """As it stands on the stored suggestion."""
    return {
        "eligible": not reasons,
        "confidence": said.confidence,
        "stratum": said.stratum,
        "reasons": list(reasons),
    }


def said_in_words(reasons: Iterable[str]) -> list[str]:
    """A reason of another release, which this one does not know, is said by its name."""
    return [WORDS[Reason(one)] if one in set(Reason) else one for one in reasons]


def store_verdict(session: Session, suggestion: SuggestionRow, at: datetime) -> None:
    said = suggestion.automation
    session.add(
        GateVerdict(
            suggestion_id=suggestion.id,
            provider_id=suggestion.provider_id,
            episode_id=suggestion.episode_id,
            stratum=said["stratum"],
            confidence=said["confidence"],
            eligible=said["eligible"],
            held_back=not OPENING.issuperset(said["reasons"]),
            reasons=list(said["reasons"]),
            versions=versions_digest(named_versions(suggestion)),
            created_at=at,
        )
    )
