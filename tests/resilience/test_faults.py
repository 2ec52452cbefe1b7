"""A database that fails at any statement, or is locked: nothing half-written, a plain 503, and on it goes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, func, make_url, select
from sqlalchemy.exc import OperationalError

from service import audit
from service.identity import UserRole
from service.tables import Base
from tests.fakes import NOTE
from tests.patience import BUSY_MS
from tests.printed import Say
from tests.service_fixtures import Stage, build_stage, settings_for


class FaultyDatabase:
    """Fails once, at the statement or commit that was asked for."""

    def __init__(self, stage: Stage) -> None:
        self.calls = 0
        self._fails_at = 0
        engine = stage.services.db.engine
        event.listen(engine, "before_cursor_execute", lambda *_: self._call())
        event.listen(engine, "commit", lambda _connection: self._call())

    @contextmanager
    def failing_at(self, call: int) -> Iterator[None]:
        """0: never; `calls` then says how many there were."""
        self.calls, self._fails_at = 0, call
        try:
            yield
        finally:
            self._fails_at = 0

    def _call(self) -> None:
        self.calls += 1
        if self.calls == self._fails_at:
            raise OperationalError("injected", None, Exception("the connection was lost"))


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    body: dict[str, Any]
    headers: dict[str, str]

    def send(self, stage: Stage) -> Any:
        return stage.client.post(self.path, json=self.body, headers=self.headers)


def accepting(stage: Stage, number: int) -> Request:
    episode: Any = stage.post_episode(spell=f"S{number}")
    line = episode["suggestions"]["undecided"][0]["id"]
    headers = {"If-Match": f'"{episode["version"]}"', "Idempotency-Key": f"accept-{number}"}
    path = f"/v1/episodes/{episode['id']}/decisions"
    return Request(path, {"kind": "accept", "line": line}, stage.headers() | headers)


def posting(stage: Stage, number: int) -> Request:
    body = {"spell_number": f"new-{number}", "documents": [{"id": "ds", "text": NOTE}]}
    return Request("/v1/episodes", body, stage.headers(UserRole.EPR) | {"Idempotency-Key": f"post-{number}"})


def posting_again(stage: Stage, number: int) -> Request:
    """A new version of one document and a further one."""
    stage.post_episode(spell=f"S{number}")
    documents = [{"id": "ds", "text": f"Corrected. {NOTE}"}, {"id": "letter", "text": "Well."}]
    body = {"spell_number": f"S{number}", "episode_number": "1", "documents": documents}
    headers = stage.headers(UserRole.EPR) | {"Idempotency-Key": f"again-{number}"}
    return Request("/v1/episodes", body, headers)


def rows(stage: Stage) -> dict[str, int]:
    """How many of each table."""
    with stage.services.db.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def chain_problems(stage: Stage) -> list[str]:
    with stage.services.db.read() as session:
        return [problem for report in audit.verify(session) for problem in report.problems]


@pytest.mark.parametrize("request_of", [accepting, posting, posting_again])
def test_failure_at_any_database_call_leaves_nothing_half_written(
    stage: Stage, say: Say, request_of: Callable[[Stage, int], Request]
) -> None:
    faulty, request = FaultyDatabase(stage), request_of(stage, 0)
    with faulty.failing_at(0):
        assert request.send(stage).is_success
    calls = faulty.calls
    assert calls > 10
    for call in range(1, calls + 1):
        fails_at(stage, faulty, request_of(stage, call), call)
    say(f"{request_of.__name__}: each of {calls} database calls failed once")


def fails_at(stage: Stage, faulty: FaultyDatabase, request: Request, call: int) -> None:
    """503 and not a row more; the same request then succeeds."""
    before = rows(stage)
    with faulty.failing_at(call):
        failed = request.send(stage)
    assert (failed.status_code, failed.headers["Retry-After"]) == (503, "1"), call
    assert failed.json()["type"] == "urn:autocoder:problem:database-busy"
    assert rows(stage) == before, call
    assert chain_problems(stage) == []
    assert request.send(stage).status_code in (200, 201)
    assert rows(stage)["idempotency"] == before["idempotency"] + 1


@contextmanager
def locked(url: str, episode_id: str) -> Iterator[None]:
    """Someone else holds what a writer needs."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        holder = sqlite3.connect(parsed.database or "", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.close()
        return
    with psycopg.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, password=parsed.password,
        dbname=parsed.database,
    ) as connection:  # fmt: skip
        connection.execute("SELECT 1 FROM episode WHERE id = %s FOR UPDATE", (episode_id,))
        yield


def test_locked_database_is_answered_503_while_reading_goes_on(tmp_path: Path, database_url: str) -> None:
    settings = settings_for(tmp_path, database_url).model_copy(update={"busy_timeout_ms": 200})
    stage = build_stage(settings)
    request = accepting(stage, 1)
    episode = request.path.removesuffix("/decisions")
    with locked(settings.database, episode.rsplit("/", 1)[-1]):
        started = monotonic()
        refused = request.send(stage)
        assert monotonic() - started < BUSY_MS / 2000  # it waited as long as its own settings say
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        read = stage.client.get(episode, headers=stage.headers())
        assert (read.status_code, read.json()["decisions"]) == (200, [])
        assert stage.client.get("/v1/episodes", headers=stage.headers()).status_code == 200
    assert request.send(stage).status_code == 201
    stage.services.db.close()


def test_lost_connections_are_replaced_without_a_restart(stage: Stage) -> None:
    """As after a failover: every pooled connection is dead."""
    request = accepting(stage, 1)
    engine = stage.services.db.engine

    def die(connection: Connection, *_: object) -> None:
        event.remove(engine, "before_cursor_execute", die)
        failure = OperationalError("injected", None, Exception("server closed the connection"))
        failure.connection_invalidated = True
        connection.invalidate()
        raise failure

    event.listen(engine, "before_cursor_execute", die)
    assert request.send(stage).status_code == 503
    assert request.send(stage).status_code == 201
