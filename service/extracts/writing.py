"""Extracts as text, row by row: nothing is held but the row that is written."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from service.extracts.items import ITEMS, LIST, Format, Item, cds_type, missing
from service.extracts.reading import Extracted

MEDIA_TYPES = {
    Format.CDS_CSV: "text/csv; charset=utf-8",
    Format.CDS_XML: "application/xml",
    Format.APC_WALES: "text/csv; charset=utf-8",
}
ENDINGS = {Format.CDS_CSV: "csv", Format.CDS_XML: "xml", Format.APC_WALES: "csv"}
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WORD = re.compile(r"[A-Z]+")


@dataclass(slots=True)
class Tally:
    """What went into an extract."""

    episodes: int = 0
    corrections: int = 0
    incomplete: int = 0
    """Episodes that lack something which has to be there."""
    lacking: dict[str, int] = field(default_factory=dict)
    """Episodes by the item that they lack."""

    def note(self, one: Extracted, lacks: Iterable[str]) -> None:
        names = tuple(lacks)
        self.episodes += 1
        self.corrections += one.is_correction
        self.incomplete += bool(names)
        for name in names:
            self.lacking[name] = self.lacking.get(name, 0) + 1


def lines(wanted: Format, episodes: Iterable[Extracted]) -> Iterator[str]:
    """The file, in pieces."""
    return _xml(ITEMS[wanted], episodes) if wanted is Format.CDS_XML else _csv(ITEMS[wanted], episodes)


def missing_lines(wanted: Format, episodes: Iterable[Extracted]) -> Iterator[str]:
    """CSV of what each episode lacks, one item a row."""
    yield _row(["EPISODE", "HOSPITAL PROVIDER SPELL NUMBER", "EPISODE NUMBER", "CDS TYPE CODE", "MISSING"])
    for one in episodes:
        about = [one.row.id, one.row.spell_number, one.row.episode_number, cds_type(one)]
        yield from (_row([*about, name]) for name in missing(one, ITEMS[wanted]))


def tally(wanted: Format, episodes: Iterable[Extracted]) -> Tally:
    counted = Tally()
    for one in episodes:
        counted.note(one, missing(one, ITEMS[wanted]))
    return counted


def _csv(items: tuple[Item, ...], episodes: Iterable[Extracted]) -> Iterator[str]:
    yield _row([item.name for item in items])
    for one in episodes:
        yield _row([item.value(one) for item in items])


def _row(values: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(values)
    return written.getvalue()


def _xml(items: tuple[Item, ...], episodes: Iterable[Extracted]) -> Iterator[str]:
    names = {item.name: element(item.name) for item in items}
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<AdmittedPatientCare version="6-2">\n'
    for one in episodes:
        yield "<Episode>\n"
        for item in items:
            yield from (
                f" <{names[item.name]}>{escape(_NOT_XML.sub('�', value))}</{names[item.name]}>\n"
                for value in filter(None, item.value(one).split(LIST))
            )
        yield "</Episode>\n"
    yield "</AdmittedPatientCare>\n"


def element(name: str) -> str:
    """`PRIMARY DIAGNOSIS (ICD)` is `PrimaryDiagnosisICD`."""
    return "".join(
        word if word in ("NHS", "ICD", "OPCS", "CDS") else word.capitalize() for word in _WORD.findall(name)
    )
