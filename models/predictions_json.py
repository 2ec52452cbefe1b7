"""A prediction as the JSON of a predictions file (docs/data-formats.md)."""

from dataclasses import asdict
from typing import Any

from data.episodes import Evidence, NotCoded
from models.prediction import Automation, Finding, Prediction, StandardsVersion, SuggestedLine
from models.reasons import in_words
from models.standards import Edit


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    return {
        "id": prediction.episode_id,
        "model": {
            "name": prediction.model.name,
            "version": prediction.model.version,
            "digest": prediction.model.digest,
        },
        "standards": standards_json(prediction.standards),
        "tables": dict(prediction.tables),
        "diagnoses": [_line_json(line) for line in prediction.diagnoses],
        "procedures": [_line_json(line) for line in prediction.procedures],
        "not_coded": [_not_coded_json(one) for one in prediction.not_coded],
        "findings": [finding_json(finding) for finding in prediction.findings],
        "automation": _automation_json(prediction.automation),
    }


def standards_json(standards: StandardsVersion) -> dict[str, Any]:
    """With the digest of a provider's own policy where it has one."""
    written = {"edition": standards.edition, "digest": standards.digest}
    return {**written, "policy": standards.policy} if standards.policy else written


def finding_json(finding: Finding) -> dict[str, Any]:
    """Lines and edits by place: suggested diagnoses first, then suggested procedures."""
    return {
        "rule": finding.rule,
        "standard": finding.standard,
        "edition": finding.edition,
        "severity": finding.severity.value,
        "text": finding.text,
        "lines": list(finding.lines),
        "fix": {"edits": [edit_json(edit) for edit in finding.fix]} if finding.fix else {},
        **({"query": finding.query} if finding.query else {}),
    }


def edit_json(edit: Edit) -> dict[str, Any]:
    """`{"kind": "replace", "line": 0, "code": "J440"}`: `kind` is the name of the edit in small letters."""
    given = {name: value for name, value in asdict(edit).items() if value is not None}
    return {"kind": _EDITS[type(edit).__name__], **given}


_EDITS = {
    "Add": "add",
    "Arrange": "arrange",
    "Move": "move",
    "Remove": "remove",
    "Replace": "replace",
    "SetFifth": "set_fifth",
}


def _line_json(line: SuggestedLine) -> dict[str, Any]:
    written: dict[str, Any] = {
        "code": line.code,
        "title": line.title,
        "confidence": round(line.confidence, 4),
        "suggested": line.suggested,
        "evidence": [_evidence_json(evidence) for evidence in line.evidence],
        "reason": line.reason,
    }
    return written if line.group is None else {**written, "group": line.group}


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    written: dict[str, Any] = {
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
        "document": evidence.document,
    }
    return written if evidence.mention is None else {**written, "mention": evidence.mention}


def _not_coded_json(one: NotCoded) -> dict[str, Any]:
    written = {**_evidence_json(one.evidence), "reason": one.reason.value}
    if one.note is not None:
        written["note"] = one.note
    if one.would_be is not None:
        written["would_be"] = one.would_be
    return written


def _automation_json(automation: Automation) -> dict[str, Any]:
    return {
        "eligible": automation.eligible,
        "confidence": automation.confidence,
        "stratum": automation.stratum,
        "reasons": in_words(automation.reasons),
    }
