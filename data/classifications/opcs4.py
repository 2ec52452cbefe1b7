"""OPCS-4 without the official table: every code that England recorded is valid; titles are our own.

Which codes exist is a fact of the published usage counts. Titles are Crown copyright, so only the most
used codes have one, in our own words; the rest show `title: import your table`.
"""

from collections.abc import Iterator, Set
from pathlib import Path

from data.classifications.entry import Entry, EntryKind
from data.classifications.usage import TABLES_FOLDER, read_usage
from data.curated import read_rows

LABEL = "OPCS-4"
EDITION = "OPCS-4 codes used in England 2012-2024"
_TITLES = TABLES_FOLDER / "opcs4_titles.tsv"


def opcs4_entries() -> Iterator[Entry]:
    """Chapters, categories and codes, parents first.

    Raises:
        CuratedFileError: a title belongs to a code that England never recorded.
    """
    usage = read_usage("opcs4")
    known = usage.keys() | {code[:3] for code in usage}
    titles = opcs4_titles(known)
    yield from opcs4_hierarchy({code: titles.get(code, "") for code in known}, usage)


def opcs4_hierarchy(titles: dict[str, str], usage: dict[str, int]) -> Iterator[Entry]:
    """Entries of three- and four-character codes; categories and chapters come of themselves."""
    codes = [code for code in sorted(titles) if len(code) == 4]
    for chapter, title in sorted(_chapters().items()):
        yield Entry(chapter, title, EntryKind.CHAPTER, None, chapter, assignable=False)
    for category in sorted({code[:3] for code in titles}):
        title = titles.get(category, "")
        yield Entry(category, title, EntryKind.CATEGORY, category[0], category[0], assignable=False)
    for code in codes:
        kind = EntryKind.SUBCATEGORY
        yield Entry(code, titles[code], kind, code[:3], code[0], usage=usage.get(code, 0))


def opcs4_secondary_only() -> frozenset[str]:
    """Chapters and categories whose codes never stand alone."""
    return frozenset(
        row["code"] for row in read_rows(TABLES_FOLDER / "opcs4_secondary.tsv", ("code", "reason"))
    )


def _chapters() -> dict[str, str]:
    path = TABLES_FOLDER / "opcs4_chapters.tsv"
    return {row["chapter"]: row["title"] for row in read_rows(path, ("chapter", "title"))}


def opcs4_titles(known: Set[str], path: Path = _TITLES) -> dict[str, str]:
    titles: dict[str, str] = {}
    for row in read_rows(path, ("code", "title")):
        if row["code"] not in known or row["code"] in titles:
            raise row.problem("code", f"{row['code']!r} was never recorded, or has a title already")
        titles[row["code"]] = row.required("title")
    return titles
