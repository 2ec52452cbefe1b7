"""Bytes of a FHIR body as a tree: JSON or XML, whichever it is."""

import json
from typing import Any

from service.messages.errors import Unreadable
from service.messages.fhir.nodes import Node, kind_of
from service.messages.fhir.xml import DEEPEST, read_xml


def read_resource(sent: bytes) -> Node:
    """
    Raises:
        Unreadable: it is neither JSON nor XML, or no FHIR resource.
    """
    body = sent.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body.startswith((b"\xff\xfe", b"\xfe\xff", b"<")):
        return read_xml(body)
    resource = _read_json(body)
    if not isinstance(resource, dict) or not kind_of(resource):
        raise Unreadable("it has no resourceType")
    if _too_deep(resource):
        raise Unreadable(f"it is more than {DEEPEST} levels deep")
    return resource


def _read_json(body: bytes) -> Any:  # whatever JSON holds
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise Unreadable("its characters are not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}, column {error.colno}: it is neither JSON nor XML") from None
    except (ValueError, RecursionError):
        raise Unreadable("it is JSON that is not read here") from None


def _refuse_constant(_: str) -> None:
    raise ValueError


def _too_deep(resource: Node) -> bool:
    level: list[Any] = [resource]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(one: Any) -> list[Any]:  # whatever JSON holds
    held = one.values() if isinstance(one, dict) else one
    return [inner for inner in held if isinstance(inner, dict | list)]
