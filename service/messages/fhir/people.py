"""Patient, Practitioner and Organization, as the facts of an episode.

Systems: NHS number `https://fhir.nhs.uk/Id/nhs-number`, GMC `https://fhir.hl7.org.uk/Id/gmc-number`, ODS
`https://fhir.nhs.uk/Id/ods-organization-code` and `…/ods-site-code` (UK Core; CareConnect has the same).
"""

from collections.abc import Iterator

from service.episodes.person import NHS_NUMBER_STATUSES, tidy_nhs_number
from service.messages.fhir.nodes import Node, codings, extension, identifiers, nodes, words
from service.messages.fhir.shelf import Shelf, Shelved
from service.messages.fhir.values import uk_day
from service.messages.hl7v2.patient import Facts

_NHS = "nhs-number"
_ODS = ("ods-organization-code", "ods-site-code")
_CLINICIAN = ("gmc-number", "consultant-code", "gdc-number", "nmc-number", "sds-user-id")
"""The likeliest first."""
_LONGEST = 200
_VERIFICATION = {
    "number-present-and-verified": "01",
    "number-present-but-not-traced": "02",
    "trace-required": "03",
    "trace-attempted-no-match-or-multiple-match-found": "04",
    "trace-needs-to-be-resolved": "05",
    "trace-in-progress": "06",
    "number-not-present-and-trace-not-required": "07",
    "trace-postponed": "08",
}
"""NHS NUMBER STATUS INDICATOR CODE of the words that UK Core uses."""


def patient_facts(patient: Node | None, subject: Node | None) -> Facts:
    """What the Patient says, or an identifier in the reference to one that is not there."""
    facts: Facts = {**_number(subject, "identifier"), "local_patient_id": _local_id(subject)}
    if patient is not None:
        facts |= _said({**_number(patient, "identifier"), "local_patient_id": _local_id(patient)})
        facts |= {
            **_name(patient),
            "birth_date": uk_day(patient, "birthDate"),
            "sex": words(patient, "gender")[:20],
        }
    return _said(facts)


def _number(holder: Node | None, path: str) -> Facts:
    for one in nodes(holder, path):
        if words(one, "system").lower().rstrip("/").endswith(_NHS) and words(one, "value"):
            return {
                "nhs_number": tidy_nhs_number(words(one, "value"))[:20],
                "nhs_number_status": _verification(one),
            }
    return {}


def _verification(identifier: Node) -> str | None:
    for one in extension(identifier, "NHSNumberVerificationStatus"):
        for _, code, _ in codings(one, "valueCodeableConcept"):
            status = _VERIFICATION.get(code.lower(), code)
            if status in NHS_NUMBER_STATUSES:
                return status
    return None


def _local_id(holder: Node | None) -> str:
    """A hospital number where one is called so, otherwise the first that is not the NHS number."""
    others: list[tuple[bool, str]] = [
        (any(code == "MR" for _, code, _ in codings(one, "type")), words(one, "value"))
        for one in nodes(holder, "identifier")
        if words(one, "value") and not words(one, "system").lower().rstrip("/").endswith(_NHS)
    ]
    best = max(others, key=lambda one: one[0], default=(False, ""))
    return best[1][:64]


def _name(patient: Node) -> Facts:
    """The official or usual name; never one that is old."""
    names = [one for one in nodes(patient, "name") if words(one, "use") != "old"]
    official = next((one for one in names if words(one, "use") in ("official", "usual")), None)
    name = official or next(iter(names), None)
    family = words(name, "family") or ("" if words(name, "given") else words(name, "text"))
    return {"family_name": family[:_LONGEST], "given_name": words(name, "given")[:_LONGEST]}


def _person(shelf: Shelf, reference: Node | None, holder: Shelved) -> tuple[Node | None, Shelved | None]:
    """Reference and resource of a person; of a PractitionerRole those of its practitioner, one step and no
    further: roles may refer to each other."""
    found = shelf.find(reference, holder)
    if found is None or found.kind != "PractitionerRole":
        return reference, found
    inner = next(nodes(found.node, "practitioner"), None)
    return inner, shelf.find(inner, found)


def clinician_code(shelf: Shelf, reference: Node | None, holder: Shelved) -> str:
    """The number of the person whom a reference means, as sent; empty where none is known."""
    inner, person = _person(shelf, reference, holder)
    known: list[tuple[str, str]] = [*identifiers(reference or {}), *identifiers(inner or {})]
    known += identifiers(person.node) if person else ()
    for wanted in _CLINICIAN:
        for system, value in known:
            if system.lower().rstrip("/").endswith(wanted):
                return value[:64]
    return ""


def person_name(shelf: Shelf, reference: Node | None, holder: Shelved) -> str | None:
    """Who wrote a document."""
    inner, person = _person(shelf, reference, holder)
    name = next(nodes(person.node, "name"), None) if person else None
    parts = (words(name, "prefix"), words(name, "given"), words(name, "family")) if name else ()
    displayed = words(inner, "display") or words(reference, "display")
    written = " ".join(filter(None, parts)) or words(name, "text") or displayed
    if not written and person is not None and person.kind == "Organization":
        written = words(person.node, "name")
    return written[:_LONGEST] or None


def organisation_codes(shelf: Shelf, reference: Node | None, holder: Shelved) -> Iterator[str]:
    """ODS codes of an organisation or a place."""
    if reference is None:
        return
    found = shelf.find(reference, holder)
    known = [*identifiers(reference), *(identifiers(found.node) if found else ())]
    yield from (value for system, value in known if system.lower().rstrip("/").endswith(_ODS))


def _said(facts: Facts) -> Facts:
    return {name: value for name, value in facts.items() if value}
