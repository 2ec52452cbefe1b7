"""A listener that is killed with a batch in hand: none of it was answered, none of it is lost."""

import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import func, make_url, select

from service import audit
from service.db import Database
from service.messages.tables import MessageRow
from service.tables import EpisodeRow
from tests.hl7_messages import adt, pid, pv1
from tests.patience import PATIENCE_SECONDS
from tests.resilience.server import COMMAND, environment, free_port
from tests.service_fixtures import prepare, settings_for

_CONNECTIONS = 8


@contextmanager
def listening(folder: Path, database_url: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    command = (COMMAND, "mllp", "--provider", "A", "--port", str(port))
    with subprocess.Popen(command, env=environment(folder, database_url), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"Taking HL7" in process.stdout.readline()
        try:
            yield process, port
        finally:
            process.kill()


@contextmanager
def no_commit(url: str) -> Iterator[None]:
    """Someone else holds what every transaction needs."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        holder = sqlite3.connect(parsed.database or "", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.close()
        return
    plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute("SELECT 1 FROM audit_head FOR UPDATE")
        yield


def heard(line: socket.socket) -> bytes:
    """An answer, or nothing where the connection ends."""
    said = b""
    try:
        while not said.endswith(b"\x1c\r") and (more := line.recv(4096)):
            said += more
    except ConnectionError:
        return b""
    return said


@contextmanager
def sending(port: int) -> Iterator[list[socket.socket]]:
    """Connections, each with one message sent."""
    with ExitStack() as opened:
        lines = [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS))
            for _ in range(_CONNECTIONS)
        ]
        for n, line in enumerate(lines):
            line.sendall(b"\x0b" + adt("A01", f"{n}", pid(f"H{n}"), pv1(f"V{n}")) + b"\x1c\r")
        yield lines


def kept(db: Database) -> tuple[int, int]:
    with db.read() as session:
        assert [problem for report in audit.verify(session) for problem in report.problems] == []
        tables = (EpisodeRow, MessageRow)
        episodes, messages = (session.scalar(select(func.count()).select_from(one)) or 0 for one in tables)
    return episodes, messages


def test_a_batch_that_was_not_committed_is_not_answered_and_is_taken_when_it_is_sent_again(
    tmp_path: Path, database_url: str
) -> None:
    settings = settings_for(tmp_path, database_url)
    prepare(settings)
    db = Database(settings.database)
    held = no_commit(settings.database)
    with listening(tmp_path, database_url) as (process, port), held, sending(port) as lines:
        time.sleep(1.5)  # the first is in its transaction, the others wait for it
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert [heard(line) for line in lines] == [b""] * _CONNECTIONS
    assert kept(db) == (0, 0)
    with listening(tmp_path, database_url) as (_, port), sending(port) as lines:
        assert all(b"|AA|" in heard(line) for line in lines)
    assert kept(db) == (_CONNECTIONS, _CONNECTIONS)
    db.close()
