"""What a FHIR body asks for, read in full before anything is changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from data.episodes import DocumentKind
from service.episodes.person import nhs_number_holds
from service.messages.errors import Unusable
from service.messages.fhir.documents import Told, documents_in
from service.messages.fhir.encounters import (
    CANCELLED,
    INPATIENT,
    OVER,
    PLANNED,
    class_code,
    encounter_of,
    reference_number,
    spell_number,
    spell_of,
    stays_of,
    visit_facts,
)
from service.messages.fhir.nodes import Node, kind_of, nodes, words
from service.messages.fhir.people import organisation_codes, patient_facts
from service.messages.fhir.shelf import Shelf, Shelved
from service.messages.fhir.values import uk_day
from service.messages.hl7v2 import Asked, Event
from service.messages.hl7v2.patient import Facts
from service.messages.stays import Stay

_LONGEST_NUMBER = 64


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is taken and should be looked at; names the place, never what stands there."""

    code: str
    """Of FHIR's issue types."""
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class AskedOfSpell:
    asked: Asked
    stays: tuple[Stay, ...] = ()
    """Its episodes, where it is said to have several or to be one of several."""
    is_part: bool = False
    """The body speaks of a part of the spell and not of the whole."""


@dataclass(frozen=True, slots=True)
class FhirAsked:
    spells: tuple[AskedOfSpell, ...]
    organisations: tuple[tuple[str, str], ...]
    """Where an organisation that gives the care is named, and its ODS code."""
    warnings: tuple[Warned, ...]


def read_asked(root: Node) -> FhirAsked:
    """
    Raises:
        Unusable, Unreadable: with the place that is missing or wrong.
    """
    shelf = Shelf.of(root)
    told = list(documents_in(shelf))
    spells = [_spell_of_document(one) for one in told]
    known = {one.asked.spell_number for one in spells}
    spells += [one for one in _spells_without_documents(shelf) if one.asked.spell_number not in known]
    spells = _joined(spells) or list(_patient_alone(shelf))
    if not spells:
        raise Unusable(f"{kind_of(root)}: there is no document, encounter or patient in it")
    shelves = [shelf, *(one.shelf for one in told if one.shelf is not shelf)]
    return FhirAsked(
        tuple(spells),
        tuple(dict.fromkeys(code for one in shelves for code in _organisations(one))),
        tuple(dict.fromkeys(_warnings(spells))),
    )


def _spell_of_document(told: Told) -> AskedOfSpell:
    shelf, holder = told.shelf, told.holder
    patient = _patient(shelf, next(nodes(holder.node, "subject"), None), holder)
    reference = next(nodes(holder.node, "encounter"), None) or next(
        nodes(holder.node, "context", "encounter"), None
    )
    reference = reference or _stu3_context(holder)
    encounter = encounter_of(shelf, reference, holder)
    documents = (told.document,)
    if encounter is None or encounter.kind != "Encounter":
        asked = Asked(
            Event.DOCUMENT,
            reference_number(reference)[:_LONGEST_NUMBER],
            told.document.date,
            patient,
            {},
            documents,
        )
        return AskedOfSpell(asked)
    spell = _spell(shelf, encounter)
    return replace(
        spell, asked=replace(spell.asked, patient={**spell.asked.patient, **patient}, documents=documents)
    )


def _stu3_context(holder: Shelved) -> Node | None:
    """DiagnosticReport of STU3 calls the encounter its context."""
    context = next(nodes(holder.node, "context"), None)
    return context if context is not None and words(context, "reference") else None


def _spells_without_documents(shelf: Shelf) -> Iterator[AskedOfSpell]:
    seen: set[str] = set()
    for encounter in shelf.all("Encounter"):
        spell = _spell(shelf, encounter)
        if not spell.asked.spell_number:
            raise Unusable(f"{encounter.where}.identifier: the number of the stay must be given")
        if spell.asked.spell_number not in seen:
            seen.add(spell.asked.spell_number)
            yield spell


