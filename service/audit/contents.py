"""What the chain vouches for of a row: every field; of words, their sha256.

Used when a link is written and when it is verified. Words that were erased leave their sha256 behind, so the
content of a row is the same before and after.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from service.tables import DecisionRow, DocumentRow, DocumentVersion, SuggestionLineRow, SuggestionRow


def decision_content(row: DecisionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "episode": row.episode_id,
        "number": row.number,
        "kind": row.kind,
        "line": row.line_id,
        "content": _with_evidence(row.content),
        "actor": f"{row.actor_kind}:{row.actor_id}",
        "name": row.actor_name,
        "role": row.actor_role,
        "model": row.model,
        "standards": row.standards,
        "tables": row.tables,
        "at": row.decided_at.isoformat(),
    }


def suggestion_content(row: SuggestionRow, lines: Iterable[SuggestionLineRow]) -> dict[str, Any]:
    return {
        "id": row.id,
        "episode": row.episode_id,
        "number": row.number,
        "model": row.model,
        "standards": row.standards,
        "tables": row.tables,
        **({"local_terms": row.local_terms} if row.local_terms else {}),
        "read": row.documents,
        **({"facts": row.facts} if row.facts is not None else {}),
        "lines": [_line(line) for line in sorted(lines, key=lambda line: line.id)],
        "not_coded": [_not_coded(item) for item in row.not_coded],
        "automation": row.automation,
        "at": row.created_at.isoformat(),
    }


def document_content(document: DocumentRow, version: DocumentVersion) -> dict[str, Any]:
    return {
        "id": version.document_id,
        "version": version.version,
        "episode": [document.episode_id, version.episode_id],
        "sender_id": document.sender_id,
        "position": document.position,
        "kind": version.kind,
        "title": version.title,
        "status": version.status,
        "date": version.date.isoformat() if version.date else None,
        "author": version.author,
        "content_type": version.content_type,
        "text": _sha256(version.text, version.text_digest),
        "digest": version.digest,
        **_of_file(version),
        "at": version.received_at.isoformat(),
    }


def _of_file(version: DocumentVersion) -> dict[str, Any]:
    """Left out where the text itself was sent, as in releases that knew nothing else."""
    said = {
        "original": version.original_digest,
        "no_electronic_text": version.no_electronic_text,
        "spell_level": version.spell_level,
    }
    return {name: value for name, value in said.items() if value}


def document_subject(version: DocumentVersion) -> str:
    return f"document_version:{version.document_id}/{version.version}"


def _line(row: SuggestionLineRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "provider": row.provider_id,
        "episode": row.episode_id,
        "role": row.role,
        "rank": row.rank,
        "code": row.code,
        "confidence": float(row.confidence),
        "suggested": row.suggested,
        "reason": _sha256(row.reason, row.reason_digest),
        "group": row.procedure_group,
        "evidence": [_without(item, "text") for item in row.evidence],
    }


def _not_coded(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**_without(item, "note"), "evidence": _without(item["evidence"], "text")}


def _with_evidence(content: Mapping[str, Any]) -> dict[str, Any]:
    quoted = [_without(item, "text") for item in content.get("evidence", ())]
    return {**content, "evidence": quoted} if quoted else dict(content)


def _without(item: Mapping[str, Any], field: str) -> dict[str, Any]:
    """The item with the sha256 of its words in place of them."""
    kept = None if item[field] else item.get(f"{field}_digest")
    others = {name: value for name, value in item.items() if not (kept and name == f"{field}_digest")}
    return {**others, field: _sha256(item[field], kept)}


def _sha256(words: str | None, kept: str | None) -> str | None:
    """
    Args:
        kept: the sha256 that was left behind where words were erased.
    """
    if not words and kept:
        return kept
    return None if words is None else hashlib.sha256(words.encode()).hexdigest()
