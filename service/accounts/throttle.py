"""Slows down whoever guesses passwords: so many tries for a user name, so many from an address.

Counted in the memory of a process: several workers or replicas allow that many times more.
"""

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from service.errors import TooManyRequests

_FOR_USERNAME = parse("10 per 10 minutes")
_FROM_ADDRESS = parse("60 per minute")
"""A hospital may reach the service from one address, in the morning all at once."""


class SignInThrottle:
    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def admit(self, username: str, address: str) -> None:
        """Counts a try.

        Raises:
            TooManyRequests: there were too many.
        """
        tries = ((_FROM_ADDRESS, "address", address), (_FOR_USERNAME, "username", _folded(username)))
        for limit, kind, whose in tries:
            if not self._limiter.hit(limit, kind, whose):
                raise TooManyRequests(_WAIT, retry_after_seconds=_seconds(limit))

    def forgive(self, username: str) -> None:
        """Forgets the tries for a user name: the password was right."""
        self._limiter.clear(_FOR_USERNAME, "username", _folded(username))


_WAIT = "too many tries to sign in; wait some minutes and try again"


def _folded(username: str) -> str:
    return username.strip().casefold()[:100]


def _seconds(limit: RateLimitItem) -> int:
    return limit.get_expiry()
