"""The views of the service's database as training sees them: typed rows, read only, at one moment."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from training.errors import DecisionsError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, TableClause

CONTRACT = 1
"""The version of the views that is read here."""

Row = TypeVar("Row")


def read_rows(
    connection: "Connection",
    kind: type[Row],
    name: str,
    wanted: "Callable[[TableClause], Select[Any] | list[Select[Any]]]",
) -> list[Row]:
    queries = wanted(_view(name, kind))
    rows = []
    for query in queries if isinstance(queries, list) else [queries]:
        rows += [kind(**_zoned(found)) for found in connection.execute(query).mappings()]
    other = {row.contract for row in rows} - {CONTRACT}  # type: ignore[attr-defined]
    if other:
        raise DecisionsError(f"the view {name} is of version {other.pop()}, this program reads {CONTRACT}")
    return rows


def _view(name: str, kind: type) -> "TableClause":
    """The view with the columns that the row type names."""
    from sqlalchemy import Boolean, Date, DateTime, Float, Integer, String, column, table
    from sqlalchemy.types import TypeEngine

    types: Mapping[type, TypeEngine[Any]] = {
        str: String(), int: Integer(), float: Float(), bool: Boolean(),
        date: Date(), datetime: DateTime(timezone=True),
    }  # fmt: skip
    hints = get_type_hints(kind)
    plain = {field.name: get_args(hints[field.name]) or (hints[field.name],) for field in fields(kind)}
    return table(name, *(column(field, types[kinds[0]]) for field, kinds in plain.items()))


def _zoned(row: Any) -> dict[str, Any]:
    """Instants in UTC; SQLite forgets the zone."""
    return {name: utc(value) if isinstance(value, datetime) else value for name, value in row.items()}


@contextmanager
def connected(url: str) -> "Iterator[Connection]":
    """A connection that only reads, and reads all as it stood at one moment."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        engine = _engine(url)
        with _disposed(engine), engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
                connection.exec_driver_sql("BEGIN")
            yield connection
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise DecisionsError(_why(url, error)) from None  # what a driver says may quote a row


@contextmanager
def _disposed(engine: Any) -> Iterator[None]:
    try:
        yield
    finally:
        engine.dispose()


def _engine(url: str) -> Any:
    from sqlalchemy import create_engine, make_url

    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        if not Path(parsed.database or "").is_file():
            raise DecisionsError(f"there is no database at {parsed.database or 'an empty path'}")
        return create_engine(parsed, hide_parameters=True)
    return create_engine(
        parsed,
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )


def _why(url: str, error: Exception) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

    if isinstance(error, ArgumentError):
        return "--decisions is no database URL; write postgresql://user:password@host/name or sqlite:////file"
    shown = make_url(url).render_as_string(hide_password=True)
    said = str(getattr(error, "orig", ""))
    if isinstance(error, ProgrammingError) or said.startswith(("no such table", "no such column")):
        return f"{shown} lacks the views that training reads; run `autocoder migrate` there"
    if isinstance(error, OperationalError):
        return f"{shown} does not answer"
    return f"{shown} cannot be read: {type(error).__name__}"


def utc(instant: datetime) -> datetime:
    """One without a zone is in UTC."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
