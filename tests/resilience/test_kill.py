"""The service is killed while clients write: what it acknowledged is there, once; replays answer alike."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from service import audit
from service.audit.tables import AuditRow
from service.db import Database
from service.identity import UserRole
from service.tables import DecisionRow, EpisodeRow
from tests import postgres
from tests.patience import PATIENCE_SECONDS
from tests.printed import Say
from tests.resilience.client import Connection, Log, Sent, decisions, episodes
from tests.resilience.server import Server
from tests.service_fixtures import Stage, build_stage, settings_for

_ALONE = "AUTOCODER_KILL_ROUNDS" in os.environ
ROUNDS = int(os.environ.get("AUTOCODER_KILL_ROUNDS", "10"))
"""On SQLite; two fifths of them on PostgreSQL. `make bench` plays 50."""
SERVED_ROUNDS = max(1, ROUNDS // 15)
"""Rounds in which the command itself is started, not a fork of a process that has everything imported."""
READY_SECONDS = 10 if _ALONE else PATIENCE_SECONDS
"""Ten is the promise, and `make bench` holds it to that; in `make test` others use the same processors."""


@dataclass(slots=True)
class Tally:
    rounds: int = 0
    acknowledged: int = 0
    open: int = 0
    """Requests without an answer: sent again after the restart."""
    carried_out: int = 0
    """Those of them that had been carried out before the kill."""
    slowest_start: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.rounds} kills, {self.acknowledged} acknowledged writes, 0 lost, 0 doubled; "
            f"{self.open} without answer, of which {self.carried_out} had been carried out; "
            f"slowest restart {self.slowest_start:.1f} s"
        )


@dataclass(slots=True)
class Siege:
    """A database, the service on it, and all that clients know of it."""

    server: Server
    db: Database
    stage: Stage
    random: random.Random
    known: list[Sent] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    _keys: Iterator[int] = field(default_factory=count)

    def round(self, number: int) -> None:
        """Writes until the kill, then sends again what was not answered."""
        seconds = self.server.start()
        self.tally.slowest_start = max(self.tally.slowest_start, seconds)
        logs = [Log(self._decisions(number)), Log(self._episodes(number))]
        self._kill_while_writing(logs)
        self.known += [sent for log in logs for sent in log.sent]
        before = set(self._rows(AuditRow.subject))
        self.server.start()
        self._replay(logs, before)
        self.server.kill()
        self._check_rows()
        self.tally.rounds += 1

    def _kill_while_writing(self, logs: list[Log]) -> None:
        threads = [threading.Thread(target=log.run, args=(self.server.port,)) for log in logs]
        for thread in threads:
            thread.start()
        assert all(log.acknowledged.wait(30) for log in logs)
        time.sleep(self.random.uniform(0.05, 0.5))
        self.server.kill()
        for thread in threads:
            thread.join(30)

    def _replay(self, logs: list[Log], before: set[str]) -> None:
        """Every key again: the same bytes where an answer is known, any answer where none is."""
        connection = Connection(self.server.port)
        for sent in [sent for log in logs for sent in log.sent]:
            answer = connection.send(sent)
            if sent.answer is not None:
                assert answer == sent.answer
                self.tally.acknowledged += 1
            else:
                assert answer.status == 201, answer.body
                sent.answer = answer
                self.tally.open += 1
                self.tally.carried_out += _subject(sent) in before
        connection.close()

    def _check_rows(self) -> None:
        made, received = _ids(self.known, "decision"), _ids(self.known, "episode")
        assert Counter(self._rows(DecisionRow.id)) == Counter(made)
        posted = [sent.body["spell_number"] for sent in self.known if "spell_number" in sent.body]
        stored = [spell for spell in self._rows(EpisodeRow.spell_number) if spell.startswith("R")]
        assert Counter(stored) == Counter(posted)
        assert set(received) <= set(self._rows(EpisodeRow.id))
        with self.db.read() as session:
            assert [report.problems for report in audit.verify(session)] == [(), ()]
            if self.db.engine.dialect.name == "sqlite":
                assert session.scalar(text("PRAGMA integrity_check")) == "ok"

    def _decisions(self, number: int) -> Iterator[Sent]:
        episode: Any = self.stage.post_episode(spell=f"seeded-{number}")
        return decisions(episode, self.stage.headers(), self._key)

    def _episodes(self, number: int) -> Iterator[Sent]:
        return episodes(f"R{number}", self.stage.headers(UserRole.EPR), self._key)

    def _key(self) -> str:
        return f"key-{next(self._keys)}"

    def _rows(self, column: Any) -> list[str]:
        with self.db.read() as session:
            return list(session.scalars(select(column)))


def _ids(known: list[Sent], kind: str) -> list[str]:
    subjects = [_subject(sent) for sent in known]
    return [subject.removeprefix(f"{kind}:") for subject in subjects if subject.startswith(f"{kind}:")]


def _subject(sent: Sent) -> str:
    """As the audit chain names what the request made."""
    assert sent.answer is not None
    content = sent.answer.json()
    return f"decision:{content['decision']['id']}" if "decision" in content else f"episode:{content['id']}"


def besiege(folder: Path, url: str, rounds: int, *, forked: bool) -> Siege:
    """`rounds` kills, and the audit command at the end."""
    server = Server(folder, url, forked=forked, model_poll_seconds="3600")
    stage = build_stage(settings_for(folder, url))
    siege = Siege(server, stage.services.db, stage, random.Random(rounds))
    try:
        for number in range(rounds):
            siege.round(number)
        verified = server.run("verify-audit")
        assert verified.returncode == 0, verified.stdout + verified.stderr
    finally:
        server.close()
        stage.services.db.close()
    assert siege.tally.slowest_start < READY_SECONDS
    return siege


def test_no_acknowledged_write_is_lost_or_doubled_on_sqlite(tmp_path: Path, say: Say) -> None:
    say(str(besiege(tmp_path, "", ROUNDS, forked=True).tally))


@pytest.mark.postgres
def test_no_acknowledged_write_is_lost_or_doubled_on_postgresql(tmp_path: Path, say: Say) -> None:
    with postgres.empty_database() as url:
        say(str(besiege(tmp_path, url, max(1, ROUNDS * 2 // 5), forked=True).tally))


def test_the_command_itself_survives_kills(tmp_path: Path, say: Say) -> None:
    say(str(besiege(tmp_path, "", SERVED_ROUNDS, forked=False).tally))
