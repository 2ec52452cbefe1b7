"""What is posted and answered about blind audits and automation."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field

from data.episodes import DocumentKind
from service.automation.comparing import Codes
from service.automation.standing import Standing
from service.automation.store import AuditStatus
from service.automation.tables import AutomationSwitch, BlindAudit
from service.episodes.reading import age_years
from service.tables import DocumentVersion, EpisodeRow
from service.text_types import Answer, Body, CodeText, ShortText

CodeList = Annotated[tuple[CodeText, ...], Field(max_length=100)]


class SecondCodingIn(Body):
    """Codes in any written form, in coding order; the first diagnosis is primary."""

    diagnoses: Annotated[tuple[CodeText, ...], Field(min_length=1, max_length=100)]
    procedures: CodeList = ()
    read: ShortText
    """`text_version` of the documents as they were read."""

    @property
    def codes(self) -> Codes:
        return Codes(self.diagnoses, self.procedures)


class CloseIn(Body):
    reason: ShortText


class BlindDocumentOut(Answer):
    id: str
    version: int
    kind: DocumentKind
    title: str | None
    date: date | None
    text: str


class DifferenceOut(Answer):
    role: str
    kind: str
    """primary: the second coding has this code first. missed: only it has it. extra: only the other has."""
    code: str


class ComparisonOut(Answer):
    """None: there was nothing to compare with. Empty: the same."""

    suggestion: tuple[DifferenceOut, ...] | None
    coding: tuple[DifferenceOut, ...] | None


class AuditSummaryOut(Answer):
    id: str
    status: AuditStatus
    drawn_at: datetime
    claimed_by: str | None

    @classmethod
    def of(cls, row: BlindAudit) -> Self:
        return cls(
            id=row.id, status=AuditStatus(row.status), drawn_at=row.drawn_at, claimed_by=row.claimed_name
        )


class AuditOut(AuditSummaryOut):
    """What the second coder sees: the documents and the patient, no suggestion and no code.

    When the audit is done it says in what the others differ from it.
    """

    age: int | None
    sex: str | None
    treatment_function: str | None
    admission_method: str | None
    patient_classification: str | None
    episode_start: date | None
    episode_end: date | None
    text_version: str
    documents: tuple[BlindDocumentOut, ...]
    second_coding: dict[str, list[str]] | None
    comparison: ComparisonOut | None
    right: bool | None
    """Whether the suggestion as a whole is the second coding."""


class AuditPage(Answer):
    audits: Annotated[
        tuple[AuditSummaryOut, ...], Field(description="Those that the caller may code; the oldest first.")
    ]


def audit_view(
    row: BlindAudit, episode: EpisodeRow, documents: dict[str, DocumentVersion], text_version: str
) -> AuditOut:
    on = episode.episode_start or episode.spell_start or episode.episode_end
    return AuditOut(
        **AuditSummaryOut.of(row).model_dump(),
        age=age_years(episode.birth_date, on),
        sex=episode.sex,
        treatment_function=episode.treatment_function,
        admission_method=episode.admission_method,
        patient_classification=episode.patient_classification,
        episode_start=episode.episode_start,
        episode_end=episode.episode_end,
        text_version=text_version,
        documents=tuple(_document(name, version) for name, version in documents.items()),
        second_coding=row.second_coding,
        comparison=ComparisonOut.model_validate(row.comparison) if row.comparison else None,
        right=row.is_right,
    )


def _document(sender_id: str, version: DocumentVersion) -> BlindDocumentOut:
    fields = {name: getattr(version, name) for name in ("version", "kind", "title", "date", "text")}
    return BlindDocumentOut.model_validate({"id": sender_id, **fields})


class SwitchOut(Answer):
    """A stratum was opened or closed."""

    stratum: str
    is_on: bool
    because: str
    threshold: float
    cases: int
    errors: int
    bound: float
    error_limit: float
    confidence_level: float
    versions: dict[str, Any]  # model, standards, tables and local terms, as on a suggestion
    by: str
    at: datetime

    @classmethod
    def of(cls, row: AutomationSwitch) -> Self:
        names = (
            "stratum", "is_on", "because", "threshold", "cases", "errors", "bound", "error_limit",
            "confidence_level", "at",
        )  # fmt: skip
        fields = {name: getattr(row, name) for name in names}
        return cls(**fields, versions=row.named_versions, by=row.actor_name)


class StandingOut(Answer):
    """A stratum as it stands: what was seen, what blind audits show, whether it is open and why."""

    stratum: str
    label: str
    is_open: bool
    can_open: bool
    why: str
    suggestions: int
    would_automate: int
    """Suggestions that the model's own thresholds would have let through."""
    cases: int
    """Blind audits of the versions in force that nothing but the confidence held back."""
    wrong: int
    threshold: float | None
    counted: int
    """Cases at or above the threshold; every case where there is none."""
    errors: int
    bound: float
    """Exact upper bound of the error of what is counted."""

    @classmethod
    def of(cls, found: Standing) -> Self:
        names = (
            "is_open", "can_open", "why", "suggestions", "would_automate", "cases", "wrong", "threshold",
            "counted", "errors", "bound",
        )  # fmt: skip
        fields = {name: getattr(found, name) for name in names}
        return cls(stratum=found.stratum.name, label=found.stratum.label, **fields)


class AutomationAnswer(Answer):
    error_limit: float
    confidence_level: float
    audit_share: float
    strata: tuple[StandingOut, ...]
    history: tuple[SwitchOut, ...]
