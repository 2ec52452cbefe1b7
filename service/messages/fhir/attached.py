"""Attachments and Binaries: the file that a document is, as text.

An address outside the body is never fetched. A file without words, a scan, is taken as it is and said to
hold no electronic text.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from service.messages.errors import CannotExtract, Unusable
from service.messages.extracting import extract_text
from service.messages.fhir.narrative import html_text
from service.messages.fhir.nodes import Node, nodes, words
from service.messages.fhir.shelf import Shelf, Shelved

_PREFERRED = ("fhir", "html", "plain", "rtf", "pdf", "")
_IMAGES = ("image/",)


@dataclass(frozen=True, slots=True)
class Attached:
    text: str
    content_type: str
    digest: str | None = None
    """sha256 of the file, where there was one; a text without words is a scan."""


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    content_type: str
    where: str


def files_of(shelf: Shelf, holder: Shelved) -> list[File]:
    """The files of a Binary or of a DocumentReference, those that are read best first.

    Raises:
        Unusable: an address is not in the body, or the data is not base64.
    """
    if holder.kind == "Binary":
        return [_file_of(holder.node, holder.where)]
    found, elsewhere = [], ""
    for place, content in enumerate((*nodes(holder.node, "content"), *nodes(holder.node, "presentedForm"))):
        attachment = next(nodes(content, "attachment"), None) or content
        where = f"{holder.where}.content[{place}].attachment"
        inside = _inside(shelf, holder, attachment)
        if words(attachment, "data"):
            found.append(_file_of(attachment, where))
        elif inside is not None:
            found.append(_file_of(inside.node, inside.where, words(attachment, "contentType")))
        else:
            elsewhere = elsewhere or where
    if not found and elsewhere:
        raise Unusable(f"{elsewhere}: the file must be in the body; an address is not fetched")
    return sorted(found, key=_preference)


def _preference(one: File) -> int:
    return next(place for place, name in enumerate(_PREFERRED) if name in one.content_type)


def _inside(shelf: Shelf, holder: Shelved, attachment: Node) -> Shelved | None:
    found = shelf.find({"reference": words(attachment, "url")}, holder)
    return found if found is not None and found.kind == "Binary" else None


def _file_of(node: Node, where: str, claimed: str = "") -> File:
    written = words(node, "data") or words(node, "content")
    try:
        content = base64.b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unusable(f"{where}.data: it is not base64") from None
    if not content:
        raise Unusable(f"{where}.data: it is empty")
    return File(content, (words(node, "contentType") or claimed).lower(), where)


def attached_text(shelf: Shelf, holder: Shelved) -> Iterator[Attached]:
    """The text of the file that is read best, if there is one."""
    for one in files_of(shelf, holder)[:1]:
        yield file_text(one)


def file_text(one: File) -> Attached:
    """
    Raises:
        Unusable: it is no kind of file that is read here, or it is damaged.
    """
    digest = hashlib.sha256(one.content).hexdigest()
    kind = one.content_type.partition(";")[0].strip()
    if kind.startswith(_IMAGES):
        return Attached("", kind, digest)
    try:
        text = extract_text(one.content)
    except CannotExtract as error:
        raise Unusable(f"{one.where}: {error}") from None
    if "html" in kind or looks_like_html(text):
        return Attached(html_text(declared(one.content) or text), "text/html", digest)
    return Attached(text, kind or "text/plain", digest)


def looks_like_html(text: str) -> bool:
    head = text[:500].lstrip().lower()
    return head.startswith(("<!doctype html", "<html", "<div", "<p>", "<table", "<body")) or "<html" in head


def declared(content: bytes) -> str:
    """HTML that names its characters itself, read by them."""
    head = content[:500].lower()
    for charset in ("iso-8859-1", "windows-1252"):
        if charset.encode() in head:
            return content.decode("cp1252", errors="replace")
    return ""
