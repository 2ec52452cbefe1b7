"""Composition: a document in sections, as one text with the sections' headings on lines of their own."""

from collections.abc import Iterator
from typing import Any

from service.episodes.schemas import DocumentStatus
from service.messages.fhir.attached import Attached, attached_text
from service.messages.fhir.headings import heading_of
from service.messages.fhir.narrative import html_text
from service.messages.fhir.nodes import Node, codings, each, named, nodes, words
from service.messages.fhir.shelf import Shelf, Shelved

STATUSES = {
    "preliminary": DocumentStatus.PRELIMINARY,
    "partial": DocumentStatus.PRELIMINARY,
    "registered": DocumentStatus.PRELIMINARY,
    "amended": DocumentStatus.AMENDED,
    "corrected": DocumentStatus.AMENDED,
    "appended": DocumentStatus.AMENDED,
    "entered-in-error": DocumentStatus.ENTERED_IN_ERROR,
    "cancelled": DocumentStatus.ENTERED_IN_ERROR,
}
"""Anything else is final."""
_DEEPEST_SECTION = 8
_MOST_ENTRIES = 200
_BULLETED = ("Condition", "Procedure", "Observation", "AllergyIntolerance", "FamilyMemberHistory", "Flag")


def composition_text(shelf: Shelf, composition: Shelved) -> Attached:
    """Sections in their order; of one without words, what its entries are called, or hold as a file."""
    blocks = [words(composition.node, "title")]
    files: list[Attached] = []
    for section, depth in _sections(composition.node, 0):
        body = _narrative(section) or _entries(shelf, composition, section, files)
        if body:
            blocks.append(f"{_heading(section)}\n{body}".strip("\n"))
        elif depth < _DEEPEST_SECTION and any(nodes(section, "section")):
            blocks.append(_heading(section))
    if len(blocks) == 1 and (own := _narrative(composition.node)):
        blocks.append(own)
    text = "\n\n".join(filter(None, (*blocks, *(one.text for one in files))))
    has_words = len(blocks) > 1 or any(one.text.strip() for one in files)
    if files and not has_words:
        return files[0]
    return Attached(text if has_words else "", "text/html", files[0].digest if files else None)


def _sections(holder: Node, depth: int) -> Iterator[tuple[Node, int]]:
    if depth > _DEEPEST_SECTION:
        return
    for section in nodes(holder, "section"):
        yield section, depth
        yield from _sections(section, depth + 1)


def _heading(section: Node) -> str:
    """The sender's title, with the heading that the code means before it where they are not the same."""
    title, coded = words(section, "title"), heading_of(codings(section, "code"))
    if not title or title.lower() == coded.lower():
        return title or coded or named(section, "code")
    return title if _says_more(title, coded) else f"{coded} ({title})"


def _says_more(title: str, coded: str) -> bool:
    """Whether a title may stand alone: it has words, and is not only `Section 3`."""
    return not coded or (not title.lower().startswith(("section", "part ")) and any(map(str.isalpha, title)))


def _narrative(holder: Node) -> str:
    return html_text(words(holder, "text", "div")).strip("\n")


def _entries(shelf: Shelf, holder: Shelved, section: Node, files: list[Attached]) -> str:
    lines: list[str] = []
    for reference in list(nodes(section, "entry"))[:_MOST_ENTRIES]:
        found = shelf.find(reference, holder)
        if found is None:
            lines += filter(None, [words(reference, "display")])
        elif found.kind in ("Binary", "DocumentReference"):
            files.extend(attached_text(shelf, found))
        else:
            lines += _items(shelf, found, 0)
    return "\n".join(f"- {line}" for line in lines)


def _items(shelf: Shelf, found: Shelved, depth: int) -> Iterator[str]:
    """What a coded entry is called; of a List each of its items."""
    if found.kind == "List" and depth < _DEEPEST_SECTION:
        for item in list(nodes(found.node, "entry", "item"))[:_MOST_ENTRIES]:
            inner = shelf.find(item, found)
            if inner is not None:
                yield from _items(shelf, inner, depth + 1)
            elif words(item, "display"):
                yield words(item, "display")
        return
    if found.kind in _BULLETED and (line := _item_line(found.node)):
        yield line
    elif found.kind not in _BULLETED and (told := _narrative(found.node)):
        yield told.replace("\n", " ")


def _item_line(node: Node) -> str:
    sites = [name for site in nodes(node, "bodySite") if (name := named([{"site": site}], "site"))]
    notes = [str(one) for one in each(node, "note", "text")]
    return ", ".join(filter(None, (named(node, "code"), *sites, *_value(node), *notes)))


def _value(node: Node) -> Iterator[Any]:
    """Of an Observation."""
    if quantity := next(nodes(node, "valueQuantity"), None):
        yield f"{words(quantity, 'value')} {words(quantity, 'unit')}".strip()
    yield named(node, "valueCodeableConcept")
    yield words(node, "valueString")
