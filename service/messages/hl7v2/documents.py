"""TXA and OBX: the texts that a message carries (HL7 v2.5.1 chapters 7 and 9)."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.episodes import DocumentKind
from service.episodes.schemas import DocumentIn, DocumentStatus
from service.messages.errors import Unusable
from service.messages.extracting import extract_text
from service.messages.hl7v2.events import Event
from service.messages.hl7v2.values import read_date
from service.messages.hl7v2.wire import Hl7Message, Segment
from service.messages.kinds import kind_in_words

_KINDS = {
    "DS": DocumentKind.DISCHARGE_SUMMARY,
    "OP": DocumentKind.OPERATION_NOTE,
    "PN": DocumentKind.OPERATION_NOTE,
    "SP": DocumentKind.HISTOLOGY,
    "PATH": DocumentKind.HISTOLOGY,
    "EN": DocumentKind.ENDOSCOPY_REPORT,
    "CN": DocumentKind.CLINIC_LETTER,
    "CL": DocumentKind.CLINIC_LETTER,
    "DI": DocumentKind.RADIOLOGY,
    "RAD": DocumentKind.RADIOLOGY,
}
"""TXA-2 (table 0270, and what engines add to it)."""
_REPORT_KINDS = {
    "SP": DocumentKind.HISTOLOGY, "PAT": DocumentKind.HISTOLOGY, "CP": DocumentKind.HISTOLOGY,
    "RAD": DocumentKind.RADIOLOGY, "RX": DocumentKind.RADIOLOGY, "RUS": DocumentKind.RADIOLOGY,
    "CT": DocumentKind.RADIOLOGY, "NMR": DocumentKind.RADIOLOGY, "IMG": DocumentKind.RADIOLOGY,
}  # fmt: skip
"""OBR-24 (table 0074)."""
_UNFINISHED = frozenset({"DI", "DO", "IN", "IP", "PA"})
"""TXA-17 (table 0271): dictated, documented, incomplete, in progress, pre-authenticated."""
_PRELIMINARY_RESULTS = frozenset("PIRSO")
_LONGEST = 200


def document_of(message: Hl7Message, event: Event) -> DocumentIn:
    """The document of an MDM message, as the next version of itself or as a further one.

    Raises:
        Unusable: there is no TXA, no id, or no text where there must be one.
    """
    txa = message.first("TXA")
    if txa is None:
        raise Unusable("a document message needs a TXA segment")
    own, parent = txa.value(12), txa.value(13)
    identifier = parent if event is Event.REPLACEMENT and parent else own
    if not identifier:
        raise Unusable("TXA-12, the id of the document, must be given")
    cancelled = event is Event.CANCEL_DOCUMENT
    observed = Observed("", has_scan=False) if cancelled else observe(list(message.all("OBX")))
    return DocumentIn(
        id=identifier[:_LONGEST],
        kind=_kind(txa),
        title=(txa.value(2, 2) or None),
        status=_status(txa, event),
        date=read_date(txa.value(4), "TXA-4") or read_date(txa.value(6), "TXA-6"),
        author=_name(txa, 9),
        text=observed.text,
        no_electronic_text=observed.has_scan,
    )


def _kind(txa: Segment) -> DocumentKind:
    known = _KINDS.get(txa.value(2).upper())
    return known or kind_in_words(txa.value(2, 2) or txa.value(2)) or DocumentKind.OTHER


def _status(txa: Segment, event: Event) -> DocumentStatus:
    if event is Event.CANCEL_DOCUMENT:
        return DocumentStatus.ENTERED_IN_ERROR
    if txa.value(17).upper() in _UNFINISHED:
        return DocumentStatus.PRELIMINARY
    return DocumentStatus.AMENDED if event in (Event.EDIT, Event.REPLACEMENT) else DocumentStatus.FINAL


def _name(segment: Segment, field: int) -> str | None:
    parts = (segment.value(field, place) for place in (6, 3, 2))
    return " ".join(filter(None, parts))[:_LONGEST] or segment.value(field)[:_LONGEST] or None


def reports_of(message: Hl7Message) -> tuple[DocumentIn, ...]:
    """The reports of an ORU message, one for each OBR.

    Raises:
        Unusable: a report has no id, or nothing was observed.
    """
    reports = [_report(group) for group in _groups(message.segments)]
    if not reports:
        raise Unusable("a result message needs an OBR segment")
    return _joined(reports)


def _groups(segments: Iterable[Segment]) -> Iterable[list[Segment]]:
    group: list[Segment] = []
    for segment in segments:
        if segment.name == "OBR":
            if group:
                yield group
            group = [segment]
        elif group and segment.name in ("OBX", "NTE"):
            group.append(segment)
    if group:
        yield group


def _report(group: Sequence[Segment]) -> DocumentIn:
    obr = group[0]
    identifier = obr.value(3) or obr.value(2)
    if not identifier:
        raise Unusable("OBR-3, the number of the report, must be given")
    title = obr.value(4, 2) or obr.value(4)
    observed = observe(group[1:])
    return DocumentIn(
        id=identifier[:_LONGEST],
        kind=_REPORT_KINDS.get(obr.value(24).upper(), DocumentKind.OTHER),
        title=title[:_LONGEST] or None,
        status=DocumentStatus.PRELIMINARY if obr.value(25) in _PRELIMINARY_RESULTS else DocumentStatus.FINAL,
        date=read_date(obr.value(7), "OBR-7") or read_date(obr.value(22), "OBR-22"),
        author=_name(obr, 32) or _name(obr, 16),
        text=f"{title}\n{observed.text}" if title else observed.text,
        no_electronic_text=observed.has_scan,
    )


def _joined(reports: Sequence[DocumentIn]) -> tuple[DocumentIn, ...]:
    """Several OBR of one specimen share its number: they are one document."""
    by_id: dict[str, DocumentIn] = {}
    for report in reports:
        first = by_id.get(report.id)
        text = f"{first.text}\n\n{report.text}" if first else report.text
        scanned = report.no_electronic_text or (first is not None and first.no_electronic_text)
        both = {"text": text, "no_electronic_text": scanned}
        by_id[report.id] = (first or report).model_copy(update=both)
    return tuple(by_id.values())


@dataclass(frozen=True, slots=True)
class Observed:
    text: str
    has_scan: bool
    """A file among what was observed holds no words."""


def observe(segments: Sequence[Segment]) -> Observed:
    """OBX and NTE as a person would read them, one a line."""
    lines = [_observation(one) if one.name == "OBX" else one.text(3) for one in segments]
    scanned = (
        one.name == "OBX" and one.value(2).upper() == "ED" and not line.strip()
        for one, line in zip(segments, lines, strict=True)
    )
    return Observed("\n".join(lines), any(scanned))


def _observation(obx: Segment) -> str:
    kind = obx.value(2).upper()
    if kind == "ED":
        return _encapsulated(obx)
    if kind in ("TX", "FT", "ST", ""):
        return obx.text(5)
    name = obx.value(3, 2) or obx.value(3)
    value = obx.value(5, 2) or obx.value(5) if kind in ("CE", "CWE", "CNE") else obx.text(5)
    reference = f"({obx.value(7)})" if obx.value(7) else ""
    return " ".join(filter(None, (f"{name}:", value, obx.value(6), reference, obx.value(8))))


def _encapsulated(obx: Segment) -> str:
    """ED: `source^type^subtype^encoding^data`."""
    encoding, data = obx.value(5, 4).lower(), obx.value(5, 5)
    if encoding not in ("base64", ""):
        raise Unusable("OBX-5: data of type ED must be base64")
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unusable("OBX-5: the data is not base64") from None
    return extract_text(content)
