"""Blind audits: listed, claimed, coded a second time without sight of any code, and compared.

Who has worked on the episode is not asked; who holds its audit is not shown its coding until it is done.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from data.episodes import Role
from service import audit
from service.automation.comparing import Codes, comparison_json, differences
from service.automation.contents import audit_content
from service.automation.store import (
    AuditStatus,
    audit_of,
    audits_of,
    named_versions,
    verdict_of,
    versions_digest,
)
from service.automation.tables import BlindAudit
from service.coding.status import Status
from service.deps import CodeTables
from service.episodes.reading import readable
from service.episodes.store import coding_of, decisions_of, document_history, episode_of, suggestions_of
from service.errors import AlreadyClaimed, IllegalState, StaleVersion, UnknownCodeGiven, Unprocessable
from service.identity import Actor
from service.tables import DecisionRow, DocumentVersion, EpisodeRow, SuggestionLineRow, SuggestionRow


def open_audits(session: Session, actor: Actor, most: int = 100) -> Sequence[BlindAudit]:
    """Those that this person may code, their own claims first, then the oldest; only with text to read."""
    worked_on = exists().where(
        DecisionRow.episode_id == BlindAudit.episode_id, DecisionRow.actor_id == actor.id
    )
    query = (
        audits_of(actor)
        .join(EpisodeRow, EpisodeRow.id == BlindAudit.episode_id)
        .where(EpisodeRow.status.not_in((Status.AWAITING_TEXT, Status.WITHDRAWN)), ~worked_on)
        .where(
            (BlindAudit.status == AuditStatus.WAITING)
            | ((BlindAudit.status == AuditStatus.CLAIMED) & (BlindAudit.claimed_by == actor.id))
        )
        .order_by(BlindAudit.status, BlindAudit.drawn_at, BlindAudit.id)
    )
    return session.scalars(query.limit(most)).all()


def claim(session: Session, actor: Actor, audit_id: str, *, at: datetime) -> BlindAudit:
    """
    Raises:
        AlreadyClaimed: somebody else codes it.
        IllegalState: it is done, or this person has worked on the episode.
    """
    row = audit_of(session, actor, audit_id, lock=True)
    _check_free(session, actor, row)
    if row.status == AuditStatus.WAITING:
        row.status, row.claimed_at = AuditStatus.CLAIMED, at
        row.claimed_by, row.claimed_name = actor.id, actor.name
        _record(session, actor, "audit.claim", row, {}, at)
    return row


def _check_free(session: Session, actor: Actor, row: BlindAudit) -> None:
    if row.status == AuditStatus.DONE:
        raise IllegalState("this audit is done")
    if row.status == AuditStatus.CLAIMED and row.claimed_by != actor.id:
        raise AlreadyClaimed("somebody else codes this audit")
    worked_on = select(DecisionRow.id).where(
        DecisionRow.episode_id == row.episode_id, DecisionRow.actor_id == actor.id
    )
    if session.scalar(worked_on.limit(1)) is not None:
        raise IllegalState("you have worked on this episode: its audit is for somebody who has not")


_OPEN_AUDIT = select(BlindAudit.id).where(
    BlindAudit.provider_id == bindparam("provider"),
    BlindAudit.episode_id == bindparam("episode"),
    BlindAudit.claimed_by == bindparam("actor"),
    BlindAudit.status == AuditStatus.CLAIMED,
)
"""Put together once: it is asked with every page and decision of an episode."""


def holds_open_audit(session: Session, actor: Actor, episode_id: str) -> bool:
    """Whether this person is to code the episode blind, and has not done so yet."""
    asked = {"provider": actor.provider_id, "episode": episode_id, "actor": actor.id}
    return session.scalar(_OPEN_AUDIT, asked) is not None


def readable_documents(session: Session, row: BlindAudit) -> dict[str, DocumentVersion]:
    return readable(document_history(session, row.episode_id))


def text_version(documents: Mapping[str, DocumentVersion]) -> str:
    """Names the documents that were read; another one once any of them changes."""
    return audit.digest([[sender_id, version.digest] for sender_id, version in documents.items()])[:16]


def store_second_coding(  # noqa: PLR0913 (who codes what, having read what)
    session: Session,
    tables: CodeTables,
    actor: Actor,
    audit_id: str,
    written: Codes,
    read: str,
    *,
    at: datetime,
) -> BlindAudit:
    """Stores the second coding, compared with the suggestion and with the coding that stands.

    Args:
        written: codes in any written form.
        read: `text_version` of the documents that were read.

    Raises:
        AlreadyClaimed, IllegalState, StaleVersion, UnknownCodeGiven, Unprocessable
    """
    row = audit_of(session, actor, audit_id, lock=True)
    _check_free(session, actor, row)
    if row.status != AuditStatus.CLAIMED:
        raise IllegalState("claim the audit before you code it")
    documents = readable_documents(session, row)
    if text_version(documents) != read:
        raise StaleVersion("the documents have changed since you read them; read them again")
    episode = episode_of(session, actor, row.episode_id)
    second = _checked(tables, episode, written)
    row.documents = [{"document_id": name, "version": version.version} for name, version in documents.items()]
    row.status, row.done_at, row.second_coding = AuditStatus.DONE, at, second.to_json()
    _compare(session, row, second)
    session.flush()
    _record(session, actor, "audit.store", row, audit_content(row), at)
    return row


def _checked(tables: CodeTables, episode: EpisodeRow, written: Codes) -> Codes:
    """
    Raises:
        UnknownCodeGiven: the edition in force lacks one.
        Unprocessable: there is no primary diagnosis.
    """
    if not written.diagnoses:
        raise Unprocessable("a coding has at least a primary diagnosis")
    found = {role: [_code(tables, role, code, episode) for code in written.of(role)] for role in Role}
    diagnoses = tuple(dict.fromkeys(found[Role.DIAGNOSIS]))
    return Codes(diagnoses, tuple(found[Role.PROCEDURE]))


def _code(tables: CodeTables, role: Role, written: str, episode: EpisodeRow) -> str:
    table = tables.by_role[role]
    entry = table.get(written)
    if entry is None or not table.valid_on(entry.code, episode.episode_end):
        raise UnknownCodeGiven(f"one of the codes is none of {table.label} that may stand in this coding")
    return entry.code


def _compare(session: Session, row: BlindAudit, second: Codes) -> None:
    """With the newest suggestion, where that read the same documents; and with what stands."""
    suggestions = suggestions_of(session, row.episode_id)
    standing = coding_of(session, suggestions, decisions_of(session, row.episode_id))
    stands = Codes(
        tuple(line.code for line in standing.diagnoses), tuple(line.code for line in standing.procedures)
    )
    row.comparison = {
        "suggestion": None,
        "coding": comparison_json(differences(second, stands)) if stands.diagnoses else None,
    }
    latest = suggestions[-1] if suggestions else None
    verdict = verdict_of(session, latest.id) if latest else None
    if latest is None or verdict is None or latest.documents != row.documents:
        return
    found = differences(second, _suggested(session, latest))
    row.comparison = {**row.comparison, "suggestion": comparison_json(found)}
    row.suggestion_id, row.is_right = latest.id, not found
    row.stratum, row.confidence, row.held_back = verdict.stratum, verdict.confidence, verdict.held_back
    row.versions = versions_digest(named_versions(latest))


def _suggested(session: Session, suggestion: SuggestionRow) -> Codes:
    query = select(SuggestionLineRow).where(
        SuggestionLineRow.suggestion_id == suggestion.id, SuggestionLineRow.suggested.is_(True)
    )
    lines = session.scalars(query.order_by(SuggestionLineRow.rank)).all()
    of = {role: tuple(line.code for line in lines if line.role == role) for role in Role}
    return Codes(of[Role.DIAGNOSIS], of[Role.PROCEDURE])


def _record(
    session: Session, actor: Actor, action: str, row: BlindAudit, content: dict[str, Any], at: datetime
) -> None:
    audit.record(session, actor, action=action, subject=f"blind_audit:{row.id}", content=content, at=at)
