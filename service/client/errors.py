"""What a call can fail with; every failure that the service answers carries its problem details (RFC 9457).

ClientError
├── ConnectionFailed   nothing was answered, also not after every retry
├── Unexpected         the answer is none of this service
└── Problem            the service said no
    ├── NotAllowed     401, 403
    ├── Gone           404
    ├── Conflict       409
    ├── Stale          412  the episode changed; `version` is the current one
    ├── Refused        400, 413, 415, 422, 428
    └── Overloaded     429, 503 after every retry

No message repeats what was sent.
"""

from collections.abc import Mapping
from typing import Any

import httpx


class ClientError(Exception):
    """A call did not succeed."""


class ConnectionFailed(ClientError):
    """The service could not be reached, or did not answer in time."""


class Unexpected(ClientError):
    """The answer is not one of this service: a proxy, or another version."""


class Problem(ClientError):
    """The service answered with a problem."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = dict(problem)
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        super().__init__(f"{status} {self.title}" + (f": {self.detail}" if self.detail else ""))

    @property
    def type(self) -> str:
        """urn:autocoder:problem:…, to tell one refusal from another."""
        return str(self.problem.get("type", ""))


class NotAllowed(Problem):
    """The key is not valid, or its role does not allow this."""


class Gone(Problem):
    """There is no such thing at this provider."""


class Conflict(Problem):
    """This cannot be done now."""


class Stale(Problem):
    """The episode has changed since it was read."""

    @property
    def version(self) -> int | None:
        """The current version: read the episode again before deciding on it."""
        version = self.problem.get("version")
        return version if isinstance(version, int) else None


class Refused(Problem):
    """The request does not make sense; `errors` of the problem names fields."""


class Overloaded(Problem):
    """The service is busy, also after every retry."""


_BY_STATUS: Mapping[int, type[Problem]] = {
    401: NotAllowed, 403: NotAllowed, 404: Gone, 409: Conflict, 412: Stale, 429: Overloaded, 503: Overloaded,
}  # fmt: skip


def failure(response: httpx.Response) -> ClientError:
    """The failure that an answer of 4xx or 5xx is."""
    if response.headers.get("content-type", "").split(";")[0] != "application/problem+json":
        return Unexpected(f"status {response.status_code} without problem details")
    kind = _BY_STATUS.get(response.status_code, Refused if response.status_code < 500 else Problem)
    return kind(response.status_code, response.json())
