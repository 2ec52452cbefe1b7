"""Encounter: a spell, its episodes, and what to do about them.

A part of a spell (`partOf`), or a period of a responsible clinician (`participant.period`), is an episode
where the clinician or the treatment function changes. Codes are those of the NHS Data Dictionary wherever
they are sent.
"""

from collections.abc import Iterator
from datetime import date

from service.messages.fhir.nodes import Node, codings, extension, identifiers, nodes, words
from service.messages.fhir.people import clinician_code, organisation_codes
from service.messages.fhir.shelf import Shelf, Shelved, split_address
from service.messages.fhir.values import uk_day
from service.messages.hl7v2.patient import Facts
from service.messages.stays import Stay

OVER = frozenset({"finished", "completed", "discharged"})
CANCELLED = frozenset({"cancelled", "entered-in-error"})
PLANNED = frozenset({"planned"})
INPATIENT = frozenset({"IMP", "ACUTE", "NONAC", "SS", "OBSENC", "inpatient", "daytime"})
_CLASSES = {
    "IMP": "1",
    "ACUTE": "1",
    "NONAC": "1",
    "OBSENC": "1",
    "inpatient": "1",
    "SS": "2",
    "daytime": "2",
}
"""Class to PATIENT CLASSIFICATION: ordinary, day case."""
_RESPONSIBLE = ("ATND", "PPRF", "CON", "ADM", "DIS")
"""Types of participation, the one in charge first."""
_TREATS = "PPRF"
_METHOD = 2
_PLACE = 12


def encounter_of(shelf: Shelf, reference: Node | None, holder: Shelved) -> Shelved | None:
    """The Encounter that a document speaks of, or the only one of the body."""
    return shelf.find(reference, holder) or (shelf.only("Encounter") if reference is None else None)


def spell_of(shelf: Shelf, encounter: Shelved) -> Shelved:
    """The Encounter that the others are parts of; itself where it is part of none that is known."""
    seen = {id(encounter.node)}
    while True:
        parent = shelf.find(next(nodes(encounter.node, "partOf"), None), encounter)
        if parent is None or parent.kind != "Encounter" or id(parent.node) in seen:
            return encounter
        seen.add(id(parent.node))
        encounter = parent


def spell_number(shelf: Shelf, encounter: Shelved) -> str:
    """Of the whole spell, by its identifier or id; by the reference of a part where the whole is not sent."""
    whole = spell_of(shelf, encounter)
    parent = next(nodes(whole.node, "partOf"), None)
    return reference_number(parent) if parent is not None else _own_number(whole)


def reference_number(reference: Node | None) -> str:
    """The number that a reference to an Encounter gives, where the Encounter itself is not sent."""
    named = next((value for _, value in identifiers(reference or {})), "")
    return named or split_address(words(reference, "reference"))[1].removeprefix("#")


def _own_number(encounter: Shelved) -> str:
    """A visit or spell number where one is called so, otherwise the first identifier, otherwise the id."""
    known = [(system.lower(), value) for system, value in identifiers(encounter.node)]
    for word in ("spell", "visit", "admission", "account"):
        for system, value in known:
            if word in system:
                return value
    plain = [value for system, value in known if "episode" not in system]
    return next(iter(plain), "") or encounter.id or encounter.url.rpartition(":")[2]


def visit_facts(shelf: Shelf, encounter: Shelved) -> Facts:
    """Facts of the spell, and of its episode where it has one."""
    node = encounter.node
    facts: Facts = {
        "patient_classification": _classification(node),
        "site": _site(shelf, encounter),
        "admission_method": _coded(node, "AdmissionMethod", _METHOD),
        "discharge_method": _coded(node, "DischargeMethod", 1),
        "source_of_admission": _place_code(node, "admitSource"),
        "discharge_destination": _place_code(node, "dischargeDisposition"),
        "clinician": _clinician(shelf, encounter),
        "treating_clinician": _treating(shelf, encounter),
        "treatment_function": treatment_function(node),
        "spell_start": uk_day(node, "period", "start"),
        "spell_end": uk_day(node, "period", "end") if words(node, "status") in OVER else None,
    }
    return {name: value for name, value in facts.items() if value}


def class_code(node: Node) -> str:
    """R4 has a Coding, STU3 too, DSTU2 a code."""
    return next((code for _, code, _ in codings(node, "class")), words(node, "class"))


def _classification(node: Node) -> str | None:
    sent = _coded(node, "PatientClassification", 1)
    return sent or _CLASSES.get(class_code(node))


def _coded(node: Node, name: str, longest: int) -> str:
    """A code of the Data Dictionary in an extension of that name, on the Encounter or its hospitalization."""
    for holder in (node, *nodes(node, "hospitalization"), *nodes(node, "admission")):
        for one in extension(holder, name):
            for _, code, _ in (*codings(one, "valueCodeableConcept"), *codings(one, "valueCoding")):
                if len(code) <= longest:
                    return code
    return ""


