"""ICD-10-CM, for public benchmarks only: the package simple-icd-10-cm, an optional extra."""

import warnings
from collections.abc import Iterator
from typing import Any

from data.classifications.entry import Entry, EntryKind
from data.classifications.search import Synonym
from data.errors import TableError

LABEL = "ICD-10-CM"
EDITION = "ICD-10-CM (simple-icd-10-cm)"


def icd10cm_entries() -> Iterator[Entry]:
    """Chapters, blocks, categories and codes of the US edition, parents first.

    Raises:
        TableError: the package is not installed.
    """
    table = _table()
    for code in table.get_all_codes(True):
        yield _entry(table, code)


def icd10cm_inclusion_terms() -> list[Synonym]:
    """What stands under the titles: `Cholangiocarcinoma` under intrahepatic bile duct carcinoma."""
    table = _table()
    return [
        Synonym(code.replace(".", ""), term)
        for code in table.get_all_codes(True)
        if not table.is_chapter_or_block(code)
        for term in table.get_inclusion_term(code)
    ]


def _table() -> Any:  # an untyped package
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import simple_icd_10_cm
    except ImportError:
        problem = "ICD-10-CM needs the package simple-icd-10-cm: pip install 'hospital-autocoder[benchmark]'"
        raise TableError(problem) from None
    return simple_icd_10_cm


def _entry(table: Any, code: str) -> Entry:
    lineage = [code, *table.get_ancestors(code)]
    block = next((above for above in lineage if table.is_block(above)), None)
    return Entry(
        code=code.replace(".", ""),
        title=table.get_description(code),
        kind=_kind(table, code),
        parent=lineage[1].replace(".", "") if len(lineage) > 1 else None,
        chapter=lineage[-1],
        block=block,
        assignable=table.is_leaf(code) and not table.is_chapter_or_block(code),
    )


def _kind(table: Any, code: str) -> EntryKind:
    if table.is_chapter(code):
        return EntryKind.CHAPTER
    if table.is_block(code):
        return EntryKind.BLOCK
    return EntryKind.CATEGORY if table.is_category(code) else EntryKind.SUBCATEGORY
