"""Providers, accounts and API keys: made, changed, disabled. Every change is audited.

Accounts are local by default; behind the identity seam OpenID Connect will take their place.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service import audit
from service.accounts.passwords import MIN_LENGTH, hash_password
from service.audit.tables import AuditHead
from service.errors import NameTaken, NotFound, Unprocessable
from service.identity import CODING_ROLES, Actor, ActorKind, UserRole
from service.tables import Account, ApiKey, Provider

KEY_PREFIX = "ack_"


def new_id() -> str:
    return str(uuid.uuid4())


def operator(provider_id: str) -> Actor:
    """Whoever runs commands on the machine itself."""
    return Actor(ActorKind.SYSTEM, "command-line", "command line", UserRole.ADMIN, provider_id)


def integration_engine(provider_id: str) -> Actor:
    """The system whose messages come over MLLP, which itself names nobody."""
    return Actor(ActorKind.SYSTEM, "mllp", "integration engine", UserRole.EPR, provider_id)


def is_storable(text: str, column: InstrumentedAttribute[str]) -> bool:
    """Whether every database can hold it: short enough, without NUL and lone surrogates."""
    fits = len(text) <= (getattr(column.type, "length", None) or 0)
    return fits and not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text)


def provider_by_code(session: Session, code: str) -> Provider:
    known = is_storable(code, Provider.code)
    row = session.scalar(select(Provider).where(Provider.code == code)) if known else None
    if row is None:
        raise NotFound(f"there is no provider {code}")
    return row


def add_provider(session: Session, code: str, name: str, *, at: datetime) -> Provider:
    _check_text(code, Provider.code, "a code")
    _check_text(name, Provider.name, "a name")
    if session.scalar(select(Provider.id).where(Provider.code == code)):
        raise NameTaken(f"there is a provider {code} already")
    row = Provider(id=new_id(), code=code, name=name, created_at=at)
    session.add(row)
    session.flush()
    session.add(AuditHead(provider_id=row.id, number=0, hash=audit.GENESIS))
    session.flush()
    actor = operator(row.id)
    content = {"code": code, "name": name}
    audit.record(session, actor, action="provider.add", subject=f"provider:{row.id}", content=content, at=at)
    return row


@dataclass(frozen=True, slots=True)
class NewAccount:
    username: str
    name: str
    role: UserRole
    password: str
    demonstration: bool = False


def accounts_of(session: Session, provider_id: str) -> Sequence[Account]:
    rows = select(Account).where(Account.provider_id == provider_id).order_by(Account.username)
    return session.scalars(rows).all()


def coders_of(session: Session, provider_id: str) -> Sequence[Account]:
    """Everyone who decides on codes and may sign in, by name."""
    accounts = accounts_of(session, provider_id)
    coding = [one for one in accounts if one.role in CODING_ROLES and one.disabled_at is None]
    return sorted(coding, key=lambda account: account.name)


def keys_of(session: Session, provider_id: str) -> Sequence[ApiKey]:
    rows = select(ApiKey).where(ApiKey.provider_id == provider_id).order_by(ApiKey.name)
    return session.scalars(rows).all()


def add_account(session: Session, actor: Actor, new: NewAccount, *, at: datetime) -> Account:
    """
    Raises:
        NameTaken, Unprocessable: the name is in use, or cannot be kept; the password is too short; EPRs
            use keys.
    """
    username = new.username.strip().casefold()
    _check_text(username, Account.username, "a user name")
    _check_text(new.name, Account.name, "a name")
    _check_password(new.password)
    if new.role is UserRole.EPR:
        raise Unprocessable("systems use API keys, not accounts")
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise NameTaken
    row = Account(
        id=new_id(),
        provider_id=actor.provider_id,
        username=username,
        name=new.name,
        role=new.role,
        password_hash=hash_password(new.password),
        session_epoch=0,
        demonstration=new.demonstration,
        created_at=at,
    )
    session.add(row)
    _audit(session, actor, "account.add", f"account:{row.id}", {"username": username, "role": new.role}, at)
    return row


def set_password(session: Session, actor: Actor, account_id: str, password: str, *, at: datetime) -> None:
    """A new password ends every session of the account."""
    _check_password(password)
    row = _account(session, actor.provider_id, account_id)
    row.password_hash = hash_password(password)
    row.session_epoch += 1
    _audit(session, actor, "account.rotate", f"account:{row.id}", {}, at)


def disable_account(session: Session, actor: Actor, account_id: str, *, at: datetime) -> None:
    row = _account(session, actor.provider_id, account_id)
    row.disabled_at = at
    row.session_epoch += 1
    _audit(session, actor, "account.disable", f"account:{row.id}", {}, at)


def account_by_username(session: Session, provider_id: str, username: str) -> Account:
    folded = username.strip().casefold()
    rows = select(Account).where(Account.provider_id == provider_id, Account.username == folded)
    row = session.scalar(rows) if is_storable(folded, Account.username) else None
    if row is None:
        raise NotFound(f"there is no account {username}")
    return row


def add_key(session: Session, actor: Actor, name: str, role: UserRole, *, at: datetime) -> tuple[ApiKey, str]:
    """The key's row and its secret, which is shown once and never stored."""
    _check_text(name, ApiKey.name, "a name")
    taken = select(ApiKey.id).where(ApiKey.provider_id == actor.provider_id, ApiKey.name == name)
    if session.scalar(taken):
        raise NameTaken
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(
        id=new_id(),
        provider_id=actor.provider_id,
        name=name,
        role=role,
        secret_hash=secret_hash(secret),
        created_at=at,
    )
    session.add(row)
    _audit(session, actor, "key.add", f"key:{row.id}", {"name": name, "role": role}, at)
    return row, secret


