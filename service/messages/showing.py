"""A message as a person reads and mends it: one segment a line."""

from service.messages.errors import Unreadable
from service.messages.hl7v2.wire import decoded


def as_text(content: bytes) -> str:
    """Characters that cannot be read are shown as U+FFFD, so that they can be found and mended."""
    try:
        text = decoded(content)
    except Unreadable:
        text = content.decode("utf-8", errors="replace")
    text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
