"""`POST /v1/suggestions`: text in, codes out, nothing kept."""

import json
from typing import Annotated, Any, Self

from fastapi import APIRouter, Body, Response
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from data.episodes import Document, DocumentKind, Episode, Evidence, Role
from data.standards import Severity
from models.prediction import Finding, Prediction, SuggestedLine
from service.deps import Held, SuggestionAsker
from service.episodes.posted import Content
from service.episodes.reading import check_distinct, model_admission, model_sex
from service.errors import (
    BadRequest,
    BodyTooLarge,
    ModelUnavailable,
    TooManyRequests,
    Unprocessable,
    UnsupportedMedia,
)
from service.problems import documented
from service.text_types import Answer, CalendarDate, ClinicalText, ShortText, Years
from service.text_types import Body as BodyModel

router = APIRouter(prefix="/v1/suggestions", tags=["suggestions"])


class TextIn(Content):
    id: ShortText | None = None
    """Evidence names the document by it; its place, from 1, where none is given."""
    kind: DocumentKind = DocumentKind.DISCHARGE_SUMMARY
    title: ShortText | None = None


_EITHER: dict[str, Any] = {
    "examples": [
        {
            "text": "Diagnosis: infective exacerbation of COPD. PMH: T2DM. Ex-smoker.",
            "age": 72,
            "sex": "female",
        }
    ],
    "oneOf": [
        {"required": ["text"], "properties": {"text": {"type": "string"}, "documents": {"type": "null"}}},
        {
            "required": ["documents"],
            "properties": {"documents": {"type": "array", "items": {}}, "text": {"type": "null"}},
        },
    ],
}


class SuggestionsIn(BodyModel):
    """One text, or the documents of one episode; what is known of the patient helps."""

    model_config = ConfigDict(json_schema_extra=_EITHER)

    text: ClinicalText | None = None
    documents: Annotated[tuple[TextIn, ...], Field(max_length=50)] | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] = "en"
    sex: Annotated[ShortText, StringConstraints(max_length=20)] | None = None
    age: Years | None = None
    treatment_function: Annotated[ShortText, StringConstraints(max_length=64)] | None = None
    admission_method: Annotated[ShortText, StringConstraints(max_length=16)] | None = None
    episode_end: CalendarDate | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.documents is None):
            raise ValueError("send either text or documents")
        return self


class SpanOut(Answer):
    document: str
    start: int
    end: int
    text: str


class SuggestedLineOut(Answer):
    code: str
    display: str
    title: str
    confidence: float
    suggested: bool
    """True for the lines that would be put before the coder, in coding order; then further candidates."""
    group: int | None
    reason: str
    evidence: tuple[SpanOut, ...]


class LeftOutOut(Answer):
    reason: str
    would_be: str | None
    note: str | None
    evidence: SpanOut


class VersionOut(Answer):
    name: str
    version: str
    digest: str


class StandardsVersionOut(Answer):
    edition: str
    digest: str
    policy: str
    """Digest of the provider's own policy; empty where it has none."""


class SuggestionFindingOut(Answer):
    """What a coding standard says of the suggested lines."""

    rule: str
    standard: str
    edition: str
    severity: Severity
    text: str
    lines: tuple[int, ...]
    """Places among the suggested lines: diagnoses first, then procedures."""
    query: str


class SuggestionsAnswer(Answer):
    model: VersionOut
    standards: StandardsVersionOut
    tables: dict[str, str]
    local_terms: str
    """Digest of the provider's own terms; empty where it has none."""
    diagnoses: tuple[SuggestedLineOut, ...]
    procedures: tuple[SuggestedLineOut, ...]
    not_coded: tuple[LeftOutOut, ...]
    findings: tuple[SuggestionFindingOut, ...]


@router.post(
    "",
    response_model=SuggestionsAnswer,
    responses=documented(
        BadRequest, BodyTooLarge, UnsupportedMedia, Unprocessable, TooManyRequests, ModelUnavailable
    ),
)
def post_suggestions(held: Held, actor: SuggestionAsker, asked: Annotated[SuggestionsIn, Body()]) -> Response:
    """Codes for a text. Offsets count Unicode code points of the text exactly as sent, or as taken from a
    file."""
    episode = _episode(asked)
    prediction = held.suggester.suggest(episode, actor.provider_id)
    content = json.dumps(_answer(held, episode, prediction), ensure_ascii=False, separators=(",", ":"))
    return Response(content, media_type="application/json")


def _episode(asked: SuggestionsIn) -> Episode:
    texts = asked.documents if asked.documents is not None else (TextIn(text=asked.text or ""),)
    ids = [item.id or str(place) for place, item in enumerate(texts, 1)]
    check_distinct(ids)
    return Episode(
        id="suggestions",
        documents=tuple(
            Document(given, item.kind, item.opened().text, item.title)
            for given, item in zip(ids, texts, strict=True)
        ),
        language=asked.language,
        sex=model_sex(asked.sex),
        age=asked.age,
        treatment_function=asked.treatment_function,
        admission_method=model_admission(asked.admission_method, None),
        end=asked.episode_end,
    )


def _answer(held: Held, episode: Episode, prediction: Prediction) -> dict[str, Any]:
    """As SuggestionsAnswer describes it; to make and check one of each of its parts takes milliseconds."""
    model, standards = prediction.model, prediction.standards
    return {
        "model": {"name": model.name, "version": model.version, "digest": model.digest},
        "standards": {
            "edition": standards.edition,
            "digest": standards.digest,
            "policy": standards.policy,
        },
        "tables": dict(prediction.tables),
        "local_terms": prediction.local_terms,
        "diagnoses": _lines(held, episode, Role.DIAGNOSIS, prediction.diagnoses),
        "procedures": _lines(held, episode, Role.PROCEDURE, prediction.procedures),
        "not_coded": [
            {
                "reason": item.reason,
                "would_be": item.would_be,
                "note": item.note,
                "evidence": _span(episode, item.evidence),
            }
            for item in prediction.not_coded
        ],
        "findings": [_finding(finding) for finding in prediction.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "standard": finding.standard,
        "edition": finding.edition,
        "severity": finding.severity,
        "text": finding.text,
        "lines": finding.lines,
        "query": finding.query,
    }


def _lines(
    held: Held, episode: Episode, role: Role, lines: tuple[SuggestedLine, ...]
) -> list[dict[str, Any]]:
    table = held.tables.by_role[role]
    return [
        {
            "code": line.code,
            "display": table.display(line.code),
            "title": line.title,
            "confidence": line.confidence,
            "suggested": line.suggested,
            "group": line.group,
            "reason": line.reason,
            "evidence": [_span(episode, item) for item in line.evidence],
        }
        for line in lines
    ]


def _span(episode: Episode, evidence: Evidence) -> dict[str, Any]:
    document = episode.documents[evidence.document].id
    return {"document": document, "start": evidence.start, "end": evidence.end, "text": evidence.text}
