"""Checks resources of FHIR R4 against the specification, with fhir.resources (R4B).

What is wrong is told to the sender as a warning and hinders nothing: real messages miss parts that the
specification requires and that no coder needs. STU3 is not checked (docs/decisions/0023-reading-fhir.md).
"""

from collections.abc import Iterator
from typing import Any

from service.messages.fhir.asked import Warned
from service.messages.fhir.nodes import Node, each, words
from service.messages.fhir.shaping import shaped
from service.messages.fhir.shelf import Shelf

_CHECKED = frozenset(
    {
        "Composition", "DocumentReference", "DiagnosticReport", "Encounter", "Patient", "Practitioner",
        "PractitionerRole", "Organization", "Location", "MessageHeader", "Binary",
    }
)  # fmt: skip
_MOST = 10
_MOST_RESOURCES = 40


def r4_warnings(root: Node, *, from_xml: bool) -> Iterator[Warned]:
    """The first few things that R4 would have otherwise; none for a body that says it is STU3."""
    if _is_stu3(root):
        return
    resources = Shelf.of(root).resources[:_MOST_RESOURCES]
    found = (warned for one in resources for warned in _of(one.node, one.where, from_xml=from_xml))
    for _, warned in zip(range(_MOST), found, strict=False):
        yield warned


def _is_stu3(root: Node) -> bool:
    profiles = [str(one) for one in each(root, "meta", "profile")]
    return any("stu3" in one.lower() for one in profiles)


def _of(node: Node, where: str, *, from_xml: bool) -> Iterator[Warned]:
    kind = words(node, "resourceType")
    if kind not in _CHECKED:
        return
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    try:
        get_fhir_model_class(kind).model_validate(shaped(kind, node) if from_xml else node)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False, include_input=False):
            yield Warned("structure", "not as FHIR R4 has it", _expression(where, one["loc"]))
    except (ValueError, TypeError, AttributeError, RecursionError):
        yield Warned("structure", "not as FHIR R4 has it", where)


def _expression(where: str, location: tuple[Any, ...]) -> str:
    """Names that are no plain ones may have been made up of anything: they are not repeated."""
    parts = [where]
    for one in location:
        if isinstance(one, int):
            parts[-1] += f"[{one}]"
        elif one.isascii() and one.isidentifier() and len(one) < 40:
            parts.append(one)
    return ".".join(parts)[:200]
