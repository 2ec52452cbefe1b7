"""What is answered to a FHIR body: the suggestions as a Bundle, or an OperationOutcome. No text of a
patient stands in an OperationOutcome.

Codes: ICD-10 by `http://hl7.org/fhir/sid/icd-10`, OPCS-4 by `https://fhir.nhs.uk/Id/opcs-4`, written with
their dot. Our extensions: `urn:autocoder:fhir:rank`, `…:confidence` (0 to 1), `…:evidence` (document,
version, start, end, text; offsets count Unicode code points of the text as it is stored), `…:standards`,
`…:tables`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.episodes import Role
from service.deps import CodeTables
from service.episodes.store import suggestions_of
from service.messages.fhir.asked import Warned
from service.messages.fhir.nodes import Node
from service.messages.tables import MessageRow
from service.tables import EpisodeRow, SuggestionLineRow, SuggestionRow

MEDIA_TYPE = "application/fhir+json"
SYSTEMS = {Role.DIAGNOSIS: "http://hl7.org/fhir/sid/icd-10", Role.PROCEDURE: "https://fhir.nhs.uk/Id/opcs-4"}
_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_OURS = "urn:autocoder:fhir:"
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_PLACED = re.compile(r"((?:[A-Za-z]+(?:\[\d+\])?)(?:\.[A-Za-z]+(?:\[\d+\])?)*): (.+)", re.DOTALL)


def accepted(session: Session, tables: CodeTables, row: MessageRow) -> Node:
    """The Bundle for a message that was taken; of the same message always the same, but for suggestions
    that had to wait for a model the first time."""
    effect = row.effect
    entries: list[Node] = []
    if effect.get("header") is not None:
        entries.append(_message_header(row, str(effect["header"])))
    entries.append(
        _with_id(outcome([Warned(*one) for one in effect.get("warnings", ())] or [_WELL]), row.id, 1)
    )
    for episode_id, suggestion_id in zip(effect["episodes"], effect["suggestions"], strict=True):
        episode = session.get_one(EpisodeRow, episode_id)
        entries += _of_episode(session, tables, episode, _suggestion(session, episode_id, suggestion_id))
    return {
        "resourceType": "Bundle",
        "id": row.id,
        "type": "message" if effect.get("header") is not None else "collection",
        "timestamp": row.received_at.isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in entries],
    }


_WELL = Warned("informational", "taken", "")


def outcome(issues: Sequence[Warned], severity: str = "warning") -> Node:
    return {"resourceType": "OperationOutcome", "issue": [_issue(one, severity) for one in issues]}


def _issue(one: Warned, severity: str) -> Node:
    told = {
        "severity": "information" if one.code == "informational" else severity,
        "code": one.code,
        "diagnostics": one.text,
    }
    return {**told, "expression": [one.where]} if one.where else told


def refused(reason: str, code: str) -> Node:
    """
    Args:
        reason: as the quarantine keeps it; a place before a colon becomes the expression.
    """
    found = _PLACED.fullmatch(reason)
    issue = Warned(code, found[2], found[1]) if found and found[1][:1].isupper() else Warned(code, reason, "")
    return outcome([issue], "error")


def _with_id(node: Node, message_id: str, number: int) -> Node:
    """An id of its own inside the answer, the same each time."""
    return {"resourceType": node["resourceType"], "id": f"{message_id[:-4]}{number:04x}", **node}


def _message_header(row: MessageRow, about: str) -> Node:
    header = {
        "resourceType": "MessageHeader",
        "eventCoding": {"system": "https://fhir.nhs.uk/CodeSystem/message-event", "code": "document"},
        "source": {"endpoint": "urn:autocoder"},
        "response": {"identifier": about or row.id, "code": "ok"},
    }
    return _with_id(header, row.id, 0)


def _suggestion(session: Session, episode_id: str, suggestion_id: str | None) -> SuggestionRow | None:
    if suggestion_id:
        return session.get(SuggestionRow, suggestion_id)
    rows = suggestions_of(session, episode_id)
    return rows[-1] if rows else None


def _of_episode(
    session: Session, tables: CodeTables, row: EpisodeRow, suggestion: SuggestionRow | None
) -> Iterator[Node]:
    lines = list(_suggested(session, suggestion)) if suggestion else []
    yield _encounter(row, lines)
    for line in lines:
        yield _coded(tables, row, line)
    if suggestion is not None and lines:
        yield _provenance(suggestion, lines)


def _suggested(session: Session, suggestion: SuggestionRow) -> Iterator[SuggestionLineRow]:
    query = select(SuggestionLineRow).where(
        SuggestionLineRow.suggestion_id == suggestion.id, SuggestionLineRow.suggested
    )
    yield from session.scalars(query.order_by(SuggestionLineRow.role, SuggestionLineRow.rank))


def _encounter(row: EpisodeRow, lines: Sequence[SuggestionLineRow]) -> Node:
    period = {"start": row.episode_start, "end": row.episode_end}
    numbers = {"spell-number": row.spell_number, "episode-number": row.episode_number}
    encounter: Node = {
        "resourceType": "Encounter",
        "id": row.id,
        "identifier": [
            {"system": f"{_OURS}{name}", "value": value} for name, value in numbers.items() if value
        ],
        "status": "finished" if row.episode_end else "in-progress",
        "class": {"system": f"{_HL7}v3-ActCode", "code": "IMP"},
        "subject": _subject(row),
    }
    if dated := {name: day.isoformat() for name, day in period.items() if day}:
        encounter["period"] = dated
    if lines:
        encounter["diagnosis"] = [_diagnosis(line) for line in lines]
    return encounter


def _diagnosis(line: SuggestionLineRow) -> Node:
    use = {"coding": [{"system": f"{_HL7}diagnosis-role", "code": "billing"}]}
    reference = {"reference": f"urn:uuid:{line.id}"}
    return {
        "condition": reference,
        "use": use,
        **({"rank": line.rank} if line.role == Role.DIAGNOSIS else {}),
    }


def _coded(tables: CodeTables, row: EpisodeRow, line: SuggestionLineRow) -> Node:
    """A diagnosis as Condition, a procedure as Procedure; neither is more than a suggestion yet."""
    role = Role(line.role)
    common = {
        "id": line.id,
        "extension": [*_measures(line), *map(_evidence, line.evidence)],
        "code": {"coding": [_coding(tables, role, line)]},
        "subject": _subject(row),
        "encounter": {"reference": f"urn:uuid:{row.id}"},
    }
    if role is Role.PROCEDURE:
        return {"resourceType": "Procedure", "status": "unknown", **common}
    return {
        "resourceType": "Condition",
        "verificationStatus": {
            "coding": [{"system": f"{_HL7}condition-ver-status", "code": "provisional"}],
        },
        "category": [{"coding": [{"system": f"{_HL7}condition-category", "code": "encounter-diagnosis"}]}],
        **common,
    }


def _coding(tables: CodeTables, role: Role, line: SuggestionLineRow) -> Node:
    table = tables.by_role[role]
    entry = table.get(line.code)
    coding = {"system": SYSTEMS[role], "version": table.edition, "code": table.display(line.code)}
    return {**coding, "display": entry.title} if entry and entry.title else coding


def _measures(line: SuggestionLineRow) -> Iterator[Node]:
    yield {"url": f"{_OURS}rank", "valuePositiveInt": line.rank}
    yield {"url": f"{_OURS}confidence", "valueDecimal": round(line.confidence, 4)}


def _evidence(place: dict[str, Any]) -> Node:
    parts: list[Node] = [
        {"url": "document", "valueString": place["document_id"]},
        {"url": "version", "valueInteger": place["version"]},
        {"url": "start", "valueInteger": place["start"]},
        {"url": "end", "valueInteger": place["end"]},
    ]
    if place.get("text"):
        parts.append({"url": "text", "valueString": place["text"]})
    return {"url": f"{_OURS}evidence", "extension": parts}


def _subject(row: EpisodeRow) -> Node:
    if row.nhs_number:
        return {"type": "Patient", "identifier": {"system": _NHS_NUMBER, "value": row.nhs_number}}
    if row.local_patient_id:
        return {"type": "Patient", "identifier": {"value": row.local_patient_id}}
    return {"type": "Patient", "display": "not named"}


def _provenance(suggestion: SuggestionRow, lines: Sequence[SuggestionLineRow]) -> Node:
    """Which model, which standards and which tables."""
    model, standards = suggestion.model, suggestion.standards
    by = {"coding": [{"system": f"{_HL7}provenance-participant-type", "code": "assembler"}]}
    name = f"{model['name']} {model['version']}"
    return {
        "resourceType": "Provenance",
        "id": suggestion.id,
        "extension": [
            _named_version("model", model.get("digest", ""), name),
            _named_version("standards", standards.get("digest", ""), standards.get("edition", "")),
            *(_named_version("tables", str(edition), table) for table, edition in suggestion.tables.items()),
        ],
        "target": [{"reference": f"urn:uuid:{line.id}"} for line in lines],
        "recorded": suggestion.created_at.isoformat(),
        "agent": [{"type": by, "who": {"type": "Device", "display": name}}],
    }


def _named_version(what: str, version: str, name: str) -> Node:
    parts = [
        {"url": "name", "valueString": name or "none"},
        {"url": "version", "valueString": version or "none"},
    ]
    return {"url": f"{_OURS}{what}", "extension": parts}
