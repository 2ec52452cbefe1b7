"""The episode as every layer knows it: what a clinician wrote, and what a coder made of it.

Offsets count Unicode code points of the text exactly as sent. Codes are in stored form (`I10X`, `E119`).
Vocabulary and file format: docs/architecture.md.
"""

import datetime
from dataclasses import dataclass, field
from enum import StrEnum


class DocumentKind(StrEnum):
    DISCHARGE_SUMMARY = "discharge_summary"
    OPERATION_NOTE = "operation_note"
    HISTOLOGY = "histology"
    ENDOSCOPY_REPORT = "endoscopy_report"
    CLINIC_LETTER = "clinic_letter"
    RADIOLOGY = "radiology"
    OTHER = "other"


class Role(StrEnum):
    """What a code says of the episode."""

    DIAGNOSIS = "diagnosis"
    PROCEDURE = "procedure"


class NotCodedReason(StrEnum):
    NEGATED = "negated"
    QUERIED = "queried"
    FAMILY = "family"
    HISTORY = "history"
    PLANNED = "planned"
    PAST_PROCEDURE = "past_procedure"
    HYPOTHETICAL = "hypothetical"
    VALUE_ONLY = "value_only"
    EXPLAINED_BY = "explained_by"
    OPTIONAL_BY_POLICY = "optional_by_policy"
    NOT_IN_EDITION = "not_in_edition"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    kind: DocumentKind
    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """A finished consultant episode: its documents and what is known of the patient."""

    id: str
    documents: tuple[Document, ...]
    language: str = "en"
    sex: str | None = None
    age: int | None = None
    """Years at episode start."""
    specialty: str | None = None
    treatment_function: str | None = None
    admission_method: str | None = None
    length_of_stay_days: int | None = None
    end: datetime.date | None = None
    """Chooses the edition of tables and standards."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that justify a code: `episode.documents[document].text[start:end] == text`."""

    document: int
    start: int
    end: int
    text: str
    mention: int | None = None
    """Items of one code with the same number are parts of one mention."""


@dataclass(frozen=True, slots=True)
class CodedLine:
    code: str
    evidence: tuple[Evidence, ...] = ()
    group: int | None = None
    """Ties a procedure to its Y and Z lines."""
    date: datetime.date | None = None
    fifth: str | None = None


@dataclass(frozen=True, slots=True)
class NotCoded:
    """A mention that was understood and left out."""

    evidence: Evidence
    reason: NotCodedReason
    note: str | None = None
    would_be: str | None = None


@dataclass(frozen=True, slots=True)
class CodedEpisode:
    """An episode with its coding: gold, or what coders decided."""

    episode: Episode
    diagnoses: tuple[CodedLine, ...] = ()
    """The first is the primary diagnosis."""
    procedures: tuple[CodedLine, ...] = ()
    not_coded: tuple[NotCoded, ...] = ()
    patient: str | None = None
    """Pseudonym, for splitting."""
    style: str | None = field(default=None)
