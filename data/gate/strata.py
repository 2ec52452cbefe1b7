"""Strata: kinds of episode that the automation gate opens, and answers for, one by one."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import Row, read_rows
from data.episodes import DocumentKind

STRATA_FILE = Path(__file__).parent / "strata.tsv"


@dataclass(frozen=True, slots=True)
class Stratum:
    name: str
    label: str
    admission: tuple[str, ...] = ()
    """Empty fits every admission, and one that is not known."""
    procedures: tuple[str, ...] = ()
    """Beginnings of codes."""
    documents: tuple[str, ...] = ()
    automatic: bool = True
    """False: an episode of it is never automated."""


class _Answer(StrEnum):
    YES = "yes"
    NO = "no"


def read_strata(path: Path = STRATA_FILE) -> tuple[Stratum, ...]:
    """In the order in which they are tried.

    Raises:
        CuratedFileError: a line is wrong, a name stands twice, or the last stratum leaves an episode out.
    """
    columns = ("stratum", "label", "admission", "procedures", "documents", "automatic", "note")
    found: dict[str, Stratum] = {}
    last: Row | None = None
    for last in read_rows(path, columns):
        made = _stratum(last)
        if made.name in found:
            raise last.problem("stratum", f"{made.name} stands twice")
        found[made.name] = made
    final = list(found.values())[-1:]
    if last is not None and any(one.admission or one.procedures or one.documents for one in final):
        raise last.problem("stratum", "the last stratum has to take every episode that is left")
    return tuple(found.values())


def _stratum(row: Row) -> Stratum:
    documents = _several(row["documents"])
    for kind in documents:
        if kind not in set(DocumentKind):
            raise row.problem("documents", f"{kind} is no kind of document")
    return Stratum(
        name=row.required("stratum"),
        label=row.required("label"),
        admission=_several(row["admission"]),
        procedures=_several(row["procedures"]),
        documents=documents,
        automatic=row.one_of("automatic", _Answer) is _Answer.YES,
    )


def _several(field: str) -> tuple[str, ...]:
    return tuple(part for part in field.split("|") if part)
