"""Which messages are used, and for what (HL7 v2.5.1 chapters 3, 7 and 9)."""

from enum import StrEnum

from service.messages.hl7v2.wire import Header


class Event(StrEnum):
    ADMIT = "admit"
    TRANSFER = "transfer"
    DISCHARGE = "discharge"
    UPDATE = "update"
    CANCEL_ADMIT = "cancel_admit"
    CANCEL_TRANSFER = "cancel_transfer"
    CANCEL_DISCHARGE = "cancel_discharge"
    PATIENT = "patient"
    """Facts of the patient, whatever the spell."""
    MERGE = "merge"
    DOCUMENT = "document"
    ADDENDUM = "addendum"
    EDIT = "edit"
    REPLACEMENT = "replacement"
    CANCEL_DOCUMENT = "cancel_document"
    REPORT = "report"
    NOT_USED = "not_used"


_EVENTS = {
    ("ADT", "A01"): Event.ADMIT,
    ("ADT", "A02"): Event.TRANSFER,
    ("ADT", "A03"): Event.DISCHARGE,
    ("ADT", "A08"): Event.UPDATE,
    ("ADT", "A11"): Event.CANCEL_ADMIT,
    ("ADT", "A12"): Event.CANCEL_TRANSFER,
    ("ADT", "A13"): Event.CANCEL_DISCHARGE,
    ("ADT", "A28"): Event.PATIENT,
    ("ADT", "A31"): Event.PATIENT,
    ("ADT", "A40"): Event.MERGE,
    ("MDM", "T02"): Event.DOCUMENT,
    ("MDM", "T06"): Event.ADDENDUM,
    ("MDM", "T08"): Event.EDIT,
    ("MDM", "T10"): Event.REPLACEMENT,
    ("MDM", "T11"): Event.CANCEL_DOCUMENT,
    ("ORU", "R01"): Event.REPORT,
}


def event_of(header: Header) -> Event:
    return _EVENTS.get((header.code, header.trigger), Event.NOT_USED)
