"""Local terms in the database: checked like the terms that ship, removed by mark, every change audited."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.curated import Row, read_rows
from data.errors import CuratedFileError
from data.terms import LOCAL_COLUMNS, LocalTerms, LocalUse, local_row, local_terms
from service import audit
from service.accounts.directory import new_id
from service.deps import CodeTables
from service.errors import NotFound, Unprocessable
from service.identity import Actor
from service.local_terms.tables import LocalTermRow
from service.observability import log
from service.tables import Provider

_REFUSALS = {
    "phrase": "the phrase has no words, has repeated spaces, or has another meaning here already",
    "code": "the classification has no such code, or it is not in stored form, such as I10X",
    "needs": "needs are conditions such as age>=16, sex=female or near=hip|knee, separated by spaces",
    "companions": "companions are OPCS-4 codes in stored form, separated by spaces, beside procedures only",
    "match": "match is empty or exact",
    "line": "a provider may have 5,000 local terms",
}
_QUOTED_LENGTH = 100
_SPACES = re.compile(r"\s+")


def local_terms_of(session: Session, provider_id: str) -> Sequence[LocalTermRow]:
    """Those in force, the newest first."""
    rows = select(LocalTermRow).where(
        LocalTermRow.provider_id == provider_id, LocalTermRow.removed_at.is_(None)
    )
    return session.scalars(rows.order_by(LocalTermRow.created_at.desc(), LocalTermRow.id)).all()


def knowledge(session: Session, provider_id: str, tables: CodeTables) -> LocalTerms:
    """What the provider's terms say."""
    return knowledge_of(local_terms_of(session, provider_id), tables)


def knowledge_of(rows: Sequence[LocalTermRow], tables: CodeTables) -> LocalTerms:
    """What these terms say, the newest first; one that the tables no longer allow is left out."""
    kept: list[Row] = []
    for row in reversed(rows):
        candidate = _row_of(row)
        try:
            local_terms([candidate], tables.by_role)
        except CuratedFileError:
            log.warning("local_terms.left_out", id=row.id)
        else:
            kept.append(candidate)
    return local_terms(kept, tables.by_role)


def add_local_term(
    session: Session, tables: CodeTables, actor: Actor, fields: Mapping[str, str], *, at: datetime
) -> LocalTermRow:
    """Adds one, or finds the same already there.

    Raises:
        Unprocessable: it is wrong, or contradicts another of the provider.
    """
    return add_local_terms(session, tables, actor, [local_row(fields)], at=at)[0]


def add_local_terms(
    session: Session, tables: CodeTables, actor: Actor, rows: Iterable[Row], *, at: datetime
) -> list[LocalTermRow]:
    """All of them or none.

    Raises:
        Unprocessable: one is wrong, or contradicts another of the provider.
    """
    provider = session.get_one(Provider, actor.provider_id, with_for_update=True)
    present = {_meaning(_row_of(row)): row for row in local_terms_of(session, actor.provider_id)}
    made = [
        present.get(_meaning(row)) or present.setdefault(_meaning(row), _new(session, actor, row, at))
        for row in rows
    ]
    _renew_digest(session, provider, tables)
    return made


def remove_local_term(
    session: Session, tables: CodeTables, actor: Actor, term_id: str, *, at: datetime
) -> LocalTermRow:
    """
    Raises:
        NotFound: the provider has no such term in force.
    """
    provider = session.get_one(Provider, actor.provider_id, with_for_update=True)
    row = session.get(LocalTermRow, term_id)
    if row is None or row.provider_id != actor.provider_id or row.removed_at is not None:
        raise NotFound("there is no such local term")
    row.removed_at, row.removed_by = at, actor.name
    _record(session, actor, "local_term.remove", row, at)
    session.flush()
    _renew_digest(session, provider, tables)
    return row


def remember(  # noqa: PLR0913 (who decides what of which words)
    session: Session,
    tables: CodeTables,
    actor: Actor,
    use: LocalUse,
    meaning: tuple[str, str],
    quotes: Iterable[str],
    *,
    at: datetime,
) -> list[LocalTermRow]:
    """Keeps what a coder decided of some words for the next note that holds them.

    Args:
        meaning: name of the classification, and code.
        quotes: the words, as they stand in the note.

    Raises:
        Unprocessable: there are no words, or too many to be a term.
    """
    phrases = {_SPACES.sub(" ", quote).strip() for quote in quotes}
    if not phrases or any(len(phrase) > _QUOTED_LENGTH for phrase in phrases):
        raise Unprocessable(f"to remember words, select some, at most {_QUOTED_LENGTH} characters")
    classification, code = meaning
    fields = {"use": use, "classification": classification, "code": code, "note": "from a decision"}
    rows = [local_row({**fields, "phrase": phrase}) for phrase in sorted(phrases)]
    return add_local_terms(session, tables, actor, rows, at=at)


def read_file(path: Path) -> list[Row]:
    """
    Raises:
        CuratedFileError: it is not a file of local terms.
    """
    return list(read_rows(path, LOCAL_COLUMNS))


def _new(session: Session, actor: Actor, row: Row, at: datetime) -> LocalTermRow:
    made = LocalTermRow(
        id=new_id(),
        provider_id=actor.provider_id,
        created_at=at,
        created_by=actor.name,
        removed_at=None,
        removed_by=None,
        **{column: row[column] for column in LOCAL_COLUMNS},
    )
    session.add(made)
    session.flush()
    _record(session, actor, "local_term.add", made, at)
    return made


def _renew_digest(session: Session, provider: Provider, tables: CodeTables) -> None:
    session.flush()
    rows = [_row_of(row) for row in reversed(local_terms_of(session, provider.id))]
    try:
        provider.local_terms_digest = local_terms(rows, tables.by_role).digest
    except CuratedFileError as error:
        raise Unprocessable(_REFUSALS.get(error.field, f"{error.field} is not right")) from None


def fields_of(row: LocalTermRow) -> dict[str, str]:
    """By the columns of a file of local terms."""
    return {column: getattr(row, column) for column in LOCAL_COLUMNS}


def _row_of(row: LocalTermRow) -> Row:
    return local_row(fields_of(row))


def _meaning(row: Row) -> tuple[str, ...]:
    return tuple(row[column] for column in LOCAL_COLUMNS if column != "note")


def _record(session: Session, actor: Actor, action: str, row: LocalTermRow, at: datetime) -> None:
    subject = f"local_term:{row.id}"
    audit.record(session, actor, action=action, subject=subject, content=fields_of(row), at=at)
