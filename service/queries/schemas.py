"""What is posted and answered about queries."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from service.episodes.schemas import EvidenceIn
from service.queries.neutrality import Doubt
from service.queries.reminding import Reminder
from service.text_types import Answer, Body, ClinicalText, ShortText


class QueryStatus(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Addressee(StrEnum):
    CLINICIAN = "clinician"
    """The responsible clinician of the episode."""
    SPECIALTY = "specialty"
    """Anyone of the episode's treatment function."""
    ANYONE = "anyone"


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("must hold words")
    return value


Question = Annotated[
    ClinicalText,
    StringConstraints(max_length=1000),
    AfterValidator(_said),
    Field(json_schema_extra={"pattern": r"^[^\u0000]*[^\u0000\s][^\u0000]*$"}),
]
Said = Annotated[ClinicalText, StringConstraints(max_length=4000)]


class QueryIn(Body):
    """A question about words of a document."""

    evidence: EvidenceIn
    question: Question
    options: Annotated[tuple[ShortText, ...], Field(max_length=6)] = ()
    """Answers to choose from. "Other" and "Unable to determine" are always added."""
    to: Addressee = Addressee.CLINICIAN
    """Where the episode does not name one, the wider circle is asked."""
    confirmed: bool = False
    """Put it although the check of its wording has concerns."""


class AnswerIn(Body):
    """One of the options, words, or both."""

    chosen: ShortText | None = None
    text: Said = ""


class ConcernOut(Answer):
    doubt: Doubt
    words: str


class QueryOut(Answer):
    id: str
    episode: str
    status: QueryStatus
    document: str
    version: int
    start: int
    end: int
    words: str
    """That are asked about; empty where the text was erased."""
    question: str
    options: tuple[str, ...]
    concerns: tuple[ConcernOut, ...]
    """The coder put the question in spite of them."""
    clinician: str | None
    specialty: str | None
    asked_by: str
    asked_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    age_days: int
    """Until it was settled, or until now."""
    reminder: Reminder
    answer_document: str | None
    answer: str | None


class QueryPage(Answer):
    queries: tuple[QueryOut, ...]
