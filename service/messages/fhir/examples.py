"""Bodies that the OpenAPI document shows; every patient is made up."""

from service.messages.fhir.nodes import Node

_NHS = "https://fhir.nhs.uk/Id/nhs-number"
_STAY = "https://fhir.example.nhs.uk/Id/spell-number"
ENCOUNTER: Node = {
    "resourceType": "Encounter",
    "identifier": [{"system": _STAY, "value": "V2001"}],
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
    "subject": {"identifier": {"system": _NHS, "value": "9434765919"}},
    "period": {"start": "2026-03-01T09:00:00+00:00", "end": "2026-03-04T15:00:00+00:00"},
}
DOCUMENT_REFERENCE: Node = {
    "resourceType": "DocumentReference",
    "identifier": [{"value": "letter-2001"}],
    "status": "current",
    "type": {
        "coding": [{"system": "http://snomed.info/sct", "code": "373942005", "display": "Discharge summary"}]
    },
    "subject": {"identifier": {"system": _NHS, "value": "9434765919"}},
    "date": "2026-03-04T16:00:00+00:00",
    "content": [
        {"attachment": {"contentType": "text/plain", "data": "RGlhZ25vc2lzOiBoeXBlcnRlbnNpb24u"}},
    ],
    "context": {"encounter": [{"identifier": {"system": _STAY, "value": "V2001"}}]},
}
_COMPOSITION: Node = {
    "resourceType": "Composition",
    "identifier": {"value": "summary-2001"},
    "status": "final",
    "type": DOCUMENT_REFERENCE["type"],
    "subject": {"reference": "urn:uuid:11111111-1111-4111-8111-111111111111"},
    "encounter": {"reference": "urn:uuid:22222222-2222-4222-8222-222222222222"},
    "date": "2026-03-04T16:00:00+00:00",
    "author": [{"display": "Dr Ada Okafor"}],
    "title": "Discharge summary",
    "section": [
        {
            "title": "Diagnoses",
            "text": {
                "status": "generated",
                "div": '<div xmlns="http://www.w3.org/1999/xhtml"><ul><li>Hypertension</li></ul></div>',
            },
        }
    ],
}
_PATIENT: Node = {
    "resourceType": "Patient",
    "identifier": [{"system": _NHS, "value": "9434765919"}],
    "name": [{"family": "Holloway", "given": ["Edith"]}],
    "gender": "female",
    "birthDate": "1941-03-09",
}
MESSAGE: Node = {
    "resourceType": "Bundle",
    "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:33333333-3333-4333-8333-333333333333"},
    "type": "document",
    "timestamp": "2026-03-04T16:00:00+00:00",
    "entry": [
        {"fullUrl": "urn:uuid:44444444-4444-4444-8444-444444444444", "resource": _COMPOSITION},
        {"fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111", "resource": _PATIENT},
        {"fullUrl": "urn:uuid:22222222-2222-4222-8222-222222222222", "resource": ENCOUNTER},
    ],
}
