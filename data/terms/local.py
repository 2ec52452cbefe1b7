"""A provider's own terms and cues: what its clinicians write and nobody else does, in one reviewable file.

`add` lets a phrase lead to a code, before any term that ships; `block` keeps a phrase from leading to a code;
`cue` adds words that assert something of what stands near them, before any cue that ships.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.classifications import Classification
from data.curated import Row, read_rows
from data.episodes import Role
from data.errors import CuratedFileError
from data.language import Cue, cue_of_row
from data.terms.folding import fold_phrase
from data.terms.reading import Term, check_terms, refuse_conflicts, term_of_row

LOCAL_COLUMNS = (
    "use", "classification", "code", "phrase", "match", "needs", "companions",
    "assertion", "direction", "scope", "note",
)  # fmt: skip
_OF_TERMS = ("code", "match", "needs", "companions")
_OF_CUES = ("assertion", "direction", "scope")
MOST_LOCAL_TERMS = 5_000


class LocalUse(StrEnum):
    ADD = "add"
    BLOCK = "block"
    CUE = "cue"


@dataclass(frozen=True, slots=True)
class Blocked:
    """These words do not mean this code here."""

    role: Role
    code: str
    phrase: str


@dataclass(frozen=True, slots=True)
class LocalTerms:
    added: tuple[tuple[Role, Term], ...] = ()
    blocked: tuple[Blocked, ...] = ()
    cues: tuple[Cue, ...] = ()
    digest: str = ""
    """sha256 of the rows, in whatever order they came; empty where there are none."""

    def __bool__(self) -> bool:
        return bool(self.added or self.blocked or self.cues)


def read_local_terms(path: Path, tables: Mapping[Role, Classification]) -> LocalTerms:
    """
    Raises:
        CuratedFileError: a line is wrong; names file, line and field.
    """
    return local_terms(read_rows(path, LOCAL_COLUMNS), tables)


def local_terms(rows: Iterable[Row], tables: Mapping[Role, Classification]) -> LocalTerms:
    """The rows, checked like the terms that ship: codes in their tables, no phrase with two meanings."""
    taken = list(rows)
    if len(taken) > MOST_LOCAL_TERMS:
        raise taken[MOST_LOCAL_TERMS].problem("line", f"more than {MOST_LOCAL_TERMS:,} local terms")
    by_name = {table.name: role for role, table in tables.items()}
    uses = [(row, row.one_of("use", LocalUse)) for row in taken]
    added = tuple(_added(row, by_name, tables) for row, use in uses if use is LocalUse.ADD)
    refuse_conflicts(term for _, term in added)
    blocked = tuple(_blocked(row, by_name, tables) for row, use in uses if use is LocalUse.BLOCK)
    _refuse_blocked(added, blocked)
    cues = tuple(_cue(row, by_name) for row, use in uses if use is LocalUse.CUE)
    return LocalTerms(added, blocked, cues, _digest(taken))


def local_row(fields: Mapping[str, str], line: int = 1) -> Row:
    """A row that came otherwise than in a file; what it leaves out is empty."""
    return Row(Path("local terms"), line, {column: fields.get(column, "") for column in LOCAL_COLUMNS})


def write_local_terms(rows: Iterable[Mapping[str, str]]) -> str:
    """The text of a file of local terms."""
    lines = ("\t".join(row[column] for column in LOCAL_COLUMNS) for row in rows)
    return "".join(f"{line}\n" for line in ("\t".join(LOCAL_COLUMNS), *lines))


def _role(row: Row, by_name: Mapping[str, Role]) -> Role:
    role = by_name.get(row["classification"])
    if role is None:
        raise row.problem("classification", f"{row['classification']!r} is not one of {', '.join(by_name)}")
    return role


def _added(row: Row, by_name: Mapping[str, Role], tables: Mapping[Role, Classification]) -> tuple[Role, Term]:
    role = _role(row, by_name)
    _refuse_filled(row, _OF_CUES)
    if role is Role.DIAGNOSIS:
        _refuse_filled(row, ("companions",))
    kind = "abbreviation" if row["phrase"].isupper() else "synonym"
    term = term_of_row(Row(row.path, row.line, {**row.fields, "kind": kind}), row["classification"])
    check_terms([term], tables[role])
    return role, term


def _blocked(row: Row, by_name: Mapping[str, Role], tables: Mapping[Role, Classification]) -> Blocked:
    role = _role(row, by_name)
    _refuse_filled(row, ("match", "needs", "companions", *_OF_CUES))
    if not fold_phrase(row.required("phrase")):
        raise row.problem("phrase", f"{row['phrase']!r} has no words")
    if row["code"] not in tables[role]:
        raise row.problem("code", f"{row['code']} is not in the classification")
    return Blocked(role, row["code"], row["phrase"])


def _cue(row: Row, by_name: Mapping[str, Role]) -> Cue:
    _refuse_filled(row, _OF_TERMS)
    role = _role(row, by_name) if row["classification"] else ""
    if not fold_phrase(row.required("phrase")):
        raise row.problem("phrase", f"{row['phrase']!r} has no words")
    return cue_of_row(Row(row.path, row.line, {**row.fields, "roles": role}), row["phrase"])


def _refuse_filled(row: Row, columns: Iterable[str]) -> None:
    for column in columns:
        if row[column]:
            raise row.problem(column, f"is not for {row['use']}")


def _refuse_blocked(added: Iterable[tuple[Role, Term]], blocked: Iterable[Blocked]) -> None:
    kept_from = {(one.role, one.code, fold_phrase(one.phrase)) for one in blocked}
    for role, term in added:
        if (role, term.code, fold_phrase(term.phrase)) in kept_from:
            problem = f"{term.phrase!r} is blocked from {term.code}, too"
            raise CuratedFileError(term.path, term.line, "phrase", problem)


def _digest(rows: Iterable[Row]) -> str:
    found = sorted(_canonical(row) for row in rows)
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else ""


def _canonical(row: Row) -> str:
    """What a row means; its note is not part of it."""
    return json.dumps([row[column] for column in LOCAL_COLUMNS if column != "note"], ensure_ascii=False)
