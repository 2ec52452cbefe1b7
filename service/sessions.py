"""Signed session cookies and the CSRF tokens that belong to them.

A cookie holds an account id, its session epoch and a random session id; signing out, a new password or a
disabled account ends it. It is renewed as it is used and ends after an idle time.
"""

import secrets
import time
from dataclasses import dataclass

from itsdangerous import BadData, Signer, URLSafeTimedSerializer

COOKIE = "autocoder_session"
_RENEW_AFTER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SessionTicket:
    account_id: str
    epoch: int
    session_id: str
    stale: bool
    """Old enough to be renewed with this answer."""


class Sessions:
    def __init__(self, secret: str, *, idle_seconds: int) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="session")
        self._csrf = Signer(secret, salt="csrf")
        self._idle_seconds = idle_seconds

    def issue(self, account_id: str, epoch: int, session_id: str | None = None) -> str:
        """A cookie value."""
        content = [account_id, epoch, session_id or secrets.token_urlsafe(16)]
        value = self._serializer.dumps(content)
        return value if isinstance(value, str) else value.decode()

    @property
    def idle_seconds(self) -> int:
        return self._idle_seconds

    def read(self, cookie: str) -> SessionTicket | None:
        """The ticket, or None when it is forged, damaged or too old."""
        try:
            content, signed_at = self._serializer.loads(
                cookie, max_age=self._idle_seconds, return_timestamp=True
            )
            account_id, epoch, session_id = content
        except (BadData, ValueError, TypeError):
            return None
        age = time.time() - signed_at.timestamp()
        return SessionTicket(account_id, epoch, session_id, stale=age > _RENEW_AFTER_SECONDS)

    def read_ended(self, cookie: str) -> SessionTicket | None:
        """The ticket of a genuine cookie, however old: it lets nobody in, but says whose work it was."""
        try:
            account_id, epoch, session_id = self._serializer.loads(cookie)
        except (BadData, ValueError, TypeError):
            return None
        return SessionTicket(account_id, epoch, session_id, stale=True)

    def csrf_token(self, session_id: str) -> str:
        return self._csrf.sign(session_id).decode()

    def csrf_holds(self, session_id: str, token: str) -> bool:
        try:
            return self._csrf.unsign(token).decode() == session_id
        except (BadData, UnicodeError):
            return False
