"""When a call is made again: the service is busy (429, 503), or the connection failed. Pure but for the dice.

Only calls that may be carried out twice come here after a failed connection: they read, or carry an
idempotency key. A refused 429 or 503 has changed nothing.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

RETRIED_STATUSES = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how patiently.

    Args:
        most: retries after the first attempt.
        first_seconds: the first wait; each one after it is twice as long, less chance.
        longest_seconds: of one wait. A Retry-After that asks for more ends the call instead.
    """

    most: int = 4
    first_seconds: float = 0.25
    longest_seconds: float = 30.0
    chance: Callable[[], float] = field(default=random.random)

    def wait_after(self, attempt: int, response: httpx.Response | None, now: datetime) -> float | None:
        """Seconds until the next attempt; None where there is none.

        Args:
            attempt: 0 for the first.
            response: None where the connection failed.
        """
        if attempt >= self.most:
            return None
        if response is not None and response.status_code not in RETRIED_STATUSES:
            return None
        asked = _retry_after(response, now) if response is not None else None
        if asked is not None:
            return asked if asked <= self.longest_seconds else None
        wait = min(self.longest_seconds, self.first_seconds * 2.0**attempt)
        return wait * (0.5 + self.chance() / 2)


def _retry_after(response: httpx.Response, now: datetime) -> float | None:
    """Seconds, from either form of the header (RFC 9110, section 10.2.3)."""
    written = response.headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        return float(written)
    try:
        then = parsedate_to_datetime(written)
    except ValueError:
        return None
    then = then.replace(tzinfo=UTC) if then.tzinfo is None else then
    return max(0.0, (then - now).total_seconds())
