"""Failures as RFC 9457 problem details. What was sent is never repeated: it may be a patient's record."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import errors
from service.errors import ServiceError
from service.observability import log

MEDIA_TYPE = "application/problem+json"
_MAX_PROBLEMS = 5


def problem(error: ServiceError) -> Response:
    content = {
        **error.extensions,  # first: what the RFC names must not be overwritten
        "type": f"urn:autocoder:problem:{error.slug}",
        "title": error.title(),
        "status": error.status,
        **({"detail": error.detail} if error.detail else {}),
    }
    return _response(content, error.status, error.headers)


def documented(*kinds: type[ServiceError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for the failures that a route may answer with."""
    every: tuple[type[ServiceError], ...] = (
        *kinds,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.DatabaseBusy,
    )
    responses: dict[int | str, dict[str, Any]] = {}
    for kind in every:
        title = responses.get(kind.status, {}).get("description")
        responses[kind.status] = {
            "description": f"{title} / {kind.title()}" if title else kind.title(),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return responses


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


PageMaker = Callable[[Request, ServiceError], Response | None]
"""Makes a page of a failure that a person meets; None where a system asked."""


def install(app: FastAPI, *, pages: PageMaker) -> None:
    """Answers every failure of the application: people get a page, systems a problem."""

    def answer(request: Request, error: ServiceError) -> Response:
        return pages(request, error) or problem(error)

    @app.exception_handler(ServiceError)
    async def on_service_error(request: Request, error: ServiceError) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        return answer(request, _invalid(error))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        return answer(request, _http(request, error))


class Defects:
    """Answers what nobody foresaw. It stands inside the security headers; Starlette's own place for this is
    outside. It lets no message out to the server's log: it may quote what was sent."""

    def __init__(self, app: ASGIApp, pages: PageMaker) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            log.error("request.failed", error=type(error).__name__, where=_innermost(error))
            if scope["type"] != "http" or started:
                raise ServiceError("failed while answering") from None
            failure = ServiceError("the failure was logged")
            answer = self._pages(Request(scope, receive), failure) or problem(failure)
            await answer(scope, receive, send)


def _invalid(error: RequestValidationError) -> ServiceError:
    if any(item["type"] == "json_invalid" for item in error.errors()):
        return errors.BadRequest("the body is not valid JSON in UTF-8")
    found = [
        {"field": _field(item["loc"]), "problem": _plain(str(item["msg"]))}
        for item in error.errors()[:_MAX_PROBLEMS]
    ]
    return errors.Unprocessable("some fields are not as documented", extensions={"errors": found})


def _field(location: tuple[Any, ...]) -> str:
    """The path of a field. Names that the caller made up may hold anything: only plain ones are repeated."""
    parts = [str(part) for part in location]
    return ".".join(
        part if (part.isascii() and part.isidentifier()) or part.isdigit() else "?" for part in parts
    )[:80]


def _plain(message: str) -> str:
    """Pydantic's words; its few messages that quote the input are cut before the quotation."""
    return message.split("input_value", maxsplit=1)[0].encode("ascii", "replace").decode()[:100]


def _http(request: Request, error: HTTPException) -> ServiceError:
    kinds = {400: errors.BadRequest, 404: errors.NotFound, 405: _MethodNotAllowed}
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    kind: type[ServiceError] = kinds.get(error.status_code, ServiceError)
    return kind(headers=headers)


class _MethodNotAllowed(ServiceError):
    """This address does not have that method."""

    status = 405
    slug = "method-not-allowed"


def _methods(request: Request) -> set[str]:
    """Every method of the path; Starlette names those of one route only."""
    routes = (context.original_route for context in iter_route_contexts(request.app.routes))
    return {
        method
        for route in routes
        if isinstance(route, Route) and route.path_regex.match(request.scope["path"])
        for method in route.methods or ()
    }


def _innermost(error: Exception) -> str:
    """File and line of the failure: never its message, which may quote what was sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "unknown"


def _response(content: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    body = json.dumps(content, ensure_ascii=True)
    return Response(body, status, dict(headers), media_type=MEDIA_TYPE)
