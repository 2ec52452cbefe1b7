"""Composition, DocumentReference and DiagnosticReport as the documents of an episode."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from data.episodes import DocumentKind
from service.episodes.schemas import DocumentIn, DocumentStatus
from service.messages.errors import Unreadable, Unusable
from service.messages.fhir.attached import Attached, File, file_text, files_of
from service.messages.fhir.composition import STATUSES, composition_text
from service.messages.fhir.narrative import html_text
from service.messages.fhir.nodes import Node, codings, each, identifiers, kind_of, named, nodes, words
from service.messages.fhir.people import person_name
from service.messages.fhir.reading import read_resource
from service.messages.fhir.shelf import Shelf, Shelved, split_address
from service.messages.fhir.values import uk_day
from service.messages.kinds import kind_in_words

_KINDS = {
    "373942005": DocumentKind.DISCHARGE_SUMMARY,
    "18842-5": DocumentKind.DISCHARGE_SUMMARY,
    "371526002": DocumentKind.OPERATION_NOTE,
    "11504-8": DocumentKind.OPERATION_NOTE,
    "371528001": DocumentKind.HISTOLOGY,
    "11526-1": DocumentKind.HISTOLOGY,
    "60567-5": DocumentKind.HISTOLOGY,
    "SP": DocumentKind.HISTOLOGY,
    "PAT": DocumentKind.HISTOLOGY,
    "CP": DocumentKind.HISTOLOGY,
    "371527006": DocumentKind.RADIOLOGY,
    "4201000179104": DocumentKind.RADIOLOGY,
    "18748-4": DocumentKind.RADIOLOGY,
    "RAD": DocumentKind.RADIOLOGY,
    "18751-8": DocumentKind.ENDOSCOPY_REPORT,
    "18746-8": DocumentKind.ENDOSCOPY_REPORT,
    "823691000000103": DocumentKind.CLINIC_LETTER,
    "823681000000100": DocumentKind.CLINIC_LETTER,
}
"""SNOMED CT, LOINC, and sections of diagnostic services (table 0074)."""
_LONGEST = 200
_NESTED = 3
"""Documents within documents: a message carries one."""


@dataclass(frozen=True, slots=True)
class Told:
    """A document, and where in which body it stands."""

    shelf: Shelf
    holder: Shelved
    document: DocumentIn


def documents_in(shelf: Shelf, depth: int = 0) -> Iterator[Told]:
    """Every document of a body; a FHIR document that a file holds is read as one.

    Raises:
        Unusable: one of them cannot be read; nothing of the body is taken then.
        Unreadable: a FHIR document inside is not readable.
    """
    compositions = list(shelf.all("Composition"))
    for composition in compositions:
        yield Told(shelf, composition, _of_composition(shelf, composition))
    if compositions:
        return
    references = list(shelf.all("DocumentReference"))
    for holder in references or shelf.all("Binary"):
        yield from _of_reference(shelf, holder, depth)
    for report in shelf.all("DiagnosticReport"):
        yield Told(shelf, report, _of_report(shelf, report))


def _of_composition(shelf: Shelf, composition: Shelved) -> DocumentIn:
    node = composition.node
    status = STATUSES.get(words(node, "status"), DocumentStatus.FINAL)
    if status is DocumentStatus.ENTERED_IN_ERROR:
        held = Attached("", "text/plain")
    else:
        held = composition_text(shelf, composition)
        if not held.text.strip() and held.digest is None:
            raise Unusable(f"{composition.where}.section: there is no text in it")
    return _document(
        composition,
        held,
        id=_replaced(shelf, composition) or _own_id(composition, shelf),
        kind=_kind(node),
        title=words(node, "title") or named(node, "type"),
        status=status,
        date=uk_day(node, "date"),
        author=_author(shelf, composition),
    )


def _own_id(holder: Shelved, shelf: Shelf) -> str:
    """What is the same in every version of the document, as far as anything is."""
    node = holder.node
    own = next((value for _, value in identifiers(node, "masterIdentifier")), "")
    own = own or next((value for _, value in identifiers(node)), "")
    bundle = next((value for _, value in identifiers(shelf.root)), "") if shelf.root is not node else ""
    return own or holder.id or bundle or words(shelf.root, "id") or holder.url.rpartition(":")[2]


def _replaced(shelf: Shelf, holder: Shelved) -> str:
    """The id of the document that this one is a new version of."""
    for relation in nodes(holder.node, "relatesTo"):
        if words(relation, "code") != "replaces":
            continue
        target = next(nodes(relation, "targetReference"), None) or next(nodes(relation, "target"), None)
        named_id = next((value for _, value in identifiers(relation, "targetIdentifier")), "")
        named_id = named_id or next((value for _, value in identifiers(target or {})), "")
        found = shelf.find(target, holder)
        known = _own_id(found, shelf) if found else split_address(words(target, "reference"))[1]
        if named_id or known:
            return named_id or known
    return ""


def _kind(node: Node) -> DocumentKind:
    for path in ("type", "category", "class", "code"):
        for _, code, display in codings(node, path):
            kind = _KINDS.get(code) or kind_in_words(display)
            if kind:
                return kind
    titles = " ".join(filter(None, (words(node, "title"), named(node, "type"), words(node, "description"))))
    return kind_in_words(titles) or DocumentKind.OTHER


def _author(shelf: Shelf, holder: Shelved) -> str | None:
    """A person before an organisation."""
    references = [*nodes(holder.node, "author"), *nodes(holder.node, "performer")]
    people = [one for one in references if words(one, "type") != "Organization"]
    return next((name for one in people or references if (name := person_name(shelf, one, holder))), None)


def _of_reference(shelf: Shelf, holder: Shelved, depth: int) -> Iterator[Told]:
    status = _reference_status(holder.node)
    files = [] if status is DocumentStatus.ENTERED_IN_ERROR else files_of(shelf, holder)
    if files and (inner := _fhir_inside(files[0])) is not None:
        if depth >= _NESTED:
            raise Unusable(f"{files[0].where}: documents within documents go too deep")
        yield from documents_in(Shelf.of(inner), depth + 1)
        return
    if not files and status is not DocumentStatus.ENTERED_IN_ERROR:
        raise Unusable(f"{holder.where}.content: there is no file in it")
    node = holder.node
    held = file_text(files[0]) if files else Attached("", "text/plain")
    told = _document(
        holder,
        held,
        id=_replaced(shelf, holder) or _own_id(holder, shelf),
        kind=_kind(node),
        title=words(node, "description")
        or words(node, "content", "attachment", "title")
        or named(node, "type"),
        status=status,
        date=uk_day(node, "date")
        or uk_day(node, "indexed")
        or uk_day(node, "content", "attachment", "creation"),
        author=_author(shelf, holder),
    )
    yield Told(shelf, holder, told)


def _reference_status(node: Node) -> DocumentStatus:
    """`status` is of the reference, `docStatus` of the document."""
    if words(node, "status") == "entered-in-error":
        return DocumentStatus.ENTERED_IN_ERROR
    return STATUSES.get(words(node, "docStatus"), DocumentStatus.FINAL)


def _fhir_inside(one: File) -> Node | None:
    """
    Raises:
        Unreadable: it says that it is FHIR, and is not.
    """
    head = one.content[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()
    claims = "fhir" in one.content_type
    looks = (head.startswith(b"<") and b"http://hl7.org/fhir" in head and b"<html" not in head.lower()) or (
        head.startswith(b"{") and b"resourceType" in head
    )
    if not claims and not looks:
        return None
    try:
        inner = read_resource(one.content)
    except Unreadable as error:
        raise Unreadable(f"{one.where}: {error}") from None
    return inner if kind_of(inner) in ("Bundle", "Composition") else None


def _of_report(shelf: Shelf, report: Shelved) -> DocumentIn:
    """The form that is meant to be read; otherwise the narrative and the conclusion."""
    node = report.node
    status = STATUSES.get(words(node, "status"), DocumentStatus.FINAL)
    files = files_of(shelf, report)
    held = file_text(files[0]) if files else Attached(_report_words(node), "text/html")
    if not held.text.strip() and held.digest is None and status is not DocumentStatus.ENTERED_IN_ERROR:
        raise Unusable(f"{report.where}: there is no text in it")
    return _document(
        report,
        held,
        id=_own_id(report, shelf),
        kind=_kind(node),
        title=named(node, "code"),
        status=status,
        date=uk_day(node, "effectiveDateTime") or uk_day(node, "issued"),
        author=_author(shelf, report),
    )


def _report_words(node: Node) -> str:
    conclusion = words(node, "conclusion")
    parts = (
        named(node, "code"),
        html_text(words(node, "text", "div")),
        f"Conclusion: {conclusion}" if conclusion else "",
        *(str(one) for one in each(node, "conclusionCode", "text")),
    )
    return "\n".join(filter(None, parts))


def _document(holder: Shelved, held: Attached, **facts: Any) -> DocumentIn:  # DocumentIn checks them
    if not facts["id"]:
        raise Unusable(f"{holder.where}.identifier: the id of the document must be given")
    short: dict[str, Any] = {
        name: value[:_LONGEST] or None if isinstance(value, str) else value for name, value in facts.items()
    }
    status = facts["status"]
    unread = not held.text.strip() and status is not DocumentStatus.ENTERED_IN_ERROR
    try:
        return DocumentIn(
            **short,
            text=held.text,
            content_type=held.content_type[:100],
            original_digest=held.digest,
            no_electronic_text=unread,
        )
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()}))
        raise Unusable(f"{holder.where}: the document cannot be taken: {fields}") from None
