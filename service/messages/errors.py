"""Why a message is not taken. The reason names the place, never what stood there.

MessageError
├── Unreadable      not of the format, or its characters cannot be decoded
└── Unusable        readable, and something that we need is missing or wrong
    └── CannotExtract   a file inside it gives no text
"""


class MessageError(Exception):
    """Base; its text is the reason that the sender and the quarantine page are given."""


class Unreadable(MessageError):
    """It is not of the format, or its characters cannot be decoded."""


class Unusable(MessageError):
    """It can be read, and something that we need is missing or wrong."""


class CannotExtract(Unusable):
    """A file inside it gives no text."""
