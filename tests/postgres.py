"""A PostgreSQL server for tests: the one that AUTOCODER_TEST_POSTGRES names, else a local one.

Debian's cluster tools start the cluster `main`; the superuser makes a role for the tests. Each test gets an
empty database of its own.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from sqlalchemy import make_url

from tests.patience import PATIENCE_SECONDS

_ROLE = "autocoder_test"
_PASSWORD = "autocoder_test"
_MAKE_ROLE = (
    f"DO $$ BEGIN CREATE ROLE {_ROLE} LOGIN CREATEDB PASSWORD '{_PASSWORD}'; "
    "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
)


@contextmanager
def empty_database(template: str = "template0") -> Iterator[str]:
    """The URL of an empty database, or of a copy of one; dropped afterwards.

    Skips, or fails with CI=true, without a server.
    """
    server = _server()
    if server is None:
        _missing("no PostgreSQL server was found or could be started")
    name = f"autocoder_{uuid.uuid4().hex[:12]}"
    _administer(server, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _drop(server, name)


def _drop(server: str, name: str) -> None:
    """The server's own cleaner may be at work in the database, and may not be sent away: wait."""
    for _ in range(20):
        try:
            _administer(server, f"DROP DATABASE {name} WITH (FORCE)")
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            time.sleep(0.25)
        else:
            return


def _missing(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@cache
def _server() -> str | None:
    return os.environ.get("AUTOCODER_TEST_POSTGRES") or _local_server()


def _local_server() -> str | None:
    if not (shutil.which("pg_ctlcluster") and shutil.which("runuser") and os.geteuid() == 0):
        return None
    version, port = _first_cluster()
    if version is None:
        return None
    with _one_at_a_time():
        _start(version, port)
    return f"postgresql://{_ROLE}:{_PASSWORD}@127.0.0.1:{port}/postgres"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two workers that start the cluster at once: the second would find it there and not yet answering."""
    with (Path(tempfile.gettempdir()) / "autocoder-test-postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(version: str, port: str) -> None:
    """Start the cluster and wait until it answers: one that was killed recovers first.

    Raises: TimeoutError with what the server last said.
    """
    start = ("pg_ctlcluster", "--skip-systemctl-redirect", *_unsafe(), version, "main", "start")
    subprocess.run(start, capture_output=True, check=False)  # 2 when it runs already
    psql = ("runuser", "-u", "postgres", "--", "psql", "-q", "-p", port, "-c", _MAKE_ROLE)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (done := subprocess.run(psql, capture_output=True, text=True, check=False, cwd="/")).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError(f"PostgreSQL {version} on port {port} does not answer: {done.stderr}")
        time.sleep(0.25)


def _unsafe() -> tuple[str, ...]:
    """Where the machine is only for tests, nothing needs to outlive its power."""
    return ("-o", "-c fsync=off") if os.environ.get("CI") == "true" else ()


def _first_cluster() -> tuple[str | None, str]:
    listed = subprocess.run(("pg_lsclusters", "--no-header"), capture_output=True, text=True, check=False)
    for line in listed.stdout.splitlines():
        version, name, port = line.split()[:3]
        if name == "main":
            return version, port
    return None, ""


def _administer(server: str, statement: str) -> None:
    url = make_url(server)
    with psycopg.connect(
        host=url.host,
        port=url.port,
        user=url.username,
        password=url.password,
        dbname=url.database,
        autocommit=True,
    ) as connection:
        connection.execute(statement)


class Refilled:
    """One database that is brought back to how it was prepared: to drop one takes a checkpoint each time.

    What a test did to the tables themselves is found, and then the database is made anew from its template.
    """

    def __init__(self, template: str) -> None:
        self._template = template
        self._stack = ExitStack()
        self._url = ""
        self._columns = ""

    def ready(self) -> str:
        """The URL of the database as it was prepared."""
        if not self._url or not self._refill():
            self._make()
        return self._url

    def close(self) -> None:
        self._stack.close()

    def _make(self) -> None:
        self._stack.close()
        self._url = self._stack.enter_context(empty_database(self._template))
        with _connected(self._url) as connection:
            name = make_url(self._url).database
            connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')  # no server is ended
            connection.execute("CREATE SCHEMA prepared")
            for table in _tables(connection):
                connection.execute(f'CREATE TABLE prepared."{table}" AS TABLE public."{table}"')
            self._columns = _columns(connection)

    def _refill(self) -> bool:
        """Whether the database is as it was prepared."""
        try:
            with _connected(self._url) as connection:
                if _columns(connection) != self._columns:
                    return False
                tables = _parents_first(_tables(connection))
                emptied = [f'DELETE FROM public."{table}"' for table in reversed(tables)]
                filled = [
                    f'INSERT INTO public."{table}" SELECT * FROM prepared."{table}"' for table in tables
                ]
                connection.execute("; ".join(("SET lock_timeout = '5s'", *emptied, *filled)))
        except psycopg.Error:
            return False
        return True


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    parsed = make_url(url)
    with psycopg.connect(
        host=parsed.host,
        port=parsed.port,
        user=parsed.username,
        password=parsed.password,
        dbname=parsed.database,
    ) as connection:
        yield connection


def _tables(connection: psycopg.Connection) -> list[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    return [str(name) for (name,) in connection.execute(query)]


def _columns(connection: psycopg.Connection) -> str:
    """Everything that a test could change of the tables, as one text."""
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
    )
    views = "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY viewname"
    return str([connection.execute(query).fetchall() for query in (columns, views)])


def _parents_first(tables: list[str]) -> list[str]:
    """In the order of the foreign keys; what the program does not know (alembic's own) comes first."""
    from service import schema as _every_room  # noqa: F401 (it knows the tables of each)
    from service.tables import Base
    from service.worklist import tables as _worklist_tables  # noqa: F401

    known = [table.name for table in Base.metadata.sorted_tables]
    return sorted(tables, key=lambda name: known.index(name) if name in known else -1)
