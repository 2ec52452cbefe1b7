"""Adds links to the chain of a provider."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from service.audit.contents import document_content, document_subject
from service.identity import Actor
from service.tables import AuditHead, AuditRow, DocumentRow, DocumentVersion

GENESIS = "0" * 64


def canonical_json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: object) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def record(
    session: Session, actor: Actor, *, action: str, subject: str, content: Mapping[str, Any], at: datetime
) -> None:
    """Adds a link to the chain of the actor's provider, in this transaction."""
    head = session.get(AuditHead, actor.provider_id, with_for_update=True)
    if head is None:
        head = AuditHead(provider_id=actor.provider_id, number=0, hash=GENESIS)
        session.add(head)
    row = AuditRow(
        provider_id=actor.provider_id,
        number=head.number + 1,
        at=at,
        actor=f"{actor.kind}:{actor.id}",
        action=action,
        subject=subject,
        digest=digest(content),
        previous_hash=head.hash,
        hash="",
    )
    row.hash = link_hash(row)
    head.number, head.hash = row.number, row.hash
    session.add(row)


def record_documents(
    session: Session, actor: Actor, versions: Iterable[DocumentVersion], *, at: datetime
) -> None:
    """A link for each version of a document, so that a version changed later is found by itself."""
    for version in versions:
        content = document_content(session.get_one(DocumentRow, version.document_id), version)
        subject = document_subject(version)
        record(session, actor, action="document.store", subject=subject, content=content, at=at)


def link_hash(row: AuditRow) -> str:
    fields = (
        row.provider_id,
        row.number,
        row.at.isoformat(),
        row.actor,
        row.action,
        row.subject,
        row.digest,
        row.previous_hash,
    )
    return digest(fields)
