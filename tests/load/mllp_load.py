"""HL7 v2 over MLLP at the rate of a large Trust: seconds from a message to its ACK, which follows the commit;
processor time for a message; how long suggestions lag behind the end.

usage: python -m tests.load.mllp_load [--seconds 300] [--rate 100] [--connections 10] [--only DATABASE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from service.db import Database
from service.messages.tables import MessageRow
from service.tables import EpisodeRow
from tests import postgres
from tests.load.figures import Figure, quantiles, table
from tests.load.machine import Beside, machine_beside
from tests.load.mllp_generator import Taken
from tests.resilience.server import COMMAND, Server, free_port, running
from tests.service_fixtures import prepare, settings_for

WANTED_P95_MS = 300
WANTED_BACKLOG_SECONDS = 10
_STRETCH_SECONDS = 10
_CALM_BELOW = 0.05
"""Of the processors, taken by the host."""
_PATIENCE_SECONDS = 900
_READY_SECONDS = 300
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    seconds: float = 300.0
    rate: float = 100.0
    connections: int = 10


def measure(tracking_uri: str, load: Load | None = None, only: str = "") -> list[Figure]:
    """On each database."""
    figures = []
    for name in ("sqlite", "postgresql"):
        if only in ("", name):
            with tempfile.TemporaryDirectory() as folder, _database(name) as url:
                figures += _measured(name, Path(folder), url, tracking_uri, load or Load())
    return figures


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "sqlite":
        yield ""
    else:
        with postgres.empty_database() as url:
            yield url


def _measured(name: str, folder: Path, url: str, tracking_uri: str, load: Load) -> list[Figure]:
    settings = settings_for(folder, url)
    prepare(settings)
    server = Server(folder, url, tracking_uri=tracking_uri)
    db = Database(settings.database)
    with running(server), _listening(server, folder) as (pid, port):
        server.wait_for("/readyz", _READY_SECONDS)
        before = _cpu_seconds(pid)
        with machine_beside() as beside:
            sent = _generate(folder, port, load)
        spent = _cpu_seconds(pid) - before
        lag = _backlog_seconds(db)
    taken = [seconds for _, seconds in sent]
    lost = len(taken) - _kept(db)
    db.close()
    found = quantiles(taken)
    bench = f"mllp, {name}"
    verdict = "" if found["p95"] < WANTED_P95_MS and not lost else "FAILED"
    return [
        Figure(bench, f"messages, {load.connections} connections, {load.rate:.0f} a second", str(len(taken))),
        *(Figure(bench, f"ACK after commit, {share}", f"{value:.0f} ms") for share, value in found.items()),
        *_calm(bench, sent, beside),
        Figure(bench, "machine meanwhile", beside.told),
        Figure(bench, "processor time of a message", f"{1000 * spent / len(taken):.1f} ms"),
        Figure(bench, "lost", str(lost)),
        Figure(bench, f"suggestions after the end (wanted: {WANTED_BACKLOG_SECONDS} s)", f"{lag:.1f} s"),
        *([Figure(bench, verdict, f"wanted: p95 under {WANTED_P95_MS} ms")] if verdict else []),
    ]


def _calm(bench: str, sent: Sequence[Taken], beside: Beside) -> list[Figure]:
    """Of the stretches in which the host left us the processors: a listener cannot answer without one."""
    first = min(due for due, _ in sent)
    stretches: dict[int, list[float]] = {}
    for due, seconds in sent:
        stretches.setdefault(int((due - first) / _STRETCH_SECONDS), []).append(seconds)
    calm = [
        seconds
        for number, seconds in stretches.items()
        if beside.stolen_between(*_bounds(first, number)) < _CALM_BELOW
    ]
    if not calm:
        return [Figure(bench, "calm stretches", "none")]
    p95 = sorted(quantiles(seconds)["p95"] for seconds in calm)
    told = f"p95 {p95[len(p95) // 2]:.0f} ms in the middle one, {p95[-1]:.0f} ms in the worst"
    what = f"{len(calm)} of {len(stretches)} stretches of 10 s in which the host took under {_CALM_BELOW:.0%}"
    return [Figure(bench, what, told)]


def _bounds(first: float, number: int) -> tuple[float, float]:
    """The second before belongs to it: what was left behind is caught up."""
    begin = first + number * _STRETCH_SECONDS
    return begin - 1, begin + _STRETCH_SECONDS


@contextmanager
def _listening(server: Server, folder: Path) -> Iterator[tuple[int, int]]:
    port = free_port()
    command = (COMMAND, "mllp", "--provider", "A", "--port", str(port))
    with (
        (folder / "mllp.txt").open("w") as log,
        subprocess.Popen(command, env=server.environment, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid, port
        finally:
            process.terminate()


def _generate(folder: Path, port: int, load: Load) -> list[Taken]:
    result = folder / "taken.json"
    numbers = (port, load.rate, load.connections, load.seconds)
    command = (sys.executable, "-m", "tests.load.mllp_generator", *map(str, numbers), str(result))
    subprocess.run(command, check=True, timeout=load.seconds + _PATIENCE_SECONDS)
    return [(due, seconds) for due, seconds in json.loads(result.read_text())]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _backlog_seconds(db: Database) -> float:
    started = time.monotonic()
    while time.monotonic() - started < _PATIENCE_SECONDS:
        with db.read() as session:
            waiting = session.scalar(
                select(func.count()).select_from(EpisodeRow).where(EpisodeRow.unsuggested_reason.is_not(None))
            )
        if not waiting:
            break
        time.sleep(0.5)
    return time.monotonic() - started


def _kept(db: Database) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(MessageRow)) or 0


if __name__ == "__main__":
    from tests.load.serving_speed import store_with_champion

    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--only", default="", choices=("", "sqlite", "postgresql"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as here:
        champion = store_with_champion(Path(here))
        print(table(measure(champion, Load(asked.seconds, asked.rate, asked.connections), asked.only)))
