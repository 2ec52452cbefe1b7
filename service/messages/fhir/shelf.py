"""The resources of one body, found by how they refer to each other.

References are `urn:uuid:…`, `Type/id`, whole addresses, `#id` of something contained, or an identifier alone.
Nothing outside the body is ever fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from service.messages.fhir.nodes import Node, identifiers, kind_of, nodes, words


@dataclass(frozen=True, slots=True)
class Shelved:
    """A resource and where it stands, as a FHIRPath expression."""

    node: Node
    where: str
    url: str = ""

    @property
    def kind(self) -> str:
        return kind_of(self.node)

    @property
    def id(self) -> str:
        return words(self.node, "id")


class Shelf:
    def __init__(self, root: Node, resources: tuple[Shelved, ...]) -> None:
        self.root = root
        self.resources = resources

    @classmethod
    def of(cls, root: Node, where: str = "") -> Self:
        """Of a Bundle its entries, of anything else itself."""
        kind = kind_of(root)
        if kind != "Bundle":
            return cls(root, (Shelved(root, where or kind),))
        entries = enumerate(nodes(root, "entry"))
        return cls(
            root,
            tuple(
                Shelved(resource, f"{where or 'Bundle'}.entry[{place}].resource", words(entry, "fullUrl"))
                for place, entry in entries
                for resource in list(nodes(entry, "resource"))[:1]
            ),
        )

    def all(self, kind: str) -> Iterator[Shelved]:
        return (one for one in self.resources if one.kind == kind)

    def only(self, kind: str) -> Shelved | None:
        """The resource of a kind, where there is just one."""
        found = list(self.all(kind))
        return found[0] if len(found) == 1 else None

    def find(self, reference: Node | None, holder: Shelved) -> Shelved | None:
        """What a Reference means; None where it is not in the body."""
        if reference is None:
            return None
        written = words(reference, "reference")
        if written.startswith("#"):
            return _contained(holder, written[1:])
        return self._by_address(written) or self._by_identifier(reference)

    def _by_address(self, written: str) -> Shelved | None:
        if not written:
            return None
        kind, identifier = split_address(written)
        for one in self.resources:
            if one.url and one.url == written:
                return one
        for one in self.resources:
            if identifier and one.id == identifier and kind in ("", one.kind):
                return one
            if (
                identifier
                and one.url.endswith((f"/{identifier}", f":{identifier}"))
                and kind in ("", one.kind)
            ):
                return one
        return None

    def _by_identifier(self, reference: Node) -> Shelved | None:
        wanted = set(identifiers(reference))
        return next((one for one in self.resources if wanted & set(identifiers(one.node))), None)


def _contained(holder: Shelved, identifier: str) -> Shelved | None:
    for place, one in enumerate(nodes(holder.node, "contained")):
        if words(one, "id").removeprefix("#") == identifier:
            return Shelved(one, f"{holder.where}.contained[{place}]")
    return None


def split_address(written: str) -> tuple[str, str]:
    """Type and id of an address; of `urn:uuid:…` no type."""
    if written.startswith("urn:"):
        return "", written.rpartition(":")[2]
    parts = written.partition("/_history/")[0].split("/")
    return (parts[-2] if len(parts) > 1 else "", parts[-1])
