"""What is known of a code beside its title: its nature, notes, and how often England uses it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from data.classifications.asterisks import asterisk_categories
from data.classifications.classification import Classification
from data.classifications.editions import Edition, editions, read_edition
from data.classifications.entry import Entry, EntryKind
from data.classifications.forms import dotted
from data.classifications.icd10 import EDITION as SHIPPED_ICD10
from data.classifications.opcs4 import EDITION as SHIPPED_OPCS4
from data.classifications.trud import OfficialCode
from data.classifications.usage import TABLES_FOLDER
from data.curated import read_rows

_LETTERS = re.compile(r"\w")


class Nature(StrEnum):
    DAGGER = "dagger"
    """A cause, with its manifestation coded directly after it."""
    ASTERISK = "asterisk"
    """A manifestation, coded directly after the dagger code of its cause."""
    SECONDARY = "secondary"
    """An OPCS-4 method or site that never stands alone."""
    ORDINARY = "ordinary"


class TitleSource(StrEnum):
    OFFICIAL = "official"
    """Of the table that the hospital imported."""
    WHO = "who"
    """Of WHO's edition, corrected to the UK."""
    OURS = "ours"
    """Our own words, or none."""


@dataclass(frozen=True, slots=True)
class NationalUse:
    """How England used a code in 2023-24."""

    count: int
    """Of a category, all codes below it together."""
    rank: int
    """1 is the most used of those beside it; codes used equally share a rank."""
    beside: int
    """How many stand beside it, itself among them."""
    share: float
    """Of the use of all those together; 0 where none was used."""


def title_source(table: Classification) -> TitleSource:
    if table.edition == SHIPPED_ICD10:
        return TitleSource.WHO
    return TitleSource.OURS if table.edition == SHIPPED_OPCS4 else TitleSource.OFFICIAL


def use_of(table: Classification, entry: Entry) -> int:
    """Episodes in England that hold the code, or any code below it."""
    if entry.assignable:
        return entry.usage
    return sum(use_of(table, below) for below in table.children(entry.code))


def national_use(table: Classification, entry: Entry) -> NationalUse:
    """The use of a code among the codes of its category; of a category among those of its block."""
    counts = [use_of(table, one) for one in beside(table, entry)]
    own = use_of(table, entry)
    rank = 1 + sum(count > own for count in counts)
    return NationalUse(own, rank, len(counts), own / sum(counts) if any(counts) else 0.0)


def beside(table: Classification, entry: Entry) -> tuple[Entry, ...]:
    """The entries under the same parent, itself among them, in order."""
    if entry.parent is not None:
        return table.children(entry.parent)
    return chapters(table)


@cache
def chapters(table: Classification) -> tuple[Entry, ...]:
    """The top of the hierarchy, in the order of the codes below: Roman numerals do not sort."""
    found = (entry for entry in table if entry.kind is EntryKind.CHAPTER)
    return tuple(sorted(found, key=lambda entry: _first_code(table, entry)))


def _first_code(table: Classification, entry: Entry) -> str:
    below = table.children(entry.code)
    return min(one.code for one in below) if below else entry.code


def official_code(table: Classification, code: str, tables_dir: Path | None) -> OfficialCode | None:
    """The row of the imported table that is in use; None where what ships is."""
    stored = {edition.edition: edition for edition in editions(tables_dir, table.name)}
    edition = stored.get(table.edition)
    return _official_rows(edition).get(code) if edition else None


@lru_cache(maxsize=4)
def _official_rows(edition: Edition) -> dict[str, OfficialCode]:
    return {row.code: row for row in read_edition(edition)}


def nature_of(table: Classification, entry: Entry, official: OfficialCode | None = None) -> Nature:
    if table.name == "icd10" and entry.code[:3] in asterisk_categories():
        return Nature.ASTERISK
    if official is not None and official.usage:
        return Nature.DAGGER if official.usage == "DAGGER" else Nature.ASTERISK
    return Nature.SECONDARY if table.secondary_only(entry.code) else Nature.ORDINARY


def notes_of(table: Classification, entry: Entry, official: OfficialCode | None = None) -> tuple[str, ...]:
    """What the tables say of the code beyond its title: the imported one first, then ours."""
    above = [one.code for one in table.ancestors(entry.code)]
    own = _own_notes(table.name)
    ours = (note for code in (entry.code, *above) for note in own.get(code.removesuffix("X"), ()))
    return (*_official_notes(official), *ours)


def _official_notes(official: OfficialCode | None) -> Iterator[str]:
    """Limits are told as they are written: their meaning is not published."""
    if official is None:
        return
    if official.partners:
        shown = ", ".join(dotted(code) for code in official.partners.split())
        yield f"The official table pairs it with {shown}."
    limits = {
        "sex": official.sex,
        "sex, to be looked at": official.sex_scrutiny,
        "youngest age": official.min_age,
        "oldest age": official.max_age,
        "status of operation": official.status,
        "place of the method of delivery": official.delivery,
    }
    for name, written in limits.items():
        if _LETTERS.search(written):
            yield f"The official table says, {name}: {written}."


@cache
def _own_notes(name: str) -> dict[str, tuple[str, ...]]:
    if name == "icd10":
        rows = read_rows(
            TABLES_FOLDER / "icd10_uk_changes.tsv", ("action", "code", "parent", "title", "reason")
        )
        changed = {"add", "title", "replace"}
        return {
            row["code"]: (f"Otherwise than in WHO's edition: {row['reason']}.",)
            for row in rows
            if row["action"] in changed and row["reason"]
        }
    if name != "opcs4":
        return {}
    rows = read_rows(TABLES_FOLDER / "opcs4_secondary.tsv", ("code", "reason"))
    return {row["code"]: (f"Never stands alone: {row['reason']}.",) for row in rows}
