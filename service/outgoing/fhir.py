"""A finalised coding as an R4 transaction Bundle.

Sent again it doubles nothing: the Encounter is updated by its identifier, each Condition and Procedure is
created only where none has its identifier (the line and its code), the Provenance has an id of ours. Lines
that an earlier coding had and this one has not are marked as entered in error.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

from data.episodes import Role
from service.outgoing.final import FinalCoding, FinalLine, key

MEDIA_TYPE = "application/fhir+json"
ENCOUNTER_SYSTEM = "urn:autocoder:episode"
LINE_SYSTEM = "urn:autocoder:line"
MESSAGE_SYSTEM = "urn:autocoder:message"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
OPCS4 = "https://fhir.nhs.uk/Id/opcs-4"
_NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_SPACE = uuid.UUID("b1d8f3c2-7f0e-4f6a-9a3c-0d6a2e5b7c41")
"""Of the ids that are made from names: any, and always the same."""

Resource = dict[str, Any]  # FHIR JSON
_BILLING: Resource = {"coding": [{"system": f"{_TERMINOLOGY}/diagnosis-role", "code": "billing"}]}


def transaction(final: FinalCoding, message_id: str) -> bytes:
    bundle = {
        "resourceType": "Bundle",
        "id": message_id,
        "identifier": {"system": MESSAGE_SYSTEM, "value": message_id},
        "type": "transaction",
        "timestamp": final.at.isoformat(),
        "entry": [_encounter(final), *_lines(final), *_retractions(final), _provenance(final, message_id)],
    }
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()


def episode_name(final: FinalCoding) -> str:
    """Value of the Encounter's identifier: provider, spell and episode number."""
    row = final.episode
    return "/".join(
        quote(part, safe="") for part in (final.provider.code, row.spell_number, row.episode_number)
    )


def _encounter(final: FinalCoding) -> Resource:
    row = final.episode
    name = episode_name(final)
    resource: Resource = {
        "resourceType": "Encounter",
        "identifier": [{"system": ENCOUNTER_SYSTEM, "value": name}],
        "status": "finished",
        "class": {"system": f"{_TERMINOLOGY}/v3-ActCode", "code": "IMP", "display": "inpatient encounter"},
        "subject": _subject(final),
        "serviceProvider": {"identifier": {"system": _ODS, "value": final.provider.code}},
        "diagnosis": [*_ranked(final.diagnoses, _BILLING), *_ranked(final.procedures, {"text": "procedure"})],
    }
    period = {"start": _day(row.episode_start), "end": _day(row.episode_end)}
    resource |= {"period": kept} if (kept := {name: day for name, day in period.items() if day}) else {}
    return _entry(name, resource, "PUT", f"Encounter?identifier={_token(ENCOUNTER_SYSTEM, name)}")


def _ranked(lines: tuple[FinalLine, ...], use: Resource) -> Iterator[Resource]:
    for rank, line in enumerate(lines, 1):
        yield {"condition": {"reference": _url(_name(line))}, "use": use, "rank": rank}


def _lines(final: FinalCoding) -> Iterator[Resource]:
    for role, lines in ((Role.DIAGNOSIS, final.diagnoses), (Role.PROCEDURE, final.procedures)):
        for line in lines:
            resource = _resource(final, role, line)
            kind = resource["resourceType"]
            condition = f"identifier={_token(LINE_SYSTEM, _name(line))}"
            yield _entry(_name(line), resource, "POST", kind, ifNoneExist=condition)


def _resource(final: FinalCoding, role: Role, line: FinalLine) -> Resource:
    about = {
        "identifier": [{"system": LINE_SYSTEM, "value": _name(line)}],
        "subject": _subject(final),
        "encounter": {"reference": _url(episode_name(final))},
    }
    if role is Role.DIAGNOSIS:
        return {"resourceType": "Condition", **about, **_condition(), "code": _concept(line, ICD10)}
    performed = {"performedDateTime": day} if (day := _day(line.date)) else {}
    return {
        "resourceType": "Procedure",
        **about,
        "status": "completed",
        "code": _concept(line, OPCS4),
        **performed,
    }


def _condition(verification: str = "confirmed") -> Resource:
    status = {"system": f"{_TERMINOLOGY}/condition-ver-status", "code": verification}
    category = {"system": f"{_TERMINOLOGY}/condition-category", "code": "encounter-diagnosis"}
    return {"verificationStatus": {"coding": [status]}, "category": [{"coding": [category]}]}


def _concept(line: FinalLine, system: str) -> Resource:
    coding = {"system": system, "code": line.display + line.pair}
    coding |= {"version": "5th Edition"} if system == ICD10 else {}
    coding |= {"display": line.title} if line.title else {}
    return {"coding": [coding]}


def _retractions(final: FinalCoding) -> Iterator[Resource]:
    for role, name in final.retracted:
        about = {"identifier": [{"system": LINE_SYSTEM, "value": name}], "subject": _subject(final)}
        if role is Role.DIAGNOSIS:
            resource = {"resourceType": "Condition", **about, **_condition("entered-in-error")}
        else:
            resource = {"resourceType": "Procedure", **about, "status": "entered-in-error"}
        where = f"{resource['resourceType']}?identifier={_token(LINE_SYSTEM, name)}"
        yield _entry(name, resource, "PUT", where)


def _provenance(final: FinalCoding, message_id: str) -> Resource:
    """Who coded (the role, never the name), with which model and standards."""
    decision = final.decision
    agents = [_agent("author", f"{decision.actor_role} ({decision.actor_kind})")]
    if decision.model:
        agents.append(_agent("assembler", f"model {decision.model['name']} {decision.model['version']}"))
    every = [_url(_name(line)) for line in (*final.diagnoses, *final.procedures)]
    resource: Resource = {
        "resourceType": "Provenance",
        "id": message_id,
        "target": [{"reference": url} for url in (_url(episode_name(final)), *every)],
        "recorded": final.at.isoformat(),
        "agent": agents,
    }
    if decision.standards:
        resource["policy"] = [f"urn:autocoder:standards:{quote(str(decision.standards['edition']))}"]
    return _entry(message_id, resource, "PUT", f"Provenance/{message_id}")


def _agent(kind: str, display: str) -> Resource:
    coding = {"system": f"{_TERMINOLOGY}/provenance-participant-type", "code": kind}
    return {"type": {"coding": [coding]}, "who": {"display": display}}


def _entry(name: str, resource: Resource, method: str, url: str, **request: str) -> Resource:
    return {
        "fullUrl": _url(name),
        "resource": resource,
        "request": {"method": method, "url": url, **request},
    }


def _subject(final: FinalCoding) -> Resource:
    row = final.episode
    if row.nhs_number:
        return {"identifier": {"system": _NHS_NUMBER, "value": row.nhs_number}}
    local = row.local_patient_id or "unknown"
    return {"identifier": {"system": f"urn:autocoder:patient:{quote(final.provider.code)}", "value": local}}


def _name(line: FinalLine) -> str:
    return key(line.id, line.stored)


def _url(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, name)}"


def _token(system: str, value: str) -> str:
    return quote(f"{system}|{value}", safe="")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
