"""A message as a person reads and mends it: HL7 one segment a line, JSON indented."""

import json

from service.messages.errors import Unreadable
from service.messages.hl7v2.wire import decoded
from service.messages.records import Channel


def as_text(content: bytes, channel: str = Channel.HL7V2) -> str:
    """Characters that cannot be read are shown as U+FFFD, so that they can be found and mended."""
    if channel == Channel.FHIR:
        text = _indented(content.decode("utf-8", errors="replace"))
    else:
        text = _segments(content)
    text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _segments(content: bytes) -> str:
    try:
        return decoded(content)
    except Unreadable:
        return content.decode("utf-8", errors="replace")


def _indented(text: str) -> str:
    """JSON that cannot be read, and XML, as they came."""
    try:
        found = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
    return found.encode("utf-8", errors="replace").decode()
