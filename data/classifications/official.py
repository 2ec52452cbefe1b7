"""Entries of an imported official table: its codes and titles, our knowledge of chapters and usage."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from data.classifications.editions import Edition, read_edition
from data.classifications.entry import Entry, EntryKind
from data.classifications.icd10 import Node, finished, uk_nodes
from data.classifications.opcs4 import opcs4_hierarchy
from data.classifications.trud import OfficialCode
from data.classifications.usage import read_usage


def official_entries(edition: Edition, stored: Sequence[Edition]) -> Iterator[Entry]:
    """The entries of an imported edition.

    A code that the edition before has not is valid from the first day of this one; a code that the next
    one has not, until the day before that begins. For what began before the first edition that was
    imported no date is known.
    """
    rows = read_edition(edition)
    position = stored.index(edition)
    before = _codes(stored[position - 1]) if position > 0 else None
    after = _codes(stored[position + 1]) if position + 1 < len(stored) else None
    last_day = _last_day(edition, stored[position + 1] if after is not None else None)
    for entry in _entries(edition.classification, rows):
        begun = edition.valid_from if before is not None and entry.code not in before else None
        ended = last_day if after is None or entry.code not in after else None
        yield replace(entry, valid_from=begun, valid_to=ended)


def _last_day(edition: Edition, following: Edition | None) -> date | None:
    if following is None:
        return edition.valid_to
    return edition.valid_to or following.valid_from - timedelta(days=1)


def _entries(classification_name: str, rows: Iterable[OfficialCode]) -> Iterator[Entry]:
    usage = read_usage(classification_name)
    if classification_name == "opcs4":
        return opcs4_hierarchy({row.code: row.title for row in rows}, usage)
    return finished(_icd10_nodes({row.code: row.title for row in rows}), usage)


def _codes(edition: Edition) -> frozenset[str]:
    return frozenset(entry.code for entry in _entries(edition.classification, read_edition(edition)))


def _icd10_nodes(titles: dict[str, str]) -> dict[str, Node]:
    """Nodes of the official codes under the chapters and blocks of the table that ships.

    The stored code has four characters; a fifth is kept beside it and has no entry.
    """
    shipped = uk_nodes()
    nodes = {
        code: node for code, node in shipped.items() if node.kind in {EntryKind.CHAPTER, EntryKind.BLOCK}
    }
    four = _four_characters(titles, shipped)
    for code in sorted({code[:3] for code in four}):
        known = shipped.get(code)
        title = four.get(code) or (known.title if known else "")
        nodes[code] = Node(
            code, title, EntryKind.CATEGORY, known.parent if known else _block_of(code, shipped)
        )
    for code in sorted(code for code in four if len(code) == 4):
        nodes[code] = Node(code, four[code], EntryKind.SUBCATEGORY, code[:3])
    return nodes


def _four_characters(titles: dict[str, str], shipped: dict[str, Node]) -> dict[str, str]:
    """Title by code without filler. Where only rows of five characters stand, their title says too much."""
    five = {code[:4].removesuffix("X"): title for code, title in titles.items() if len(code) > 4}
    ours = {code: shipped[code].title for code in five.keys() & shipped.keys()}
    own = {code.removesuffix("X"): title for code, title in titles.items() if len(code) <= 4}
    return five | ours | own


def _block_of(category: str, shipped: dict[str, Node]) -> str | None:
    """The block of the nearest category before it: the UK edition may know categories that ours does not."""
    earlier = [n for n in shipped.values() if n.kind is EntryKind.CATEGORY and n.code < category]
    return max(earlier, key=lambda node: node.code).parent if earlier else None
