"""Findings named by what and where: carcinoma of the right upper lobe, fracture of the shaft of the tibia.

What and where stand apart in notes, in any order and with other words between. From each pair of a head
(`carcinoma`) and a site (`upper lobe`) comes a term: the head, close to which a word of the site must stand.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import Row, read_rows
from data.errors import CuratedFileError
from data.terms.folding import fold_phrase
from data.terms.needs import Need, NeedSubject
from data.terms.reading import TERMS_FOLDER, Term, TermKind

COMPOSITIONS_FILE = TERMS_FOLDER / "compositions.tsv"
_CODE = re.compile(r"[A-Z]\d\d[\dX]")


class CompositionPart(StrEnum):
    HEAD = "head"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Part:
    family: str
    part: CompositionPart
    phrases: tuple[str, ...]
    code: str
    """Of a site; empty for a head."""
    path: Path
    line: int


def read_compositions(path: Path = COMPOSITIONS_FILE) -> tuple[Part, ...]:
    """
    Raises:
        CuratedFileError: a line is wrong, or a site of a family stands for two codes.
    """
    parts = tuple(_part(row) for row in read_rows(path, ("family", "part", "phrases", "code", "note")))
    _refuse_conflicts(parts)
    return parts


def composed_terms(parts: Iterable[Part]) -> Iterator[Term]:
    """A term for each head and site of a family."""
    known = list(parts)
    for site in known:
        if site.part is CompositionPart.SITE:
            close = (Need(NeedSubject.CLOSE, "=", tuple(fold_phrase(phrase) for phrase in site.phrases)),)
            for head in known:
                if head.part is CompositionPart.HEAD and head.family == site.family:
                    yield from (_term(site, phrase, close) for phrase in head.phrases)


def _term(site: Part, phrase: str, needs: tuple[Need, ...]) -> Term:
    return Term(site.code, phrase, TermKind.SYNONYM, needs=needs, path=site.path, line=site.line)


def _part(row: Row) -> Part:
    part = row.one_of("part", CompositionPart)
    phrases = tuple(row.required("phrases").split("|"))
    if not all(fold_phrase(phrase) for phrase in phrases):
        raise row.problem("phrases", "has an empty phrase")
    if part is CompositionPart.SITE and not _CODE.fullmatch(row["code"]):
        raise row.problem("code", f"{row['code']!r} is not a stored code")
    if part is CompositionPart.HEAD and row["code"]:
        raise row.problem("code", "is not for a head")
    return Part(row.required("family"), part, phrases, row["code"], row.path, row.line)


def _refuse_conflicts(parts: Iterable[Part]) -> None:
    seen: dict[tuple[str, str, str], Part] = {}
    for part in parts:
        for phrase in part.phrases:
            other = seen.setdefault((part.family, part.part, fold_phrase(phrase)), part)
            if other is not part:
                problem = f"{phrase!r} stands already on line {other.line}"
                raise CuratedFileError(part.path, part.line, "phrases", problem)
