"""Round trips with a patient administration system that dies, is away, and tells us things meanwhile; and
with a service that is killed while it delivers: nothing is lost, nothing is out of order.

`make bench` keeps the receiver away for a real minute (AUTOCODER_DOWN_SECONDS) and plays more kills.
"""

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service import audit
from service.identity import UserRole
from tests import postgres
from tests.hl7_messages import adt, mdm, pid, pv1
from tests.outgoing_fixtures import add_destination, decide, outgoing
from tests.pas import Behaviour, Line, Pas, running_pas
from tests.patience import PATIENCE_SECONDS
from tests.printed import Say
from tests.resilience.server import COMMAND, Server, free_port, running
from tests.service_fixtures import Stage, build_stage, settings_for

DOWN_SECONDS = float(os.environ.get("AUTOCODER_DOWN_SECONDS", "1"))
KILLS = int(os.environ.get("AUTOCODER_DELIVERY_KILLS", "3"))
SPELLS = 12
QUICK: dict[str, Any] = {
    "outgoing_allowed": "127.0.0.1",
    "outgoing_poll_seconds": "0.1",
    "outgoing_retry_seconds": "0.05",
    "outgoing_longest_wait_seconds": "0.5",
    "outgoing_timeout_seconds": "5",
    "model_poll_seconds": "3600",
}


@dataclass(slots=True)
class Trust:
    """The service (what delivers is a process of its own), and the PAS that it talks with."""

    stage: Stage
    server: Server
    pas: Pas

    def episodes(self) -> list[dict[str, Any]]:
        listed = self.stage.client.get("/v1/episodes?limit=100", headers=self.stage.headers()).json()[
            "episodes"
        ]
        ids = [one["id"] for one in listed]
        read = [
            self.stage.client.get(f"/v1/episodes/{one}", headers=self.stage.headers()).json() for one in ids
        ]
        return sorted(read, key=lambda one: (one["spell_number"], one["episode_number"]))

    def code(self, episode_id: str, code: str) -> None:
        decide(self.stage, episode_id, kind="add", role="diagnosis", code=code)
        decide(self.stage, episode_id, kind="finalise")

    def recode(self, episode_id: str, code: str) -> None:
        decide(self.stage, episode_id, kind="reopen", reason="amended document")
        self.code(episode_id, code)


@contextmanager
def trust(folder: Path, database_url: str = "") -> Iterator[Trust]:
    stage = build_stage(settings_for(folder, database_url))
    server = Server(folder, database_url, forked=True, workers=1, **QUICK)
    with running_pas() as pas:
        add_destination(stage, "hl7_mllp", f"mllp://127.0.0.1:{pas.port}")
        try:
            yield Trust(stage, server, pas)
        finally:
            server.close()
            stage.services.db.close()


