"""The two embedded identity sources: API keys for systems, session cookies for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fastapi import Request
from sqlalchemy import bindparam, select

from service.accounts.directory import KEY_PREFIX, is_storable, secret_hash
from service.accounts.passwords import password_holds
from service.db import Database
from service.errors import Unauthenticated
from service.identity import Actor, ActorKind, UserRole
from service.sessions import COOKIE, Sessions, SessionTicket
from service.tables import Account, ApiKey

_KEY = select(ApiKey.id, ApiKey.name, ApiKey.role, ApiKey.provider_id, ApiKey.disabled_at).where(
    ApiKey.secret_hash == bindparam("secret_hash")
)
_ACCOUNT = select(
    Account.id,
    Account.name,
    Account.role,
    Account.provider_id,
    Account.session_epoch,
    Account.disabled_at,
    Account.demonstration,
).where(Account.id == bindparam("account"))
"""Put together once: it is asked for with every request. Columns, because an object takes longer to make."""


class KeySource:
    """`Authorization: Bearer ack_…`"""

    def __init__(self, db: Database) -> None:
        self._db = db

    def identify(self, request: Request) -> Actor | None:
        header = request.headers.get("authorization")
        if header is None:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.startswith(KEY_PREFIX):
            raise Unauthenticated
        with self._db.glance() as session:
            row = session.execute(_KEY, {"secret_hash": secret_hash(secret)}).first()
        if row is None or row.disabled_at is not None:
            raise Unauthenticated
        return Actor(ActorKind.KEY, row.id, row.name, UserRole(row.role), row.provider_id)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What came of a try to sign in."""

    account: Account | None
    """None: unknown, wrong password, disabled, or a demonstration one elsewhere."""
    tried_id: str | None
    """The account that was meant, where there is one: for the log, never for the answer."""


class _Person(Protocol):
    """An account, or what is read of one with every request."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def provider_id(self) -> str: ...
    @property
    def disabled_at(self) -> datetime | None: ...
    @property
    def demonstration(self) -> bool: ...


class SessionSource:
    """The signed cookie of someone who signed in with a local account."""

    def __init__(self, db: Database, sessions: Sessions, *, demonstration: bool) -> None:
        self._db = db
        self._sessions = sessions
        self._demonstration = demonstration

    def identify(self, request: Request) -> Actor | None:
        ticket = self._sessions.read(request.cookies.get(COOKIE, ""))
        if ticket is None:
            return None
        with self._db.glance() as session:
            row = session.execute(_ACCOUNT, {"account": ticket.account_id}).first()
        if row is None or row.session_epoch != ticket.epoch or not self._may_sign_in(row):
            return None
        request.state.stale_ticket = ticket if ticket.stale else None
        return _person(row, ticket)

    def sign_in(self, username: str, password: str) -> SignIn:
        row = self._account(username.strip().casefold())
        right = password_holds(password, row.password_hash if row else None)
        admitted = row is not None and right and self._may_sign_in(row)
        return SignIn(row if admitted else None, row.id if row else None)

    def _account(self, username: str) -> Account | None:
        if not is_storable(username, Account.username):
            return None
        with self._db.glance() as session:
            return session.scalar(select(Account).where(Account.username == username))

    def _may_sign_in(self, row: "_Person") -> bool:
        return row.disabled_at is None and (self._demonstration or not row.demonstration)


def _person(row: "_Person", ticket: SessionTicket) -> Actor:
    return Actor(
        ActorKind.ACCOUNT, row.id, row.name, UserRole(row.role), row.provider_id, session_id=ticket.session_id
    )
