"""A request with an Idempotency-Key is carried out once; a replay is answered with the same bytes.

The record is written in the transaction of the work itself, so either both stand or neither. Two requests
with the same key at the same time: the second waits for the first before it looks at anything, and then
replays its answer. SQLite has one writer at a time; PostgreSQL has a lock for each key.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import (
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    bindparam,
    delete,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from service.db import Database
from service.errors import DatabaseBusy, KeyReused
from service.identity import Actor
from service.tables import Base

_ATTEMPTS = 4
_BATCH = 500


class IdempotencyRow(Base):
    """The answer given to a key, kept so that a replay is answered with the same bytes."""

    __tablename__ = "idempotency"

    provider_id: Mapped[str] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    actor_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    etag: Mapped[str | None] = mapped_column(String(40))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    etag: str | None = None

    @classmethod
    def of(cls, answer: BaseModel, *, status: int, version: int | None = None) -> "Reply":
        etag = f'"{version}"' if version is not None else None
        return cls(status, answer.model_dump_json().encode(), etag)

    def response(self) -> Response:
        headers = {"ETag": self.etag} if self.etag else {}
        return Response(self.body, self.status, headers, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Request:
    """What makes two requests the same: who asked, and what."""

    actor: Actor
    key: str | None
    digest: str

    @classmethod
    def of(cls, actor: Actor, key: str | None, what: str, body: BaseModel) -> "Request":
        content = f"{what}\n{body.model_dump_json()}".encode()
        return cls(actor, key, hashlib.sha256(content).hexdigest())

    def lock_number(self) -> int:
        """A signed 64-bit number for the key: two keys that share one would only wait for each other."""
        whose = "\n".join((self.actor.provider_id, self.actor.id, self.key or "")).encode()
        return int.from_bytes(hashlib.sha256(whose).digest()[:8], signed=True)


def carry_out(db: Database, request: Request, now: datetime, work: Callable[[Session], Reply]) -> Reply:
    """Does the work in one transaction, or replays the answer given before.

    Raises:
        KeyReused: the key came with another request before.
    """
    for _ in range(_ATTEMPTS):
        try:
            with db.write() as session:
                _wait_for_turn(session, request)
                return stored(session, request) or _first_time(session, request, now, work)
        except IntegrityError:
            continue  # another request made the same row first: look again
    raise DatabaseBusy


def forget(db: Database, before: datetime) -> int:
    """Deletes the answers given before that instant, some at a time; returns how many."""
    key = (IdempotencyRow.provider_id, IdempotencyRow.actor_id, IdempotencyRow.key)
    old = select(*key).where(IdempotencyRow.created_at < before).limit(_BATCH)
    forgotten = 0
    while True:
        with db.read() as session:
            keys = [tuple(found) for found in session.execute(old)]
        if not keys:
            return forgotten
        with db.write() as session:
            session.execute(delete(IdempotencyRow).where(tuple_(*key).in_(keys)))
        forgotten += len(keys)


def _wait_for_turn(session: Session, request: Request) -> None:
    if request.key is not None and session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": request.lock_number()})


_ANSWER = select(
    IdempotencyRow.request_digest, IdempotencyRow.status, IdempotencyRow.body, IdempotencyRow.etag
).where(
    IdempotencyRow.provider_id == bindparam("provider"),
    IdempotencyRow.actor_id == bindparam("actor"),
    IdempotencyRow.key == bindparam("key"),
)
"""Put together once: it is asked with every change."""


def stored(session: Session, request: Request) -> Reply | None:
    """The answer given to this key before, if any."""
    if request.key is None:
        return None
    asked = {"provider": request.actor.provider_id, "actor": request.actor.id, "key": request.key}
    row = session.execute(_ANSWER, asked).first()
    if row is None:
        return None
    if row.request_digest != request.digest:
        raise KeyReused
    return Reply(row.status, row.body, row.etag)


def _first_time(session: Session, request: Request, now: datetime, work: Callable[[Session], Reply]) -> Reply:
    reply = work(session)
    if request.key is not None:
        session.add(
            IdempotencyRow(
                provider_id=request.actor.provider_id,
                actor_id=request.actor.id,
                key=request.key,
                request_digest=request.digest,
                status=reply.status,
                etag=reply.etag,
                body=reply.body,
                created_at=now,
            )
        )
    session.flush()
    return reply
