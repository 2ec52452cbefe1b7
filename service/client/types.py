"""What the service answers, typed. Fields that a later version adds are ignored."""

from datetime import date as Day
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Evidence(_Answer):
    """Words of a document, by place: Unicode code points."""

    document: str
    start: int
    end: int
    text: str


class SuggestedLine(_Answer):
    code: str
    display: str
    title: str
    confidence: float
    suggested: bool
    group: int | None
    reason: str
    evidence: tuple[Evidence, ...]


class LeftOut(_Answer):
    reason: str
    would_be: str | None
    note: str | None
    evidence: Evidence


class Version(_Answer):
    """A model, by name, version and digest."""

    name: str
    version: str
    digest: str


class Suggestions(_Answer):
    """What a model proposes for a text."""

    model: Version
    diagnoses: tuple[SuggestedLine, ...]
    procedures: tuple[SuggestedLine, ...]
    not_coded: tuple[LeftOut, ...]


class Line(_Answer):
    """One code of an episode: decided, or proposed."""

    id: str
    role: str
    code: str
    fifth: str | None = None
    display: str
    title: str
    state: str
    confidence: float | None
    reason: str | None
    group: int | None
    date: Day | None
    evidence: tuple[Evidence, ...]


class Coding(_Answer):
    """The coding that stands; the first diagnosis is primary."""

    diagnoses: tuple[Line, ...]
    procedures: tuple[Line, ...]


class Finding(_Answer):
    """What a coding standard says."""

    rule: str
    standard: str
    edition: str
    severity: str
    text: str
    lines: tuple[str, ...]


class EpisodeSuggestions(_Answer):
    id: str
    model: Version
    created_at: datetime
    undecided: tuple[Line, ...]
    candidates: tuple[Line, ...]
    rejected: tuple[Line, ...]


class Document(_Answer):
    id: str
    version: int
    kind: str
    status: str
    text: str


class Attribution(_Answer):
    """Under whom the episode stands, and why."""

    code: str
    sent: str | None
    basis: str
    reason: str
    policy: str | None


class EpisodeSummary(_Answer):
    id: str
    spell_number: str
    episode_number: str | None
    status: str
    version: int
    site: str | None
    treatment_function: str | None
    episode_end: Day | None
    due_date: Day
    claimed_by: str | None

    @property
    def episode(self) -> str:
        return self.id


class Episode(EpisodeSummary):
    """An episode with all that belongs to it. Pass it to `decide`: it knows its version."""

    clinician: str | None
    attribution: Attribution | None = None
    documents: tuple[Document, ...]
    suggestions: EpisodeSuggestions | None
    suggestions_reason: str | None
    coding: Coding
    findings: tuple[Finding, ...]


class EpisodePage(_Answer):
    episodes: tuple[EpisodeSummary, ...]
    next_cursor: str | None


class Decided(_Answer):
    """A decision and the coding after it. Pass it to `decide` for the next one."""

    episode: str = ""
    decision: dict[str, Any] = Field(default_factory=dict)
    status: str
    version: int
    coding: Coding
    undecided: int
    findings: tuple[Finding, ...]


class CodeEntry(_Answer):
    code: str
    display: str
    title: str
    usage: int
    assignable: bool


class CodeHit(_Answer):
    entry: CodeEntry
    matched: str


class CodeSearch(_Answer):
    hits: tuple[CodeHit, ...]


class Acknowledgement(_Answer):
    """The ACK of an HL7 v2 message."""

    code: str
    """AA taken; AE or AR kept in quarantine."""
    text: str

    @property
    def is_taken(self) -> bool:
        return self.code == "AA"