def _spell(shelf: Shelf, encounter: Shelved) -> AskedOfSpell:
    whole = spell_of(shelf, encounter)
    node = whole.node
    is_part = any(nodes(node, "partOf"))
    parts = [
        one for one in shelf.all("Encounter") if one.node is not node and spell_of(shelf, one).node is node
    ]
    stays = stays_of(shelf, whole, [whole] if is_part and not parts else parts)
    event = _event(node)
    visit = visit_facts(shelf, whole)
    if is_part:
        visit.pop("spell_start", None)
        visit.pop("spell_end", None)
    asked = Asked(
        event,
        spell_number(shelf, encounter)[:_LONGEST_NUMBER],
        _day_of_event(node, event),
        _patient(shelf, next(nodes(node, "subject"), None), whole),
        visit,
    )
    many = is_part or len(stays) > 1
    return AskedOfSpell(asked, tuple(stays) if many else (), is_part)


def _event(node: Node) -> Event:
    status, kind = words(node, "status"), class_code(node)
    if status in CANCELLED:
        return Event.CANCEL_ADMIT
    if status in PLANNED or (kind and kind not in INPATIENT):
        return Event.NOT_USED
    ended = uk_day(node, "period", "end") is not None
    return Event.DISCHARGE if status in OVER and ended else Event.UPDATE


def _day_of_event(node: Node, event: Event) -> date | None:
    return uk_day(node, "period", "end" if event is Event.DISCHARGE else "start")


def _patient(shelf: Shelf, subject: Node | None, holder: Shelved) -> Facts:
    """Whom a reference means; the only Patient of the body where the reference leads nowhere."""
    found = shelf.find(subject, holder)
    if found is None or found.kind != "Patient":
        found = shelf.only("Patient")
    return patient_facts(found.node if found else None, subject)


def _patient_alone(shelf: Shelf) -> Iterator[AskedOfSpell]:
    for patient in shelf.all("Patient"):
        yield AskedOfSpell(Asked(Event.PATIENT, "", None, patient_facts(patient.node, None), {}))


def _joined(spells: list[AskedOfSpell]) -> list[AskedOfSpell]:
    """Documents of one spell come together; those whose spell is not named stay apart."""
    by_number: dict[str, AskedOfSpell] = {}
    for place, one in enumerate(spells):
        key = one.asked.spell_number or f" {place}"
        first = by_number.get(key)
        if first is None:
            by_number[key] = one
        else:
            documents = (*first.asked.documents, *one.asked.documents)
            by_number[key] = replace(first, asked=replace(first.asked, documents=documents))
    return list(by_number.values())


def _organisations(shelf: Shelf) -> Iterator[tuple[str, str]]:
    """Who gives the care, or keeps the document; the sender of a message only where neither is named."""
    named = [code for kind, path in _CARE for code in _codes(shelf, kind, path)]
    yield from named or _codes(shelf, "MessageHeader", "sender")


_CARE = (("Encounter", "serviceProvider"), ("Composition", "custodian"), ("DocumentReference", "custodian"))


def _codes(shelf: Shelf, kind: str, path: str) -> Iterator[tuple[str, str]]:
    for one in shelf.all(kind):
        for reference in nodes(one.node, path):
            for code in organisation_codes(shelf, reference, one):
                yield f"{one.where}.{path}", code


def _warnings(spells: list[AskedOfSpell]) -> Iterator[Warned]:
    for spell in spells:
        number = spell.asked.patient.get("nhs_number")
        if number and not nhs_number_holds(str(number)):
            yield Warned(
                "value",
                "the check digit of the NHS number is wrong: kept, not matched by",
                "Patient.identifier",
            )
        if not spell.asked.spell_number and any(
            one.kind is DocumentKind.DISCHARGE_SUMMARY for one in spell.asked.documents
        ):
            yield Warned("incomplete", "no Encounter says which stay it is", "Composition.encounter")
