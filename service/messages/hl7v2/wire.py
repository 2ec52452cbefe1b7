"""Bytes to segments and fields (HL7 v2.5.1 chapter 2). Z segments and whatever else are kept.

The package `hl7` is not used: it drops line breaks written as escapes and logs the words of fields that it
cannot unescape (docs/decisions/0018-reading-hl7.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.messages.errors import Unreadable

_SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_LINE_END = re.compile(r"\r\n|\r|\n")
_CHARSETS = {
    "": "utf-8",
    "ASCII": "utf-8",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "8859/1": "cp1252",
    "8859/15": "iso-8859-15",
    "UNICODE UTF-16": "utf-16",
}
"""MSH-18 (table 0211). Windows engines call their cp1252, with its quotes and dashes, 8859/1."""
_UNSTATED = frozenset({"", "ASCII"})
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BREAKS = {".br": "\n", ".sp": "\n", ".ce": "\n", ".sk": " ", ".in": "", ".ti": "", ".fi": "", ".nf": ""}
_HIGHLIGHTS = frozenset({"H", "N"})


@dataclass(frozen=True, slots=True)
class Separators:
    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    def unescape(self, written: str) -> str:
        """What an escape stands for; one that is not known stays as it was written."""
        if self.escape not in written:
            return written
        between = re.escape(self.escape)
        return re.sub(f"{between}([^{between}]*){between}", self._meant, written)

    def _meant(self, found: "re.Match[str]") -> str:
        name = found[1]
        own = {
            "F": self.field,
            "S": self.component,
            "R": self.repetition,
            "E": self.escape,
            "T": self.subcomponent,
        }
        if name in own:
            return own[name]
        if name in _HIGHLIGHTS:
            return ""
        if name[:3] in _BREAKS:
            count = name[3:].strip().lstrip("+")
            return _BREAKS[name[:3]] * (min(int(count), 99) if count.isascii() and count.isdigit() else 1)
        return _hexadecimal(name) or found[0]


def _hexadecimal(name: str) -> str | None:
    if not re.fullmatch(r"X([0-9A-Fa-f]{2})+", name):
        return None
    meant = bytes.fromhex(name[1:]).decode("cp1252", errors="replace")
    return meant.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    fields: tuple[str, ...]
    """As written; `fields[0]` is the name, so that PV1-19 is `fields[19]`."""
    separators: Separators

    def raw(self, field: int) -> str:
        return self.fields[field] if field < len(self.fields) else ""

    def repetitions(self, field: int) -> tuple[str, ...]:
        """As written, without empty ones."""
        return tuple(filter(None, self.raw(field).split(self.separators.repetition)))

    def value(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """Of the first repetition; numbered from 1; empty where it is absent or the HL7 null `""`."""
        written = self.raw(field)
        if self.separators.repetition in written:
            written = next(iter(self.repetitions(field)), "")
        return self.part(written, component, subcomponent) if written else ""

    def part(self, repetition: str, component: int = 1, subcomponent: int = 1) -> str:
        found = _nth(repetition, self.separators.component, component)
        found = _nth(found, self.separators.subcomponent, subcomponent)
        return "" if found == '""' else self.separators.unescape(found).strip()

    def text(self, field: int) -> str:
        """All of a text field; its repetitions are lines."""
        lines = self.raw(field).split(self.separators.repetition)
        return "\n".join(self.separators.unescape(line) for line in lines)


def _nth(written: str, separator: str, number: int) -> str:
    if separator not in written:
        return written if number == 1 else ""
    parts = written.split(separator, number)
    return parts[number - 1] if number <= len(parts) else ""


@dataclass(frozen=True, slots=True)
class Header:
    """MSH: who sent what to whom."""

    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str
    code: str
    """ADT, MDM, ORU ..."""
    trigger: str
    """A01, T02, R01 ..."""
    control_id: str
    processing: str
    version: str


@dataclass(frozen=True, slots=True)
class Hl7Message:
    header: Header
    segments: tuple[Segment, ...]

    def all(self, name: str) -> Iterator[Segment]:
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        return next(self.all(name), None)


def read_message(sent: bytes) -> Hl7Message:
    """
    Raises:
        Unreadable: with the line that is not a segment.
    """
    text = decoded(sent)
    lines = [line for line in _LINE_END.split(text) if line]
    separators = _separators(lines[0] if lines else "")
    segments = tuple(_segment(line, number, separators) for number, line in enumerate(lines, 1))
    return Hl7Message(_header(segments[0]), segments)


def header_of(sent: bytes) -> Header | None:
    """What can still be said of a message that cannot be read: enough to answer it."""
    first = _LINE_END.split(sent.decode("latin-1"), maxsplit=1)[0]
    try:
        return _header(_segment(first, 1, _separators(first)))
    except Unreadable:
        return None


def _separators(first: str) -> Separators:
    if not first.startswith("MSH") or len(first) < 8:
        raise Unreadable("line 1: a message begins with MSH and its separators")
    given = first[3:4] + first[4:].split(first[3], 1)[0]
    marks = given + "&"[: 5 - len(given)]
    printable = all(not mark.isalnum() and mark.isprintable() and not mark.isspace() for mark in marks)
    if len(marks) < 5 or len(set(marks)) < len(marks) or not printable:
        raise Unreadable("line 1: MSH-1 and MSH-2 must be five different separators, as in |^~\\&")
    return Separators(*marks[:5])


def _segment(line: str, number: int, separators: Separators) -> Segment:
    fields = line.split(separators.field)
    if not _SEGMENT_NAME.fullmatch(fields[0]):
        raise Unreadable(f"line {number}: it does not begin with the name of a segment; is a line broken?")
    if fields[0] == "MSH":
        fields.insert(1, separators.field)  # MSH-1 is the separator itself
    return Segment(fields[0], tuple(fields), separators)


def _header(msh: Segment) -> Header:
    header = Header(
        sending_application=msh.value(3),
        sending_facility=msh.value(4),
        receiving_application=msh.value(5),
        receiving_facility=msh.value(6),
        code=msh.value(9),
        trigger=msh.value(9, 2),
        control_id=msh.value(10),
        processing=msh.value(11),
        version=msh.value(12),
    )
    if not header.code or not header.control_id:
        raise Unreadable("line 1: MSH-9 (message type) and MSH-10 (control id) must be given")
    return header


def decoded(sent: bytes) -> str:
    """
    Raises:
        Unreadable: its characters are not of the set that MSH-18 names.
    """
    named = "UNICODE UTF-16" if sent.startswith(_BYTE_ORDER_MARKS) else _named_charset(sent)
    charset = _CHARSETS.get(named)
    if charset is None:
        raise Unreadable("MSH-18: this character set is not known here; send UNICODE UTF-8")
    try:
        text = _strictly(sent, charset, fallback=named in _UNSTATED)
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start + 1} is not {charset}; does MSH-18 say the right set?") from None
    if "\x00" in text:
        raise Unreadable("it holds NUL")
    return text.removeprefix("\N{BYTE ORDER MARK}")


def _strictly(sent: bytes, charset: str, *, fallback: bool) -> str:
    """Where no set is stated, what is not UTF-8 is what Windows writes."""
    try:
        return sent.decode(charset)
    except UnicodeDecodeError:
        if not fallback:
            raise
        return sent.decode("cp1252")


def _named_charset(sent: bytes) -> str:
    first = _LINE_END.split(sent[:10_000].decode("latin-1"), maxsplit=1)[0]
    mark = first[3:4] or "|"
    fields = first.split(mark)
    return fields[17].split(first[5:6] or "~")[0].strip().upper() if len(fields) > 17 else ""
