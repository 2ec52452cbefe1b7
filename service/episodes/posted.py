"""Documents as they are posted: as text, or as a file in base64 from which the text is taken.

What is stored is the text that was taken, in which offsets count, beside the sha256 of the file. A file
without words, a scan, is taken too and marked "no electronic text".
"""

import base64
import binascii
import hashlib
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, model_validator

from service.episodes.schemas import DocumentFacts, DocumentIn, EpisodeFacts, EpisodeIn
from service.errors import Unprocessable
from service.messages.errors import CannotExtract
from service.messages.extracting import extract_text
from service.text_types import MAX_TEXT, Body, ClinicalText

_BASE64 = r"^[A-Za-z0-9+/=\s]*$"
_PDF, _RTF = b"%PDF-", b"{\\rtf"

Base64Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=16_000_000, pattern=_BASE64),
    Field(examples=["JVBERi0xLjQK…"]),
]


class ContentType(StrEnum):
    PLAIN = "text/plain"
    PDF = "application/pdf"
    RTF = "application/rtf"
    TEXT_RTF = "text/rtf"


_EITHER: dict[str, Any] = {
    "oneOf": [
        {
            "required": ["text"],
            "properties": {
                "text": {"type": "string"},
                "data": {"type": "null"},
                "content_type": {"const": "text/plain"},
            },
        },
        {"required": ["data"], "properties": {"data": {"type": "string"}, "text": {"type": "null"}}},
    ]
}


class Content(Body):
    """Either `text`, or `data` with its `content_type`."""

    model_config = ConfigDict(json_schema_extra=_EITHER)

    content_type: ContentType = ContentType.PLAIN
    text: ClinicalText | None = None
    data: Base64Text | None = None
    """The file in base64; with `content_type`."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.data is None):
            raise ValueError("send either text or data")
        if self.text is not None and self.content_type is not ContentType.PLAIN:
            raise ValueError("text is text/plain; send a file as data")
        return self

    def opened(self) -> "Opened":
        """The words of it; slow for a file, so never while others wait.

        Raises:
            Unprocessable: the data is not base64, not what `content_type` says, or gives no text.
        """
        if self.data is None:
            return Opened(self.text or "", None)
        content = _decoded(self.data)
        _check_kind(content, self.content_type)
        try:
            text = extract_text(content)
        except CannotExtract as error:
            raise Unprocessable(f"data: {error}") from None
        if len(text) > MAX_TEXT:
            raise Unprocessable("data: it holds more text than a document may")
        return Opened(text, hashlib.sha256(content).hexdigest())


class Opened:
    """A document's words, and the sha256 of the file that they come from."""

    def __init__(self, text: str, digest: str | None) -> None:
        self.text = text
        self.digest = digest

    @property
    def is_scan(self) -> bool:
        return self.digest is not None and not self.text.strip()


def _decoded(data: str) -> bytes:
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unprocessable("data: it is not base64") from None
    if not content:
        raise Unprocessable("data: it is empty")
    return content


def _check_kind(content: bytes, claimed: ContentType) -> None:
    head = content[:1024]
    found = (
        ContentType.PDF
        if _PDF in head
        else ContentType.RTF
        if head.lstrip().startswith(_RTF)
        else ContentType.PLAIN
    )
    if found is not (ContentType.RTF if claimed is ContentType.TEXT_RTF else claimed):
        raise Unprocessable(f"data: it is not {claimed}")


class PostedDocument(Content, DocumentFacts):
    """A document as it is posted: its text, or the file that holds it."""

    spell_level: bool = False
    """It tells of the whole spell, which has more than one episode: shown so, and never automated."""

    def document(self) -> DocumentIn:
        """
        Raises:
            Unprocessable: as `opened`.
        """
        opened = self.opened()
        return DocumentIn(
            **{name: getattr(self, name) for name in DocumentFacts.model_fields},
            spell_level=self.spell_level,
            content_type=self.content_type.value,
            text=opened.text,
            original_digest=opened.digest,
            no_electronic_text=opened.is_scan,
        )


_EXAMPLE: dict[str, JsonValue] = {
    "spell_number": "2139",
    "episode_number": "1",
    "nhs_number": "9434765919",
    "nhs_number_status": "01",
    "local_patient_id": "H100123",
    "birth_date": "1953-05-14",
    "sex": "2",
    "site": "RXX01",
    "treatment_function": "300",
    "main_specialty": "300",
    "clinician": "C1234567",
    "admission_method": "21",
    "patient_classification": "1",
    "episode_start": "2026-03-01",
    "episode_end": "2026-03-05",
    "documents": [
        {"id": "summary-1", "kind": "discharge_summary", "text": "Diagnosis: community acquired pneumonia."}
    ],
}


class PostedEpisode(EpisodeFacts):
    """A finished consultant episode. Natural key: (your provider, spell_number, episode_number)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    documents: Annotated[tuple[PostedDocument, ...], Field(max_length=50)] = ()

    def opened(self) -> EpisodeIn:
        """With the text of every document.

        Raises:
            Unprocessable: a file cannot be read; names which.
        """
        facts = {name: getattr(self, name) for name in EpisodeFacts.model_fields}
        return EpisodeIn(
            **facts, documents=tuple(_named(place, one) for place, one in enumerate(self.documents))
        )


def _named(place: int, posted: PostedDocument) -> DocumentIn:
    try:
        return posted.document()
    except Unprocessable as error:
        raise Unprocessable(f"documents.{place}.{error.detail}") from None
