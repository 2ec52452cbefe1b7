"""A PostgreSQL server for tests: the one that AUTOCODER_TEST_POSTGRES names, else a local one.

Debian's cluster tools start the cluster `main`; the superuser makes a role for the tests. Each test gets an
empty database of its own.
"""

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NoReturn

import psycopg
import pytest
from sqlalchemy import make_url

_ROLE = "autocoder_test"
_PASSWORD = "autocoder_test"


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
    start = ("pg_ctlcluster", "--skip-systemctl-redirect", version, "main", "start")
    subprocess.run(start, capture_output=True, check=False)  # 2 when it runs already
    make_role = (
        f"DO $$ BEGIN CREATE ROLE {_ROLE} LOGIN CREATEDB PASSWORD '{_PASSWORD}'; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    psql = ("runuser", "-u", "postgres", "--", "psql", "-q", "-p", port, "-c", make_role)
    if subprocess.run(psql, capture_output=True, check=False, cwd="/").returncode:
        return None
    return f"postgresql://{_ROLE}:{_PASSWORD}@127.0.0.1:{port}/postgres"


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
