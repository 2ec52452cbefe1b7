"""A tree that was read from XML, with lists where the model of its resource has them: XML does not say."""

from typing import Any, get_args, get_origin

from service.messages.fhir.nodes import Node


def shaped(kind: str, node: Node) -> Node:
    """
    Args:
        kind: of the resource or the element, as FHIR R4 names it.
    """
    fields = _fields(kind)
    return {name: _shaped_value(fields.get(name), value) for name, value in node.items()}


def _fields(kind: str) -> dict[str, tuple[str, bool]]:
    """The kind of each element, and whether it repeats; none for a kind that is not known."""
    from fhir.resources.R4B import get_fhir_model_class

    try:
        model = get_fhir_model_class(kind)
    except (LookupError, ValueError):
        return {}
    return {field.alias or name: _kind_of(field.annotation) for name, field in model.model_fields.items()}


def _kind_of(annotation: Any) -> tuple[str, bool]:  # whatever typing has
    parts = [one for one in (get_args(annotation) or (annotation,)) if one is not type(None)]
    if get_origin(annotation) is list:
        return _kind_of(get_args(annotation)[0])[0], True
    if len(parts) == 1 and parts[0] is not annotation:
        return _kind_of(parts[0])
    return getattr(annotation, "__name__", "").removesuffix("Type"), False


def _shaped_value(expected: tuple[str, bool] | None, value: object) -> object:
    if expected is None:
        return value
    kind, repeats = expected
    inner = [_shaped_one(kind, one) for one in (value if isinstance(value, list) else [value])]
    return inner if repeats or len(inner) > 1 else inner[0]


def _shaped_one(kind: str, value: object) -> object:
    if not isinstance(value, dict):
        return value
    return shaped(str(value.get("resourceType") or kind), value)
