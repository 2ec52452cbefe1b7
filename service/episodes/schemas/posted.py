"""What a sender posts: an episode's facts and its documents."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)

from data.episodes import DocumentKind
from service.text_types import (
    Body,
    CalendarDate,
    ClinicalText,
    ShortText,
)

Identifier = Annotated[ShortText, StringConstraints(max_length=64)]
SenderCode = Annotated[ShortText, StringConstraints(max_length=12)]


class DocumentStatus(StrEnum):
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered_in_error"


class Source(StrEnum):
    """How an episode came."""

    API = "api"
    HL7V2 = "hl7v2"
    FHIR = "fhir"


class DocumentFacts(Body):
    """A clinical text. The same id is a new version of the same document; a new id is a further one."""

    id: ShortText
    kind: DocumentKind = DocumentKind.DISCHARGE_SUMMARY
    title: ShortText | None = None
    status: DocumentStatus = DocumentStatus.FINAL
    date: CalendarDate | None = None
    author: ShortText | None = None


class DocumentIn(DocumentFacts):
    """With its text, whatever it came as."""

    content_type: Annotated[ShortText, StringConstraints(max_length=100)] = "text/plain"
    """Of what was sent; the text is what was taken from it."""
    text: ClinicalText
    original_digest: str | None = None
    """sha256 of the file that the text was taken from; None where text was sent."""
    no_electronic_text: bool = False
    """The file is a scan: nothing in it can be read as words."""
    spell_level: bool = False
    """It tells of the whole spell, which has more than one episode."""

    @model_serializer(mode="wrap")
    def _as_before_files(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What a text has none of is left out: digests of texts are those of earlier releases."""
        written: dict[str, Any] = write(self)
        return {name: value for name, value in written.items() if value or name not in _OF_FILES}


_OF_FILES = frozenset({"original_digest", "no_electronic_text", "spell_level"})


class EpisodeFacts(Body):
    """What is known of an episode beside its documents."""

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
    """The responsible clinician: a consultant code or professional number."""
    treating_clinician: Identifier | None = None
    """Who operated or treated, where that is somebody else."""
    admission_method: Annotated[ShortText, StringConstraints(max_length=16)] | None = None
    patient_classification: Annotated[ShortText, StringConstraints(max_length=16)] | None = None
    discharge_method: Annotated[ShortText, StringConstraints(max_length=8)] | None = None
    source_of_admission: Annotated[ShortText, StringConstraints(max_length=8)] | None = None
    discharge_destination: Annotated[ShortText, StringConstraints(max_length=8)] | None = None
    spell_start: CalendarDate | None = None
    spell_end: CalendarDate | None = None
    episode_start: CalendarDate | None = None
    episode_end: CalendarDate | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    """Of the documents; English where never said."""


class EpisodeIn(EpisodeFacts):
    """A finished consultant episode. Natural key: (your provider, spell_number, episode_number)."""

    documents: Annotated[tuple[DocumentIn, ...], Field(max_length=50)] = ()
