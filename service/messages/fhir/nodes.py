"""Reads a parsed resource: one value or several, JSON or XML, are walked alike.

A node is what JSON holds. Nothing here raises: what is missing, or not of the expected kind, is not there.
"""

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]  # a FHIR object, as JSON has it
_LONGEST_KIND = 40


def each(node: object, *path: str) -> Iterator[Any]:
    """Every value at a path of names, through lists."""
    if not path:
        yield from node if isinstance(node, list) else () if node is None else (node,)
        return
    for one in node if isinstance(node, list) else (node,):
        if isinstance(one, dict):
            yield from each(one.get(path[0]), *path[1:])


def nodes(node: object, *path: str) -> Iterator[Node]:
    """Those of the values that are objects."""
    return (one for one in each(node, *path) if isinstance(one, dict))


def words(node: object, *path: str) -> str:
    """The first value that is a plain one, without the space around it; empty where there is none."""
    found = (one for one in each(node, *path) if isinstance(one, str | int | float))
    return next((written for one in found if (written := str(one).strip())), "")


def kind_of(node: object) -> str:
    """The type of a resource; empty where none is named, or what is no name: it is repeated to the sender."""
    kind = node.get("resourceType") if isinstance(node, dict) else None
    plain = isinstance(kind, str) and kind.isascii() and kind.isalpha() and len(kind) <= _LONGEST_KIND
    return str(kind) if plain else ""


def codings(node: object, *path: str) -> Iterator[tuple[str, str, str]]:
    """System, code and display of every coding of the CodeableConcepts (or Codings) at a path."""
    for concept in nodes(node, *path):
        for coding in (concept, *nodes(concept, "coding")):
            if words(coding, "code"):
                yield words(coding, "system"), words(coding, "code"), words(coding, "display")


def named(node: object, *path: str) -> str:
    """What a CodeableConcept is called: its text, otherwise the first display."""
    for concept in nodes(node, *path):
        found = words(concept, "text") or next((d for _, _, d in codings(concept) if d), "")
        if found:
            return found
    return ""


def extension(node: object, name: str) -> Iterator[Node]:
    """Extensions whose URL holds a name: `AdmissionMethod` of UK Core and of CareConnect alike."""
    wanted = name.lower()
    return (one for one in nodes(node, "extension") if wanted in words(one, "url").lower())


def identifiers(node: object, path: str = "identifier") -> Iterator[tuple[str, str]]:
    """System and value."""
    for one in nodes(node, path):
        if words(one, "value"):
            yield words(one, "system"), words(one, "value")
