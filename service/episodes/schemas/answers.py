"""What the API tells of an episode."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from data.episodes import DocumentKind, Role
from data.standards import Severity
from service.clinicians.schemas import AttributionOut
from service.coding.coding import LineState
from service.coding.status import DecisionKind, Status
from service.episodes.schemas.decisions import HoldReason, RejectReason
from service.episodes.schemas.posted import DocumentStatus
from service.text_types import (
    Answer,
)


class EvidencePlace(StrEnum):
    CURRENT = "current"
    MOVED = "moved"
    """The document has a newer version; the words were found again in it, at start and end."""
    LOST = "lost"
    """The newer version no longer holds the words."""
    WITHDRAWN = "withdrawn"
    """The document was entered in error: its words justify nothing."""


IN_TEXT = frozenset({EvidencePlace.CURRENT, EvidencePlace.MOVED})
"""Evidence that can be shown at its place in the newest version."""


class EvidenceOut(Answer):
    document: str
    version: int
    start: int
    end: int
    text: str
    place: EvidencePlace = EvidencePlace.CURRENT
    decided_on_version: int | None = None
    """The older version that the decision was made on, where it is not the current one."""


class LineOut(Answer):
    id: str
    role: Role
    code: str
    """Four characters."""
    fifth: str | None
    """The fifth character, where it has one."""
    display: str
    """As coders read it, with the fifth character: `S72.01`."""
    title: str
    state: LineState
    confidence: float | None
    reason: str | None
    suggested_code: str | None
    group: int | None
    date: date | None
    evidence: tuple[EvidenceOut, ...]
    decided_by: str | None
    decided_at: datetime | None
    reject_reason: RejectReason | None


class CodingOut(Answer):
    """The coding that stands, in order; the first diagnosis is primary."""

    diagnoses: tuple[LineOut, ...]
    procedures: tuple[LineOut, ...]


class NotCodedOut(Answer):
    """A mention that the model understood and left out."""

    evidence: EvidenceOut
    reason: str
    note: str | None
    would_be: str | None


class ModelOut(Answer):
    name: str
    version: str
    digest: str


class StandardsOut(Answer):
    edition: str
    digest: str
    policy: str = ""
    """Digest of the provider's own policy; empty where it has none."""


class FixStep(Answer):
    """One edit of a fix: remove, replace, add, move, arrange, set_fifth."""

    kind: str
    line: str | None = None
    role: Role | None = None
    code: str | None = None
    before: str | None = None
    after: str | None = None
    lines: tuple[str, ...] = ()
    fifth: str | None = None


class FindingOut(Answer):
    """What a coding standard says of the coding that stands."""

    rule: str
    standard: str
    edition: str
    severity: Severity
    text: str
    role: Role
    lines: tuple[str, ...]
    fix: tuple[FixStep, ...]
    """What mends it; empty where only a person can."""
    query: str
    """A question worth putting to the clinician."""
    overridden_by: str | None


class ShadowOut(Answer):
    """What the automation gate says: whether it would have automated, with what confidence, why not."""

    eligible: bool
    confidence: float
    stratum: str
    reasons: tuple[str, ...]


class SuggestionsOut(Answer):
    """What the model proposes and nobody has decided on yet."""

    id: str
    model: ModelOut
    standards: StandardsOut
    tables: dict[str, str]
    created_at: datetime
    undecided: tuple[LineOut, ...]
    candidates: tuple[LineOut, ...]
    rejected: tuple[LineOut, ...]
    not_coded: tuple[NotCodedOut, ...]
    shadow: ShadowOut


class DocumentOut(Answer):
    id: str
    version: int
    versions: int
    kind: DocumentKind
    title: str | None
    status: DocumentStatus
    date: date | None
    author: str | None
    content_type: str
    text: str
    original_digest: str | None = None
    """sha256 of the file that the text was taken from; none where text was sent."""
    no_electronic_text: bool = False
    """A scan: nothing in it can be read as words."""
    spell_level: bool = False
    """It tells of the whole spell, which has more than one episode."""
    received_at: datetime


class DecisionOut(Answer):
    id: str
    number: int
    kind: DecisionKind
    line: str | None
    content: dict[str, Any]  # as it was decided: the fields of DecisionIn
    actor: str
    role: str
    model: ModelOut | None
    standards: str | None = None
    """Edition in force when it was decided."""
    at: datetime


class PatientOut(Answer):
    nhs_number: str | None
    nhs_number_status: str | None
    nhs_number_holds: bool | None = None
    """Whether its check digit is right; None where no number is known."""
    local_patient_id: str | None
    family_name: str | None
    given_name: str | None
    birth_date: date | None
    sex: str | None


class EpisodeSummaryOut(Answer):
    id: str
    spell_number: str
    episode_number: str | None
    status: Status
    version: int
    site: str | None
    treatment_function: str | None
    episode_end: date | None
    due_date: date
    stay_days: int | None
    """From start to end of the episode."""
    source: str | None
    """How it came first: api, hl7v2."""
    confidence: float | None
    """Of the least sure of the codes suggested last."""
    claimed_by: str | None
    hold_reason: HoldReason | None
    review_date: date | None
    """When an episode on hold is to be looked at again."""
    suggested: bool
    document_since_finalised: bool
    no_electronic_text: bool = False
    """A document is a scan: to be coded by hand, never automated."""
    spell_level_text: bool = False
    """A document tells of the whole spell, which has more episodes: never automated."""
    histology_arrived: bool
    """A histology report came after the discharge summary, or while the episode was on hold."""
    received_at: datetime


class EpisodeOut(EpisodeSummaryOut):
    patient: PatientOut
    main_specialty: str | None
    clinician: str | None
    """The consultant code as decided."""
    attribution: AttributionOut | None
    """Why that code: as sent, as decided, on what basis and policy."""
    admission_method: str | None
    patient_classification: str | None
    discharge_method: str | None
    source_of_admission: str | None
    discharge_destination: str | None
    spell_start: date | None
    spell_end: date | None
    episode_start: date | None
    documents: tuple[DocumentOut, ...]
    suggestions: SuggestionsOut | None
    suggestions_reason: str | None
    """Why there are none, or none for the newest documents."""
    newer_model: ModelOut | None
    """Serves since these suggestions were made by another; `POST …/suggestions` asks it."""
    coding: CodingOut
    standards: StandardsOut
    """In force for the coding that stands."""
    findings: tuple[FindingOut, ...]
    decisions: tuple[DecisionOut, ...]


class EpisodePage(Answer):
    episodes: tuple[EpisodeSummaryOut, ...]
    next_cursor: str | None


class DecisionAnswer(Answer):
    decision: DecisionOut
    status: Status
    version: int
    coding: CodingOut
    undecided: int
    """Suggestions still to decide before finalising."""
    findings: tuple[FindingOut, ...]
