"""What is sent: episodes with their documents. Every field but the spell number may be left out."""

from datetime import date as Day
from typing import Literal

from pydantic import BaseModel, ConfigDict

DocumentKind = Literal[
    "discharge_summary",
    "operation_note",
    "histology",
    "endoscopy_report",
    "clinic_letter",
    "radiology",
    "other",
]
DocumentStatus = Literal["preliminary", "final", "amended", "entered_in_error"]


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(_Sent):
    """A clinical text; the same id is a new version of the same document."""

    id: str
    text: str
    kind: DocumentKind = "discharge_summary"
    status: DocumentStatus = "final"
    title: str | None = None
    date: Day | None = None
    author: str | None = None


class Episode(_Sent):
    """A finished consultant episode; spell and episode number make a second one an update."""

    spell_number: str
    episode_number: str | None = None
    nhs_number: str | None = None
    nhs_number_status: str | None = None
    local_patient_id: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    birth_date: Day | None = None
    sex: str | None = None
    site: str | None = None
    treatment_function: str | None = None
    main_specialty: str | None = None
    clinician: str | None = None
    treating_clinician: str | None = None
    admission_method: str | None = None
    patient_classification: str | None = None
    discharge_method: str | None = None
    source_of_admission: str | None = None
    discharge_destination: str | None = None
    spell_start: Day | None = None
    spell_end: Day | None = None
    episode_start: Day | None = None
    episode_end: Day | None = None
    language: str | None = None
    documents: tuple[Document, ...] = ()


class Text(_Sent):
    """A text to ask suggestions for, without an episode; with nothing but facts that a model reads."""

    text: str
    sex: str | None = None
    age: int | None = None
    treatment_function: str | None = None
    admission_method: str | None = None
    episode_end: Day | None = None
    language: str = "en"
