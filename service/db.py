"""Engine and transactions: SQLite (WAL, synchronous=FULL) by default, PostgreSQL by URL.

Reading and writing are different sessions. On SQLite a write takes its lock at BEGIN IMMEDIATE, so that
two writers wait for each other instead of failing in the middle; readers never wait.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, TypeDecorator, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from service.errors import DatabaseBusy, SchemaOutdated, Unprocessable
from service.migrations import newest_revision
from service.observability import log

_UNKNOWN_TABLE_OR_COLUMN = ("42P01", "42703")
"""SQLSTATE."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC on every database; SQLite by itself forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("instants carry a zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    def __init__(self, url: str, *, busy_timeout_ms: int = 5000, ping_after_seconds: float = 5.0) -> None:
        """
        Args:
            ping_after_seconds: a connection that lay idle for longer is asked whether it still answers.
        """
        self.url = make_url(url)
        self.engine = _engine(url, busy_timeout_ms)
        if self.engine.dialect.name != "sqlite":
            _ping_after_idling(self.engine, ping_after_seconds)
        writing = self.engine.execution_options(autocoder_writes=True)
        self._reader = sessionmaker(_reading(self.engine), expire_on_commit=False)
        self._glancer = sessionmaker(_glancing(self.engine), expire_on_commit=False)
        self._writer = sessionmaker(writing, expire_on_commit=False)
        self._queue = threading.Lock() if self.engine.dialect.name == "sqlite" else None
        self._patience_seconds = busy_timeout_ms / 1000

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that never commits. All that it reads stood at one moment."""
        with as_service_errors(), self._reader() as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """A session for one statement that reads: no transaction is begun for it where that would cost."""
        with as_service_errors(), self._glancer() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, undone when it raises."""
        with as_service_errors(), self._turn(), self._writer.begin() as session:
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Writers of one process queue here for SQLite, whose own waiting is polling and can starve one."""
        if self._queue is None:
            yield
            return
        if not self._queue.acquire(timeout=self._patience_seconds):
            raise DatabaseBusy
        try:
            yield
        finally:
            self._queue.release()

    @property
    def has_one_writer(self) -> bool:
        """Transactions that write come one after the other, however many want to."""
        return self._queue is not None

    def check(self) -> None:
        """
        Raises:
            DatabaseBusy: the database cannot answer.
            SchemaOutdated: it answers, and has another schema than this code needs.
        """
        with self.read() as session:
            stands = session.scalar(text("SELECT version_num FROM alembic_version"))
        if stands != newest_revision():
            raise SchemaOutdated

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def as_service_errors() -> Iterator[None]:
    """What a driver raises, as failures that a caller can be told."""
    try:
        yield
    except (DataError, UnicodeEncodeError) as error:  # NUL, lone surrogates, longer than the column
        log.error("database.refused", error=type(error).__name__)
        raise Unprocessable("a field holds text that cannot be stored") from error
    except PoolExhausted as error:
        raise DatabaseBusy from error
    except DBAPIError as error:
        if _lacks_schema(error):
            raise SchemaOutdated from error
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise DatabaseBusy from error
        raise


def _lacks_schema(error: DBAPIError) -> bool:
    on_sqlite = str(error.orig).startswith(("no such table", "no such column"))
    return on_sqlite or getattr(error.orig, "sqlstate", None) in _UNKNOWN_TABLE_OR_COLUMN


def _reading(engine: Engine) -> Engine:
    """On PostgreSQL by itself each statement sees another moment; on SQLite a transaction is a snapshot."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _glancing(engine: Engine) -> Engine:
    """BEGIN and ROLLBACK are two of three round trips there."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _engine(url: str, busy_timeout_ms: int) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        patience = {"options": f"-c lock_timeout={busy_timeout_ms}"}
        return create_engine(
            parsed,
            pool_size=20,
            max_overflow=20,
            pool_timeout=10,
            pool_use_lifo=True,  # a few connections that stay warm: their plans and caches are on the server
            connect_args=patience,
        )
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, pool_size=20, max_overflow=20, pool_timeout=10)
    _prepare_sqlite(engine, busy_timeout_ms)
    return engine


def _ping_after_idling(engine: Engine, seconds: float) -> None:
    """A connection just used is spared the round trip."""

    @event.listens_for(engine, "checkin")
    def note(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ping(connection: DBAPIConnection, record: ConnectionPoolEntry, _fairy: PoolProxiedConnection) -> None:
        now = time.monotonic()
        if now - record.info.get("idle_since", now) < seconds:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the pool makes new ones


def _prepare_sqlite(engine: Engine, busy_timeout_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        raw: Any = connection  # sqlite3.Connection: the protocol does not name isolation_level
        raw.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={busy_timeout_ms}",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("autocoder_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
