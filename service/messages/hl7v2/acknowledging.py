"""The answer to a message: ACK with MSA-1 AA (taken), AE (something is wrong) or AR (cannot be read)."""

from datetime import datetime
from enum import StrEnum

from service.messages.hl7v2.events import event_of
from service.messages.hl7v2.values import UK
from service.messages.hl7v2.wire import Header

_MARKS = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\", "\r": " ", "\n": " "}


class AckCode(StrEnum):
    ACCEPT = "AA"
    ERROR = "AE"
    REJECT = "AR"


def acknowledgement(
    header: Header | None, code: AckCode, control_id: str, at: datetime, reason: str = ""
) -> bytes:
    """
    Args:
        header: of the message that is answered; None where not even its MSH could be read.
        control_id: of the answer itself.
    """
    sent = header or Header("", "", "", "", "ACK", "", "", "P", "2.4")
    time = at.astimezone(UK).strftime("%Y%m%d%H%M%S%z")
    kind = f"ACK^{escaped(sent.trigger)}" if header and event_of(header) else "ACK"
    route = (
        sent.receiving_application,
        sent.receiving_facility,
        sent.sending_application,
        sent.sending_facility,
    )
    msh = ["MSH", "^~\\&", *map(escaped, route), time, "", kind, control_id]
    msh += [
        escaped(sent.processing) or "P",
        escaped(sent.version) or "2.4",
        "",
        "",
        "",
        "",
        "",
        "UNICODE UTF-8",
    ]
    msa = ["MSA", code.value, escaped(sent.control_id), escaped(reason[:80])]
    segments = ["|".join(msh), "|".join(msa)]
    if reason:
        segments.append(
            "|".join(
                ["ERR", "", "", "207^Application internal error^HL70357", "E", "", "", "", escaped(reason)]
            )
        )
    return ("\r".join(segments) + "\r").encode()


def escaped(text: str) -> str:
    return "".join(_MARKS.get(character, character) for character in text)
