"""One process at a time delivers: an advisory lock on PostgreSQL, which goes with its connection; on SQLite a
lease that has to be renewed. Should two deliver for a moment, receivers see the same ids twice."""

from datetime import timedelta
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from service.accounts.directory import new_id
from service.clock import Clock
from service.db import Database
from service.outgoing.tables import Lease

_LOCK = 7_302_114_986
"""Any number, the same in every release."""
_LEASE_POLLS = 10
"""A lease lasts for so many looks into the outbox."""
_NAME = "outgoing"


class Leadership(Protocol):
    def held(self) -> bool:
        """Whether this process leads; asked again and again, which also keeps it so."""
        ...

    def release(self) -> None: ...


def leadership(db: Database, clock: Clock, *, poll_seconds: float) -> Leadership:
    if db.engine.dialect.name == "postgresql":
        return AdvisoryLock(db)
    return LeaseRow(db, clock, timedelta(seconds=_LEASE_POLLS * poll_seconds))


class AdvisoryLock:
    def __init__(self, db: Database) -> None:
        self._engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def held(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            return self._try()
        except DBAPIError:
            self._forget()
            return False

    def _try(self) -> bool:
        connection = self._engine.connect()
        if connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": _LOCK}):
            self._connection = connection
            return True
        connection.close()
        return False

    def release(self) -> None:
        self._forget()

    def _forget(self) -> None:
        """The connection ends, and with it the lock."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


class LeaseRow:
    def __init__(self, db: Database, clock: Clock, lasts: timedelta) -> None:
        self._db, self._clock, self._lasts = db, clock, lasts
        self._holder = new_id()

    def held(self) -> bool:
        """Written only when it is taken or half spent: each write waits for the disk."""
        now = self._clock.now()
        with self._db.read() as session:
            row = session.get(Lease, _NAME)
            if row is not None and row.until > now and row.holder != self._holder:
                return False
            if row is not None and row.holder == self._holder and row.until - now > self._lasts / 2:
                return True
        return self._take()

    def _take(self) -> bool:
        now = self._clock.now()
        with self._db.write() as session:
            row = session.get(Lease, _NAME)
            if row is None:
                session.add(Lease(name=_NAME, holder=self._holder, until=now + self._lasts))
                return True
            if row.holder != self._holder and row.until > now:
                return False
            row.holder, row.until = self._holder, now + self._lasts
            return True

    def release(self) -> None:
        with self._db.write() as session:
            row = session.get(Lease, _NAME)
            if row is not None and row.holder == self._holder:
                row.until = self._clock.now()