@contextmanager
def mllp(server: Server) -> Iterator[Line]:
    """`autocoder mllp` on the same data, and a connection to it."""
    port = free_port()
    command = (COMMAND, "mllp", "--provider", "A", "--port", str(port))
    with subprocess.Popen(command, env=server.environment, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert b"Taking HL7" in process.stdout.readline()
            line = Line(port)
            yield line
            line.close()
        finally:
            process.terminate()
            process.wait(30)


def until(holds: Callable[[], bool]) -> float:
    """Waits; returns the seconds that it took."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < PATIENCE_SECONDS, "it did not come to pass"
        time.sleep(0.05)
    return time.monotonic() - started


def test_a_spell_from_admission_to_a_corrected_coding(tmp_path: Path) -> None:
    with trust(tmp_path) as here, running(here.server), mllp(here.server) as line:
        moved = {"consultant": "C7654321", "function": "430"}
        line.tell(adt("A01", "1", pid(), pv1()))
        line.tell(adt("A02", "2", pid(), pv1(**moved), hours=30))
        line.tell(adt("A03", "3", pid(), pv1(ended="202603041500", **moved), hours=78))
        line.tell(mdm("4", "Hypertension."))
        first, second = here.episodes()
        here.code(first["id"], "E119")
        here.code(second["id"], "I10")
        until(lambda: here.pas.codings == {"V1/1": [1], "V1/2": [1]})
        line.tell(mdm("5", "Hypertension. Pneumonia.", trigger="T08"))
        amended = here.episodes()
        assert [one["document_since_finalised"] for one in amended] == [True, True]
        here.recode(amended[1]["id"], "J18.9")
        until(lambda: len(here.pas.taken) == 3)
        corrected = here.pas.taken[-1].first("ZAC")
        assert corrected is not None
        assert (corrected.value(1), corrected.value(4), corrected.value(5)) == ("2", "2", "C")
        assert here.pas.codes() == ["I10.X", "J18.9"]
        assert here.server.terminate() == 0


def besieged(here: Trust) -> str:
    """The receiver dies, is away, refuses to say; the service is killed with messages under way."""
    dice = random.Random(7)
    stage, pas, server = here.stage, here.pas, here.server
    headers = stage.headers(UserRole.EPR)
    for number in range(SPELLS):
        body = {"spell_number": f"V{number:02}", "episode_number": "1", "episode_end": "2026-03-01"}
        stage.client.post("/v1/episodes", json=body, headers=headers)
    ids = [one["id"] for one in here.episodes()]
    pas.slowness_seconds = 0.03
    with running(server):
        for place, episode_id in enumerate(ids):
            here.code(episode_id, "I10")
            if place % 4 == 1:
                pas.plan += [Behaviour.DIE_AFTER, Behaviour.DIE_BEFORE]
        pas.down()
        away = time.monotonic()
        for episode_id in ids:
            here.recode(episode_id, "E119")
        time.sleep(max(0.0, DOWN_SECONDS - (time.monotonic() - away)))
        pas.up()
        for _ in range(KILLS):
            before = len(pas.received)
            until(lambda before=before: len(pas.received) > before or settled(stage))  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.05))
            server.kill()
            server.start()
        seconds = until(lambda: settled(stage))
    assert pas.codings == {f"V{number:02}/1": [1, 2] for number in range(SPELLS)}
    with stage.services.db.read() as session:
        assert all(not report.problems for report in audit.verify(session))
    repeats = len(pas.received) - len(pas.taken)
    return (
        f"{len(pas.taken)} codings taken once each and in order, {repeats} repeats told by their ids; "
        f"receiver away {DOWN_SECONDS:.0f} s, {KILLS} kills; settled {seconds:.1f} s after the last"
    )


def settled(stage: Stage) -> bool:
    return len(outgoing(stage, "delivered")) == 2 * SPELLS


def test_nothing_is_lost_or_out_of_order_on_sqlite(tmp_path: Path, say: Say) -> None:
    with trust(tmp_path) as here:
        say(besieged(here))


@pytest.mark.postgres
def test_nothing_is_lost_or_out_of_order_on_postgresql(tmp_path: Path, say: Say) -> None:
    with postgres.empty_database() as url, trust(tmp_path, url) as here:
        say(besieged(here))


def test_two_processes_share_a_database_and_one_delivers(tmp_path: Path) -> None:
    """The other takes over when the first is killed."""
    with trust(tmp_path) as here:
        other = Server(tmp_path, "", forked=True, workers=1, **QUICK)
        [body] = [{"spell_number": "V1", "episode_number": "1", "episode_end": "2026-03-01"}]
        answer = here.stage.client.post("/v1/episodes", json=body, headers=here.stage.headers(UserRole.EPR))
        with running(here.server), running(other):
            here.code(answer.json()["id"], "I10")
            until(lambda: len(outgoing(here.stage, "delivered")) == 1)
            here.server.kill()
            here.recode(answer.json()["id"], "E119")
            until(lambda: len(outgoing(here.stage, "delivered")) == 2)
        assert len(here.pas.received) == len(here.pas.taken) == 2
