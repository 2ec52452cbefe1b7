"""Every failure that a caller can meet, as one tree; each is answered as an RFC 9457 problem.

ServiceError
├── BadRequest               400  body cannot be decoded
├── Unauthenticated          401
├── Forbidden                403
│   └── CsrfRejected         403
├── NotFound                 404  also: another provider's
├── Conflict                 409
│   ├── IllegalState         409  the status does not allow this decision
│   ├── CodingIncomplete     409  finalise before every suggestion is decided
│   ├── AlreadyClaimed       409
│   ├── CodeStandsAlready    409
│   └── NameTaken            409
├── StaleVersion             412  If-Match names an older version; carries the current state
├── BodyTooLarge             413
├── UnsupportedMedia         415
├── Unprocessable            422
│   ├── UnknownCodeGiven     422
│   ├── UnknownLine          422
│   ├── SpanMismatch         422
│   ├── LeadingQuestion      422  carries what could lead the clinician
│   └── KeyReused            422  the Idempotency-Key came with another body before
├── PreconditionRequired     428
├── TooManyRequests          429
├── ModelUnavailable         503
│   └── ModelFailed          503  it failed on this text, and would again
└── DatabaseBusy             503
    └── SchemaOutdated       503  the database waits for `autocoder migrate`

InsecureSettings stands apart: it ends the process at start.
The first line of a class's docstring is its title. No message ever repeats what was sent.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class InsecureSettings(Exception):
    """The settings are not fit to serve with."""


class ServiceError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "error"

    def __init__(
        self,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, Any] | None = None,  # JSON values
    ) -> None:
        super().__init__(detail or self.title())
        self.detail = detail
        self.headers = dict(headers or {})
        self.extensions = dict(extensions or {})

    @classmethod
    def title(cls) -> str:
        return (cls.__doc__ or "").split("\n", maxsplit=1)[0].rstrip(".")


class BadRequest(ServiceError):
    """The request body could not be decoded."""

    status = 400
    slug = "bad-request"


class Unauthenticated(ServiceError):
    """Sign in, or send a valid API key."""

    status = 401
    slug = "unauthenticated"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(ServiceError):
    """Your role does not allow this."""

    status = 403
    slug = "forbidden"


class CsrfRejected(Forbidden):
    """The form was not sent from a page of this service."""

    slug = "csrf"


class NotFound(ServiceError):
    """There is no such thing here."""

    status = 404
    slug = "not-found"


class Conflict(ServiceError):
    """This cannot be done now."""

    status = 409
    slug = "conflict"


class IllegalState(Conflict):
    """The status of the episode does not allow this decision."""

    slug = "illegal-state"


class CodingIncomplete(Conflict):
    """The coding is not complete."""

    slug = "coding-incomplete"


class AgainstStandards(Conflict):
    """The coding does not fit a coding standard."""

    slug = "against-standards"


class AlreadyClaimed(Conflict):
    """Someone else has claimed this episode."""

    slug = "already-claimed"


class CodeStandsAlready(Conflict):
    """This diagnosis code stands in the coding already."""

    slug = "code-stands-already"


class NameTaken(Conflict):
    """This name is in use."""

    slug = "name-taken"


class StaleVersion(ServiceError):
    """The episode has changed since you read it."""

    status = 412
    slug = "stale-version"


class BodyTooLarge(ServiceError):
    """The request body is too large."""

    status = 413
    slug = "body-too-large"


class UnsupportedMedia(ServiceError):
    """The request body is in a form that is not read here."""

    status = 415
    slug = "unsupported-media"


class Unprocessable(ServiceError):
    """The request does not make sense."""

    status = 422
    slug = "unprocessable"


class UnknownCodeGiven(Unprocessable):
    """The classification in force does not have this code."""

    slug = "unknown-code"


class UnknownLine(Unprocessable):
    """The episode has no such line."""

    slug = "unknown-line"


class SpanMismatch(Unprocessable):
    """The evidence does not stand at that place of the document."""

    slug = "span-mismatch"


class LeadingQuestion(Unprocessable):
    """The question could lead the clinician; word it openly, or confirm it."""

    slug = "leading-question"


class KeyReused(Unprocessable):
    """This Idempotency-Key was used for another request."""

    slug = "idempotency-key-reused"


class PreconditionRequired(ServiceError):
    """Send If-Match with the version of the episode that you decided on."""

    status = 428
    slug = "precondition-required"


class TooManyRequests(ServiceError):
    """Too many requests; try again soon."""

    status = 429
    slug = "too-many-requests"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class ModelUnavailable(ServiceError):
    """No model can answer now; coding by hand works."""

    status = 503
    slug = "model-unavailable"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": "10"})


class ModelFailed(ModelUnavailable):
    """The model failed on this text; coding by hand works."""


class DatabaseBusy(ServiceError):
    """The database is busy or away; nothing was changed."""

    status = 503
    slug = "database-busy"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


class SchemaOutdated(DatabaseBusy):
    """The database does not have the schema of this version: run `autocoder migrate`."""

    slug = "schema-outdated"