def rotate_key(session: Session, actor: Actor, key_id: str, *, at: datetime) -> str:
    """A new secret; the old one stops working at once."""
    row = _key(session, actor.provider_id, key_id)
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    row.secret_hash = secret_hash(secret)
    row.disabled_at = None
    _audit(session, actor, "key.rotate", f"key:{row.id}", {}, at)
    return secret


def disable_key(session: Session, actor: Actor, key_id: str, *, at: datetime) -> None:
    row = _key(session, actor.provider_id, key_id)
    row.disabled_at = at
    _audit(session, actor, "key.disable", f"key:{row.id}", {}, at)


def key_by_name(session: Session, provider_id: str, name: str) -> ApiKey:
    rows = select(ApiKey).where(ApiKey.provider_id == provider_id, ApiKey.name == name)
    row = session.scalar(rows) if is_storable(name, ApiKey.name) else None
    if row is None:
        raise NotFound(f"there is no key {name}")
    return row


def secret_hash(secret: str) -> str:
    """Secrets have 256 random bits, so one round of sha256 keeps them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _account(session: Session, provider_id: str, account_id: str) -> Account:
    row = session.get(Account, account_id)
    if row is None or row.provider_id != provider_id:
        raise NotFound
    return row


def _key(session: Session, provider_id: str, key_id: str) -> ApiKey:
    row = session.get(ApiKey, key_id)
    if row is None or row.provider_id != provider_id:
        raise NotFound
    return row


def _check_text(text: str, column: InstrumentedAttribute[str], what: str) -> None:
    if not text or not is_storable(text, column):
        longest = getattr(column.type, "length", None)
        raise Unprocessable(f"Give {what} of up to {longest} characters.")


def _check_password(password: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise Unprocessable("a password cannot hold lone surrogates")
    if len(password) < MIN_LENGTH:
        raise Unprocessable(f"a password needs {MIN_LENGTH} characters or more")


def _audit(
    session: Session, actor: Actor, action: str, subject: str, content: dict[str, object], at: datetime
) -> None:
    audit.record(session, actor, action=action, subject=subject, content=content, at=at)
