"""What this service understands of FHIR, as a CapabilityStatement."""

from datetime import datetime

from service.messages.fhir.nodes import Node

_TAKEN = {
    "Bundle": "Documents and messages (R4; Transfer of Care of ITK3, STU3), also collections, transactions.",
    "DocumentReference": "A document with its file inside: HTML, text, RTF, PDF. Addresses are not fetched.",
    "Encounter": "A spell, or a part of one: admitted, moved, discharged, cancelled.",
}


def capability_statement(url: str, at: datetime) -> Node:
    """
    Args:
        url: of the root of this interface.
        at: since when it stands like this.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": at.isoformat(),
        "kind": "instance",
        "software": {"name": "Hospital auto-coder"},
        "implementation": {"description": "Discharge summaries in, ICD-10 and OPCS-4 codes out.", "url": url},
        "fhirVersion": "4.0.1",
        "format": ["json", "xml"],
        "rest": [
            {
                "mode": "server",
                "documentation": "JSON and XML are read; answers are JSON.",
                "security": {"description": "A key of the role epr, as a bearer token."},
                "resource": [
                    {
                        "type": kind,
                        "documentation": words,
                        "interaction": [
                            {"code": "create", "documentation": "Taken into an episode; answered."}
                        ],
                    }
                    for kind, words in _TAKEN.items()
                ],
                "operation": [
                    {
                        "name": "process-message",
                        "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
                    }
                ],
            }
        ],
    }
