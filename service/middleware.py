"""What surrounds every request, as plain ASGI: body limit, security headers, log line and metrics."""

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import BodyTooLarge, ServiceError, UnsupportedMedia
from service.observability import REQUEST_SECONDS, REQUESTS, log
from service.problems import problem

_SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "strict-transport-security": "max-age=63072000",
}
_ALWAYS = tuple(
    (name.encode(), value.encode())
    for name, value in (_SECURITY_HEADERS | {"cache-control": "no-store"}).items()
)
"""Where an answer has none of its own."""


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                missing = (header for header in _ALWAYS if header[0] not in given)
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class BodyLimit:
    """Refuses large and compressed bodies; counts what is streamed, not only what Content-Length claims."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is not None:
            await problem(refusal)(scope, receive, send)
            return
        await self._limited(scope, receive, send)

    def _refusal(self, headers: Headers) -> ServiceError | None:
        if headers.get("content-encoding", "identity") != "identity":
            return UnsupportedMedia("send the body without compression")
        length = headers.get("content-length", "0")
        claimed = int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0
        return self._too_large() if claimed > self._max_bytes else None

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"send at most {self._max_bytes} bytes")

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        started = exceeded = False

        async def counted() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            exceeded = received > self._max_bytes
            if exceeded:
                raise _TooMuch
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            if exceeded and not started:
                return  # whatever the application made of the failure
            started = started or message["type"] == "http.response.start"
            await send(message)

        with suppress(_TooMuch):
            await self._app(scope, counted, watched)
        if exceeded and not started:
            await problem(self._too_large())(scope, receive, send)


class _TooMuch(Exception):
    """More arrived than is allowed."""


class RequestRecord:
    """One log line and two metrics a request, by the route's template: addresses may hold identifiers."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = self._clock(), 500
        request_id = str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = request_id

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._note(scope, status, self._clock() - started, request_id)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route: Any = scope.get("route")  # set by Starlette's router
        template = getattr(route, "path", "unknown")
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        REQUESTS.labels(method, template, status).inc()
        REQUEST_SECONDS.labels(method, template).observe(seconds)
        log.info(
            "request",
            request_id=request_id,
            method=method,
            route=template,
            status=status,
            seconds=round(seconds, 4),
        )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
