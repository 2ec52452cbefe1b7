"""What a coder model answers: suggested lines with evidence and confidence, and what it left out and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data.episodes import Evidence, NotCoded, Role
from models.reasons import Reason
from models.standards.coding import Finding
from models.standards.version import StandardsVersion

__all__ = ["Automation", "Finding", "ModelVersion", "Prediction", "StandardsVersion", "SuggestedLine"]


@dataclass(frozen=True, slots=True)
class ModelVersion:
    name: str
    version: str
    digest: str
    """sha256 over the bundle's manifest."""


@dataclass(frozen=True, slots=True)
class SuggestedLine:
    role: Role
    code: str
    title: str
    confidence: float
    """Calibrated probability that a coder would give this code: 0.9 is right nine times in ten."""
    suggested: bool
    """True for the lines put before the coder; False for further candidates."""
    evidence: tuple[Evidence, ...]
    reason: str
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Automation:
    """What the gate says of an episode (models/gate); without a gate, that there is none."""

    eligible: bool = False
    """It would have been automated. What is automated is a matter of the service."""
    confidence: float = 0.0
    """That the whole coding is right."""
    stratum: str = "unknown"
    reasons: tuple[Reason, ...] = (Reason.NO_GATE,)
    """Why not; empty where it is eligible."""


@dataclass(frozen=True, slots=True)
class Prediction:
    episode_id: str
    model: ModelVersion
    standards: StandardsVersion
    tables: Mapping[str, str]
    """Edition per classification."""
    diagnoses: tuple[SuggestedLine, ...]
    """Suggested lines in coding order (the first is primary), then up to 30 candidates by confidence."""
    procedures: tuple[SuggestedLine, ...]
    not_coded: tuple[NotCoded, ...]
    local_terms: str = ""
    """Digest of the provider's own terms; empty where it has none."""
    findings: tuple[Finding, ...] = ()
    """What the standards say of the suggested lines; places count diagnoses first, then procedures."""
    automation: Automation = field(default_factory=Automation)
