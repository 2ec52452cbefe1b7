"""SIGTERM under load: what was begun is answered whole, what was not answered was not carried out, exit 0."""

import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.idempotency import IdempotencyRow
from service.tables import DecisionRow
from tests.patience import PATIENCE_SECONDS
from tests.printed import Say
from tests.resilience.client import Answer, Connection, Log, Sent, decisions
from tests.resilience.server import Server
from tests.service_fixtures import Stage, build_stage, prepare, settings_for

CLIENTS = 4


class OneShot(Log):
    """A client that opens a connection for each request, as one behind a load balancer."""

    def run(self, port: int) -> None:
        for request in self.requests:
            self.sent.append(request)
            request.headers["Connection"] = "close"
            try:
                request.answer = _send(port, request)
            except OSError:
                return
            self.acknowledged.set()


def _send(port: int, request: Sent) -> Answer:
    connection = Connection(port)
    try:
        return connection.send(request)
    finally:
        connection.close()


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Stage]:
    stage = build_stage(settings_for(tmp_path))
    yield stage
    stage.services.db.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_stop_under_load_answers_what_was_begun_and_exits_0(
    seeded: Stage, tmp_path: Path, say: Say, workers: int
) -> None:
    server = Server(tmp_path, workers=workers, model_poll_seconds="3600")
    server.start()
    logs = [OneShot(_decisions(seeded, number)) for number in range(CLIENTS)]
    seconds, code = _stop_under_load(server, logs)
    answered = [sent for log in logs for sent in log.sent if sent.answer is not None]
    unanswered = [sent for log in logs for sent in log.open]
    say(f"{workers} workers: {len(answered)} answered, {len(unanswered)} refused, ended in {seconds:.1f} s")
    assert code == 0
    assert {sent.answer.status for sent in answered if sent.answer} == {201}
    assert _carried_out(seeded) == {sent.headers["Idempotency-Key"] for sent in answered}
    assert "Traceback" not in server.errors.read_text()


def test_idle_service_ends_at_once_with_0(tmp_path: Path) -> None:
    prepare(settings_for(tmp_path))  # without a schema it would not start
    server = Server(tmp_path, forked=True, model_poll_seconds="3600")
    server.start()
    started = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - started < 30


def _stop_under_load(server: Server, logs: list[OneShot]) -> tuple[float, int]:
    threads = [threading.Thread(target=log.run, args=(server.port,)) for log in logs]
    for thread in threads:
        thread.start()
    assert all(log.acknowledged.wait(PATIENCE_SECONDS) for log in logs)
    time.sleep(0.5)
    started = time.monotonic()
    code = server.terminate()
    seconds = time.monotonic() - started
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    return seconds, code


def _decisions(stage: Stage, number: int) -> Iterator[Sent]:
    episode: Any = stage.post_episode(spell=f"S{number}")
    keys = count()
    return decisions(episode, stage.headers(), lambda: f"key-{number}-{next(keys)}")


def _carried_out(stage: Stage) -> set[str]:
    with stage.services.db.read() as session:
        keys = set(session.scalars(select(IdempotencyRow.key)))
        assert len(list(session.scalars(select(DecisionRow.id)))) == len(keys)
    return keys