def _place_code(node: Node, name: str) -> str:
    """A code of the Data Dictionary, of two digits; HL7's own words for it are longer."""
    for holder in nodes(node, "hospitalization"):
        for _, code, _ in codings(holder, name):
            if len(code) == 2 and code.isascii() and code.isdigit():
                return code
    return ""


def treatment_function(node: Node) -> str:
    """Only where it is said to be one: a SNOMED code of a service is none."""
    for name in ("serviceType", "specialty", "type"):
        for system, code, _ in codings(node, name):
            if "treatment-function" in system.lower() or "treatmentfunction" in system.lower():
                return code[:8]
    return ""


def _clinician(shelf: Shelf, encounter: Shelved) -> str:
    """Of the last who is responsible, by the order of `_RESPONSIBLE`."""
    by_type = list(_responsible(shelf, encounter))
    last = max(by_type, key=lambda one: (one[0], one[1] or date.min), default=None)
    return last[2] if last else ""


def _treating(shelf: Shelf, encounter: Shelved) -> str:
    """Who carries out the care (PPRF), the last of them: often another than who oversees it."""
    found = [
        (uk_day(one, "period", "start") or date.min, _code_of(shelf, encounter, one))
        for one in nodes(encounter.node, "participant")
        if any(code == _TREATS for _, code, _ in codings(one, "type"))
    ]
    return max(((since, code) for since, code in found if code), default=(date.min, ""))[1]


def _code_of(shelf: Shelf, encounter: Shelved, participant: Node) -> str:
    person = next(nodes(participant, "individual"), None) or next(nodes(participant, "actor"), None)
    return clinician_code(shelf, person, encounter)


def _responsible(shelf: Shelf, encounter: Shelved) -> Iterator[tuple[int, date | None, str]]:
    """How much in charge, since when, and who."""
    for one in nodes(encounter.node, "participant"):
        code = _code_of(shelf, encounter, one)
        types = [code for _, code, _ in codings(one, "type")]
        ranks = [len(_RESPONSIBLE) - _RESPONSIBLE.index(kind) for kind in types if kind in _RESPONSIBLE]
        if code and (ranks or not types):
            yield max(ranks, default=0), uk_day(one, "period", "start"), code


def _site(shelf: Shelf, encounter: Shelved) -> str:
    """ODS code of the place, of the organisation that runs it, or of who gives the care."""
    for one in nodes(encounter.node, "location"):
        reference = next(nodes(one, "location"), None)
        place = shelf.find(reference, encounter)
        codes = list(organisation_codes(shelf, reference, encounter))
        if place is not None:
            runs = next(nodes(place.node, "managingOrganization"), None)
            codes += organisation_codes(shelf, runs, place)
        if codes:
            return codes[0][:_PLACE]
    given = next(nodes(encounter.node, "serviceProvider"), None)
    return next(organisation_codes(shelf, given, encounter), "")[:_PLACE]


def stays_of(shelf: Shelf, whole: Shelved, parts: list[Shelved]) -> list[Stay]:
    """The episodes that a spell is said to have; fewer than two where it is said to have one."""
    stays = [_stay_of_part(shelf, part) for part in parts] or _stays_of_clinicians(shelf, whole)
    return sorted(stays, key=lambda one: one.start or date.max)


def _stay_of_part(shelf: Shelf, part: Shelved) -> Stay:
    facts = visit_facts(shelf, part)
    start, end = facts.pop("spell_start", None), facts.pop("spell_end", None)
    return Stay(_episode_number(part), _as_day(start), _as_day(end), facts)


def _episode_number(part: Shelved) -> str | None:
    for system, value in identifiers(part.node):
        if "episode" in system.lower() and value.isascii() and value.isdigit() and len(value) <= _METHOD:
            return str(int(value))
    return None


def _stays_of_clinicians(shelf: Shelf, whole: Shelved) -> list[Stay]:
    """Who was in charge after whom, where each is said to have begun on a day of its own."""
    in_charge = list(_responsible(shelf, whole))
    highest = max((rank for rank, _, _ in in_charge), default=0)
    dated = sorted((since, code) for rank, since, code in in_charge if since and rank == highest)
    if len({since for since, _ in dated}) < 2 or len({code for _, code in dated}) < 2:
        return []
    ends = [*(since for since, _ in dated[1:]), uk_day(whole.node, "period", "end")]
    return [
        Stay(None, since, end, {"clinician": code}) for (since, code), end in zip(dated, ends, strict=True)
    ]


def _as_day(value: str | date | None) -> date | None:
    return value if isinstance(value, date) else None
