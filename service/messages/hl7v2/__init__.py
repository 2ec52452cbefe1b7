"""HL7 version 2 as NHS integration engines send it: bytes in, what the message asks for out."""

from service.messages.hl7v2.acknowledging import AckCode, acknowledgement
from service.messages.hl7v2.events import Event, event_of
from service.messages.hl7v2.requests import Asked, read_request
from service.messages.hl7v2.wire import Header, Hl7Message, header_of, read_message

__all__ = [
    "AckCode",
    "Asked",
    "Event",
    "Header",
    "Hl7Message",
    "acknowledgement",
    "event_of",
    "header_of",
    "read_message",
    "read_request",
]
