"""What a message asks for, read in full before anything is changed."""

from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from service.episodes.schemas import DocumentIn
from service.messages.errors import Unusable
from service.messages.hl7v2.documents import document_of, reports_of
from service.messages.hl7v2.events import Event, event_of
from service.messages.hl7v2.patient import Facts, merged_from, patient_facts, spell_number, visit_facts
from service.messages.hl7v2.values import read_date
from service.messages.hl7v2.wire import Hl7Message

_DOCUMENTS = frozenset({Event.DOCUMENT, Event.ADDENDUM, Event.EDIT, Event.REPLACEMENT, Event.CANCEL_DOCUMENT})
_WITHOUT_SPELL = frozenset({Event.PATIENT, Event.MERGE, Event.NOT_USED, Event.REPORT})


@dataclass(frozen=True, slots=True)
class Asked:
    event: Event
    spell_number: str
    """Empty where the message is not about one spell."""
    on: date | None
    """UK day of the event (EVN-6, otherwise EVN-2)."""
    patient: Facts
    visit: Facts
    documents: tuple[DocumentIn, ...] = ()
    merged_from: str = ""
    """Local patient id that is no longer used."""


def read_request(message: Hl7Message) -> Asked:
    """
    Raises:
        Unusable: with the field that is missing or wrong.
    """
    event = event_of(message.header)
    if event is Event.NOT_USED:
        return Asked(event, "", None, {}, {})
    spell = spell_number(message)
    if not spell and event not in _WITHOUT_SPELL:
        raise Unusable("PV1-19, the number of the visit, must be given")
    if event is Event.MERGE and not merged_from(message):
        raise Unusable("MRG-1, the patient id that is no longer used, must be given")
    return Asked(
        event,
        spell,
        _day_of_event(message),
        patient_facts(message),
        visit_facts(message),
        _documents(message, event),
        merged_from(message),
    )


def _documents(message: Hl7Message, event: Event) -> tuple[DocumentIn, ...]:
    try:
        if event is Event.REPORT:
            return reports_of(message)
        return (document_of(message, event),) if event in _DOCUMENTS else ()
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()}))
        raise Unusable(f"the document cannot be taken: {fields}") from None


def _day_of_event(message: Hl7Message) -> date | None:
    evn = message.first("EVN")
    if evn is None:
        return None
    return read_date(evn.value(6), "EVN-6") or read_date(evn.value(2), "EVN-2")
