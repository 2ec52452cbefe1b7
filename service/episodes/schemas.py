"""What is posted and answered about episodes; the words are those of the vocabulary."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from data.episodes import DocumentKind, Role
from service.coding.coding import LineState
from service.coding.status import DecisionKind, Status
from service.text_types import (
    Answer,
    Body,
    CalendarDate,
    ClinicalText,
    CodeText,
    Offset,
    OrdinalNumber,
    ShortText,
)

Identifier = Annotated[ShortText, StringConstraints(max_length=64)]
SenderCode = Annotated[ShortText, StringConstraints(max_length=12)]


class DocumentStatus(StrEnum):
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered_in_error"


class RejectReason(StrEnum):
    NOT_DOCUMENTED = "not_documented"
    NEGATED_OR_QUERIED = "negated_or_queried"
    HISTORY_ONLY = "history_only"
    NOT_RELEVANT = "not_relevant"
    WRONG_CODE = "wrong_code"
    DUPLICATE = "duplicate"
    AGAINST_STANDARD = "against_standard"
    OTHER = "other"


class HoldReason(StrEnum):
    HISTOLOGY = "histology"
    NOTES = "notes"
    QUERY = "query"


class DocumentIn(Body):
    """A clinical text. The same id is a new version of the same document; a new id is a further one."""

    id: ShortText
    kind: DocumentKind = DocumentKind.DISCHARGE_SUMMARY
    title: ShortText | None = None
    status: DocumentStatus = DocumentStatus.FINAL
    date: CalendarDate | None = None
    author: ShortText | None = None
    content_type: Literal["text/plain"] = "text/plain"
    text: ClinicalText


class EpisodeIn(Body):
    """A finished consultant episode. Natural key: (your provider, spell_number, episode_number)."""

    spell_number: Identifier
    episode_number: Annotated[ShortText, StringConstraints(max_length=16)] | None = None
    nhs_number: Annotated[ShortText, StringConstraints(max_length=20)] | None = None
    nhs_number_status: Annotated[ShortText, StringConstraints(max_length=2)] | None = None
    local_patient_id: Identifier | None = None
    family_name: ShortText | None = None
    given_name: ShortText | None = None
    birth_date: CalendarDate | None = None
    sex: Annotated[ShortText, StringConstraints(max_length=20)] | None = None
    site: SenderCode | None = None
    treatment_function: Identifier | None = None
    main_specialty: Identifier | None = None
    clinician: Identifier | None = None
    admission_method: Annotated[ShortText, StringConstraints(max_length=16)] | None = None
    patient_classification: Annotated[ShortText, StringConstraints(max_length=16)] | None = None
    discharge_method: Annotated[ShortText, StringConstraints(max_length=8)] | None = None
    spell_start: CalendarDate | None = None
    spell_end: CalendarDate | None = None
    episode_start: CalendarDate | None = None
    episode_end: CalendarDate | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    """Of the documents; English where never said."""
    documents: Annotated[tuple[DocumentIn, ...], Field(max_length=50)] = ()


class EvidenceIn(Body):
    """Words of a document, by place; the text is checked where it is given."""

    document: ShortText
    version: OrdinalNumber | None = None
    start: Offset
    end: Offset
    text: ClinicalText | None = None


class _LineDecision(Body):
    line: Identifier


class Accept(_LineDecision):
    kind: Literal["accept"]


class Reject(_LineDecision):
    kind: Literal["reject"]
    reason: RejectReason | None = None
    remember: bool = False
    """Keep the quoted words from leading to this code at this provider."""


class Replace(_LineDecision):
    kind: Literal["replace"]
    code: CodeText


class Remove(_LineDecision):
    kind: Literal["remove"]


class SetDate(_LineDecision):
    kind: Literal["set_date"]
    date: CalendarDate


class Add(Body):
    kind: Literal["add"]
    role: Role
    code: CodeText
    group: OrdinalNumber | None = None
    date: CalendarDate | None = None
    evidence: Annotated[tuple[EvidenceIn, ...], Field(max_length=20)] = ()
    remember: bool = False
    """Let the quoted words lead to this code at this provider."""


class Reorder(Body):
    kind: Literal["reorder"]
    role: Role
    lines: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=200)]


class Undo(Body):
    kind: Literal["undo"]
    decision: Identifier


class Claim(Body):
    kind: Literal["claim"]


class Release(Body):
    kind: Literal["release"]


class Hold(Body):
    kind: Literal["hold"]
    reason: HoldReason
    review_date: CalendarDate | None = None


class Finalise(Body):
    kind: Literal["finalise"]


class Reopen(Body):
    kind: Literal["reopen"]
    reason: ShortText


class Approve(Body):
    kind: Literal["approve"]


class Return(Body):
    kind: Literal["return"]
    reason: ShortText


DecisionIn = Annotated[
    Accept
    | Reject
    | Replace
    | Remove
    | SetDate
    | Add
    | Reorder
    | Undo
    | Claim
    | Release
    | Hold
    | Finalise
    | Reopen
    | Approve
    | Return,
    Field(discriminator="kind"),
]


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
    display: str
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
    at: datetime


class PatientOut(Answer):
    nhs_number: str | None
    nhs_number_status: str | None
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
    claimed_by: str | None
    suggested: bool
    document_since_finalised: bool
    received_at: datetime


class EpisodeOut(EpisodeSummaryOut):
    patient: PatientOut
    main_specialty: str | None
    clinician: str | None
    admission_method: str | None
    patient_classification: str | None
    discharge_method: str | None
    spell_start: date | None
    spell_end: date | None
    episode_start: date | None
    hold_reason: HoldReason | None
    review_date: date | None
    documents: tuple[DocumentOut, ...]
    suggestions: SuggestionsOut | None
    suggestions_reason: str | None
    """Why there are none, or none for the newest documents."""
    newer_model: ModelOut | None
    """Serves since these suggestions were made by another; `POST …/suggestions` asks it."""
    coding: CodingOut
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
