"""FHIR in XML as the tree that JSON would be. No document type, so no entities; nothing is fetched.

A repeated element is a list, a single one its value: which of both is meant, a reader need not know
(nodes.py).
"""

from xml.parsers import expat

from service.messages.errors import Unreadable
from service.messages.fhir.nodes import Node
from service.messages.fhir.xhtml import Xhtml

DEEPEST = 100
"""Levels; a real document has about twenty."""
_FHIR = "http://hl7.org/fhir"
_XHTML = "http://www.w3.org/1999/xhtml"


def read_xml(sent: bytes) -> Node:
    """
    Raises:
        Unreadable: it is not well-formed, has a document type, is too deep, or is not FHIR.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(sent, True)
    except expat.ExpatError as error:
        raise Unreadable(f"line {error.lineno}: it is not well-formed XML") from None
    except (ValueError, LookupError):
        raise Unreadable("its encoding is not one that is read here") from None
    return reader.root()


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("a document type is not read: FHIR has none")


class _Reader:
    def __init__(self) -> None:
        self._stack: list[tuple[str, Node, str | None]] = [("", {}, None)]
        """Open elements: name, content, and the value of a plain one (extensions on it are not used here)."""
        self._xhtml: Xhtml | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if len(self._stack) + (self._xhtml.depth if self._xhtml else 0) > DEEPEST:
            raise Unreadable(f"it is more than {DEEPEST} levels deep")
        if self._xhtml is None and namespace == _XHTML:
            self._xhtml = Xhtml()
        if self._xhtml is not None:
            self._xhtml.start(local, attributes)
            return
        node: Node = {key: attributes[key] for key in ("id", "url") if key in attributes}
        if len(self._stack) == 1 and namespace not in (_FHIR, ""):
            raise Unreadable(f"the root is not of the namespace {_FHIR}")
        if local[:1].isupper():
            node["resourceType"] = local
        self._stack.append((local, node, attributes.get("value")))

    def end(self, name: str) -> None:
        if self._xhtml is not None:
            self._xhtml.end(name.rpartition(" ")[2])
            if not self._xhtml.depth:
                _put(self._stack[-1][1], "div", self._xhtml.written())
                self._xhtml = None
            return
        local, node, value = self._stack.pop()
        name_here, holder, _ = self._stack[-1]
        if "resourceType" in node and name_here in ("resource", "contained"):
            holder.update(node)
        else:
            _put(holder, local, node if value is None else value)

    def characters(self, text: str) -> None:
        if self._xhtml is not None:
            self._xhtml.characters(text)

    def root(self) -> Node:
        found = next(iter(self._stack[0][1].values()), None)
        if not isinstance(found, dict) or "resourceType" not in found:
            raise Unreadable("it is XML, and no FHIR resource")
        return found


def _put(holder: Node, name: str, value: object) -> None:
    if name not in holder:
        holder[name] = value
    elif isinstance(holder[name], list):
        holder[name].append(value)
    else:
        holder[name] = [holder[name], value]
