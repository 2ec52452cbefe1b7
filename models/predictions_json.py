"""A prediction as the JSON of a predictions file (docs/data-formats.md)."""

from typing import Any

from data.episodes import Evidence, NotCoded
from models.prediction import Automation, Prediction, SuggestedLine
from models.reasons import in_words


def prediction_json(prediction: Prediction) -> dict[str, Any]:
    return {
        "id": prediction.episode_id,
        "model": {
            "name": prediction.model.name,
            "version": prediction.model.version,
            "digest": prediction.model.digest,
        },
        "standards": {"edition": prediction.standards.edition, "digest": prediction.standards.digest},
        "tables": dict(prediction.tables),
        "diagnoses": [_line_json(line) for line in prediction.diagnoses],
        "procedures": [_line_json(line) for line in prediction.procedures],
        "not_coded": [_not_coded_json(one) for one in prediction.not_coded],
        "findings": [],
        "automation": _automation_json(prediction.automation),
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
