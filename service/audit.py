"""The audit record: one hash chain a provider, written in the transaction of what it records.

Each link holds sha256(previous hash + canonical JSON of its own fields). A changed, removed, reordered or
inserted link breaks the chain; a changed decision no longer has the digest that its link holds; a cut tail
is missing from the head. Links hold digests, never text, so text can be erased and the chain still verifies.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.identity import Actor
from service.tables import AuditHead, AuditRow, DecisionRow, Provider

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
    row.hash = _link_hash(row)
    head.number, head.hash = row.number, row.hash
    session.add(row)


def decision_content(row: DecisionRow) -> dict[str, Any]:
    """What the chain vouches for of a decision: every field; of quoted text, its digest."""
    return {
        "id": row.id,
        "episode": row.episode_id,
        "number": row.number,
        "kind": row.kind,
        "line": row.line_id,
        "content": _without_text(row.content),
        "actor": f"{row.actor_kind}:{row.actor_id}",
        "name": row.actor_name,
        "role": row.actor_role,
        "model": row.model,
        "standards": row.standards,
        "tables": row.tables,
        "at": row.decided_at.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class ChainReport:
    provider_code: str
    hashes: tuple[str, ...]
    """Of every link, in order; the last is the head. Note it elsewhere: a tail cut later is found by it."""
    problems: tuple[str, ...]

    @property
    def head(self) -> str:
        return self.hashes[-1] if self.hashes else GENESIS


def verify(session: Session) -> Iterator[ChainReport]:
    """Reads every provider's chain from its first link, and every decision against its link."""
    for provider in session.scalars(select(Provider).order_by(Provider.code)):
        yield _verify_provider(session, provider)


def _verify_provider(session: Session, provider: Provider) -> ChainReport:
    problems: list[str] = []
    hashes: list[str] = []
    digests: dict[str, str] = {}
    rows = select(AuditRow).where(AuditRow.provider_id == provider.id).order_by(AuditRow.number)
    for row in session.scalars(rows.execution_options(yield_per=1000)):
        problems.extend(_link_problems(row, len(hashes) + 1, hashes[-1] if hashes else GENESIS))
        hashes.append(row.hash)
        if row.action.startswith("decision."):
            digests[row.subject] = row.digest
    report = ChainReport(provider.code, tuple(hashes), ())
    problems.extend(_head_problems(session.get(AuditHead, provider.id), report))
    problems.extend(_decision_problems(session, provider.id, digests))
    return replace(report, problems=tuple(problems))


def _link_problems(row: AuditRow, expected: int, previous: str) -> Iterator[str]:
    if row.number != expected:
        yield f"link {expected}: missing or out of order (found {row.number})"
    elif row.previous_hash != previous:
        yield f"link {row.number}: does not follow the link before it"
    if row.hash != _link_hash(row):
        yield f"link {row.number}: was changed"


def _head_problems(head: AuditHead | None, report: ChainReport) -> Iterator[str]:
    expected = (head.number, head.hash) if head else (0, GENESIS)
    if expected != (len(report.hashes), report.head):
        yield f"head: the chain should end at link {expected[0]}, it ends at {len(report.hashes)}"


def _decision_problems(session: Session, provider_id: str, digests: dict[str, str]) -> Iterator[str]:
    rows = select(DecisionRow).where(DecisionRow.provider_id == provider_id)
    for row in session.scalars(rows.execution_options(yield_per=1000)):
        expected = digests.pop(f"decision:{row.id}", None)
        if expected is None:
            yield f"decision {row.id}: has no link"
        elif expected != digest(decision_content(row)):
            yield f"decision {row.id}: was changed"
    yield from (f"{subject.replace(':', ' ')}: is gone" for subject in digests)


def _link_hash(row: AuditRow) -> str:
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


def _without_text(content: Mapping[str, Any]) -> dict[str, Any]:
    quoted = [
        {**item, "text": hashlib.sha256(item["text"].encode()).hexdigest()}
        for item in content.get("evidence", ())
    ]
    return {**content, "evidence": quoted} if quoted else dict(content)
