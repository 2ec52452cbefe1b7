"""FHIR over HTTP: bodies are taken as what they are, whichever of the addresses they come to."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from service.deps import Epr, Held, Services
from service.errors import (
    BodyTooLarge,
    DatabaseBusy,
    Forbidden,
    ServiceError,
    Unauthenticated,
    UnsupportedMedia,
)
from service.identity import Actor
from service.messages.fhir.answers import MEDIA_TYPE, outcome
from service.messages.fhir.asked import Warned
from service.messages.fhir.capability import capability_statement
from service.messages.fhir.examples import DOCUMENT_REFERENCE, ENCOUNTER, MESSAGE
from service.messages.fhir.inbox import FhirInbox
from service.messages.fhir.nodes import Node
from service.problems import MEDIA_TYPE as PROBLEM_TYPE

router = APIRouter(prefix="/fhir", tags=["fhir"])

XML = "application/fhir+xml"
_MEDIA_TYPES = frozenset(
    {MEDIA_TYPE, XML, "application/json", "application/xml", "text/xml", "text/json", "application/json+fhir"}
)
_ISSUES = {
    400: "structure", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported",
    413: "too-long", 415: "not-supported", 422: "processing", 429: "throttled", 503: "transient",
}  # fmt: skip
_RESOURCE = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
}
_ANSWER = {"content": {MEDIA_TYPE: {"schema": _RESOURCE}}}


def _responses() -> dict[int | str, dict[str, Any]]:
    failures: tuple[type[ServiceError], ...] = (
        Unauthenticated,
        Forbidden,
        BodyTooLarge,
        UnsupportedMedia,
        DatabaseBusy,
    )
    either = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}, **_ANSWER["content"]}
    return {
        200: {"description": "Known already, or brought up to date: a Bundle.", **_ANSWER},
        201: {"description": "Taken: a Bundle with the suggestions of every episode it is about.", **_ANSWER},
        400: {"description": "Not readable; kept in quarantine: an OperationOutcome.", **_ANSWER},
        422: {"description": "Not taken; kept in quarantine: an OperationOutcome.", **_ANSWER},
        **{kind.status: {"description": kind.title(), "content": either} for kind in failures},
    }


def _documented(kind: str, example: Node) -> dict[str, Any]:
    const = {"properties": {"resourceType": {"type": "string", "const": kind}}} if kind else {}
    return {
        "requestBody": {
            "required": True,
            "content": {
                MEDIA_TYPE: {"schema": {**_RESOURCE, **const}, "example": example},
                XML: {"schema": {"type": "string"}},
            },
        },
        "security": [{"key": []}],
    }


async def fhir_body(request: Request) -> bytes:
    """
    Raises:
        UnsupportedMedia: the body does not claim to be FHIR.
    """
    claimed = request.headers.get("content-type", MEDIA_TYPE).split(";")[0].strip().lower()
    if claimed not in _MEDIA_TYPES:
        raise UnsupportedMedia(f"send a resource as {MEDIA_TYPE} or {XML}")
    return await request.body()


Sent = Annotated[bytes, Depends(fhir_body)]


async def _take(held: Services, actor: Actor, sent: bytes, expected: str) -> Response:
    taken = await run_in_threadpool(FhirInbox(held).take, actor, sent, expected)
    return _answer(taken.answer, taken.status)


def _answer(resource: Node, status: int, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(resource, ensure_ascii=False, separators=(",", ":"))
    return Response(body.encode("utf-8", errors="replace"), status, headers, media_type=MEDIA_TYPE)


@router.post(
    "",
    responses=_responses(),
    response_class=Response,
    openapi_extra=_documented("", MESSAGE),
    status_code=201,
)
async def post_fhir(held: Held, actor: Epr, sent: Sent) -> Response:
    """Takes a document, a message or a resource, in JSON or XML, R4 or the STU3 of ITK3 Transfer of Care.

    Answered with a Bundle: for every episode an Encounter, suggested Conditions (ICD-10) and Procedures
    (OPCS-4) with rank, confidence and evidence, and the Provenance that names model and standards. Sent
    again (same identifier and timestamp) it is answered again and changes nothing. What cannot be taken is
    answered with an OperationOutcome and kept in quarantine, where a person may mend it.
    """
    return await _take(held, actor, sent, "")


@router.post(
    "/Bundle",
    responses=_responses(),
    response_class=Response,
    openapi_extra=_documented("Bundle", MESSAGE),
    status_code=201,
)
async def post_bundle(held: Held, actor: Epr, sent: Sent) -> Response:
    """As `POST /fhir`, for a Bundle of any type."""
    return await _take(held, actor, sent, "Bundle")


@router.post(
    "/$process-message",
    responses=_responses(),
    response_class=Response,
    openapi_extra=_documented("Bundle", MESSAGE),
    status_code=201,
)
async def post_process_message(held: Held, actor: Epr, sent: Sent) -> Response:
    """As `POST /fhir`, for a message; the answer to one is a message that responds to it."""
    return await _take(held, actor, sent, "Bundle")


@router.post(
    "/DocumentReference",
    responses=_responses(),
    response_class=Response,
    openapi_extra=_documented("DocumentReference", DOCUMENT_REFERENCE),
    status_code=201,
)
async def post_document_reference(held: Held, actor: Epr, sent: Sent) -> Response:
    """A document with its file inside. An address of a file is not fetched."""
    return await _take(held, actor, sent, "DocumentReference")


@router.post(
    "/Encounter",
    responses=_responses(),
    response_class=Response,
    openapi_extra=_documented("Encounter", ENCOUNTER),
    status_code=201,
)
async def post_encounter(held: Held, actor: Epr, sent: Sent) -> Response:
    """Keeps a spell and its episodes true: begun, moved (a part of it), finished, cancelled."""
    return await _take(held, actor, sent, "Encounter")


@router.get(
    "/metadata",
    responses={200: {"description": "The CapabilityStatement.", **_ANSWER}},
    response_class=Response,
)
async def get_metadata(request: Request, held: Held) -> Response:
    """What is understood of FHIR. Public, as the standard wants it."""
    return _answer(capability_statement(str(request.base_url) + "fhir", held.clock.now()), 200)


def fhir_failure(request: Request, error: ServiceError) -> Response | None:
    """A failure of these addresses as an OperationOutcome; None for any other."""
    if not request.url.path.startswith("/fhir"):
        return None
    issue = Warned(_ISSUES.get(error.status, "exception"), error.detail or error.title(), "")
    return _answer(outcome([issue], "error"), error.status, dict(error.headers))
