"""A FHIR body with what it says of itself."""

import hashlib
import json
from dataclasses import dataclass

from service.messages.errors import Unreadable, Unusable
from service.messages.fhir.nodes import Node, identifiers, kind_of, nodes, words
from service.messages.fhir.reading import read_resource
from service.messages.fhir.shelf import Shelf
from service.messages.records import Channel, Envelope


@dataclass(frozen=True, slots=True)
class FhirMessage:
    root: Node
    envelope: Envelope
    digest: str
    from_xml: bool = False

    @property
    def is_message(self) -> bool:
        return words(self.root, "type") == "message"


def read_message(sent: bytes, expected: str = "") -> FhirMessage:
    """
    Args:
        expected: the type of resource that the address takes; any where none is named.

    Raises:
        Unreadable: it is no FHIR resource.
        Unusable: it is another type than the address takes.
    """
    root = read_resource(sent)
    if expected and kind_of(root) != expected:
        raise Unusable(f"resourceType: this address takes {expected}")
    from_xml = sent.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff"))
    return FhirMessage(root, _envelope(root), digest_of(root), from_xml)


def digest_of(root: Node) -> str:
    """The same however the body is laid out."""
    return hashlib.sha256(json.dumps(root, sort_keys=True).encode()).hexdigest()


def envelope_of(sent: bytes) -> tuple[Envelope, str]:
    """Envelope and digest of a body that could not be taken."""
    try:
        message = read_message(sent)
    except (Unreadable, Unusable):
        return Envelope(Channel.FHIR), hashlib.sha256(sent).hexdigest()
    return message.envelope, message.digest


def _envelope(root: Node) -> Envelope:
    kind = " ".join(filter(None, (kind_of(root), words(root, "type") if kind_of(root) == "Bundle" else "")))
    number = next((f"{system}|{value}" for system, value in identifiers(root)), "") or words(root, "id")
    moment = (
        words(root, "timestamp") or words(root, "meta", "lastUpdated") or words(root, "meta", "versionId")
    )
    identity = f"{kind_of(root)}\n{number}\n{moment}" if number and moment else digest_of(root)
    return Envelope(Channel.FHIR, _sender(root), number.rpartition("|")[2], kind, identity)


def _sender(root: Node) -> str:
    """The organisation that a message says it is from, otherwise where it was sent from."""
    header = Shelf.of(root).only("MessageHeader")
    if header is None:
        return ""
    named = next((value for one in nodes(header.node, "sender") for _, value in identifiers(one)), "")
    return named or words(header.node, "source", "name") or words(header.node, "source", "endpoint")
