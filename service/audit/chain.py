"""Adds links to the chain of a provider.

What a transaction records is linked when it ends: the head of the chain is the last row that it locks, so
that two transactions never wait for each other, and however many links there are, they are written at once.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from service.audit.contents import document_content, document_subject
from service.audit.tables import AuditHead, AuditRow
from service.identity import Actor
from service.tables import DocumentRow, DocumentVersion

GENESIS = "0" * 64
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_LINKS: Table = AuditRow.metadata.tables["audit"]
_HEADS: Table = AuditHead.metadata.tables["audit_head"]
_WHOSE = _HEADS.c.provider_id == bindparam("provider")
_LOCKED_HEAD = select(_HEADS.c.number, _HEADS.c.hash).where(_WHOSE).with_for_update()
_MOVE_HEAD = update(_HEADS).where(_WHOSE)
_ADD_HEAD = insert(_HEADS)
_ADD_LINKS = insert(_LINKS)


class Recorded(NamedTuple):
    """What a link will say, before its place in the chain is known."""

    provider_id: str
    at: datetime
    actor: str
    action: str
    subject: str
    digest: str


class Link(NamedTuple):
    """What the hash of a link covers."""

    provider_id: str
    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    digest: str
    previous_hash: str


@dataclass(slots=True)
class _Pending:
    """What a session recorded in its transaction."""

    recorded: list[Recorded] = field(default_factory=list)
    at_savepoints: dict[SessionTransaction, int] = field(default_factory=dict)
    """How much was recorded when each savepoint that is open was made."""


def canonical_json(value: object) -> bytes:
    return _CANONICAL.encode(value).encode()


def digest(value: object) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def record(
    session: Session, actor: Actor, *, action: str, subject: str, content: Mapping[str, Any], at: datetime
) -> None:
    """Adds a link to the chain of the actor's provider when this transaction is committed."""
    written_by = f"{actor.kind}:{actor.id}"
    said = Recorded(actor.provider_id, at, written_by, action, subject, digest(content))
    if not session.in_transaction():
        session.begin()  # so that there is one to undo
    _pending(session).recorded.append(said)


def record_documents(
    session: Session, actor: Actor, versions: Iterable[DocumentVersion], *, at: datetime
) -> None:
    """A link for each version of a document, so that a version changed later is found by itself."""
    for version in versions:
        with session.no_autoflush:  # a document is written before its versions
            document = session.get_one(DocumentRow, version.document_id)
        content = document_content(document, version)
        subject = document_subject(version)
        record(session, actor, action="document.store", subject=subject, content=content, at=at)


def link_hash(link: AuditRow | Link) -> str:
    fields = (
        link.provider_id,
        link.number,
        link.at.isoformat(),
        link.actor,
        link.action,
        link.subject,
        link.digest,
        link.previous_hash,
    )
    return digest(fields)


def _pending(session: Session) -> _Pending:
    pending: _Pending = session.info.setdefault("audit", _Pending())
    return pending


@event.listens_for(Session, "before_commit")
def link_recorded(session: Session) -> None:
    """Writes what was recorded; called at the end of each transaction.

    Its rows are written first: with the head in hand, it waits for no other.
    """
    pending = _pending(session)
    if not pending.recorded or session.in_nested_transaction():
        return
    session.flush()
    by_provider: dict[str, list[Recorded]] = {}
    for said in pending.recorded:
        by_provider.setdefault(said.provider_id, []).append(said)
    for provider_id in sorted(by_provider):
        _append(session.connection(), provider_id, by_provider[provider_id])
    pending.recorded.clear()


def _append(connection: Connection, provider_id: str, recorded: Sequence[Recorded]) -> None:
    whose = {"provider": provider_id}
    head = connection.execute(_LOCKED_HEAD, whose).one_or_none()
    number, previous = head or (0, GENESIS)
    links: list[dict[str, object]] = []
    for said in recorded:
        number += 1
        link = Link(said.provider_id, number, *said[1:], previous_hash=previous)
        previous = link_hash(link)
        links.append(link._asdict() | {"hash": previous})
    connection.execute(_ADD_LINKS, links)
    if head is None:
        connection.execute(_ADD_HEAD, {"provider_id": provider_id, "number": number, "hash": previous})
    else:
        connection.execute(_MOVE_HEAD, whose | {"number": number, "hash": previous})


@event.listens_for(Session, "after_transaction_create")
def _note_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        pending = _pending(session)
        pending.at_savepoints[transaction] = len(pending.recorded)


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """All of it, where a session is used again."""
    if transaction.parent is None:
        session.info.pop("audit", None)


@event.listens_for(Session, "after_soft_rollback")
def _undo(session: Session, transaction: SessionTransaction) -> None:
    """With a savepoint goes what was recorded since it was made."""
    pending = _pending(session)
    if transaction in pending.at_savepoints:
        del pending.recorded[pending.at_savepoints[transaction] :]
