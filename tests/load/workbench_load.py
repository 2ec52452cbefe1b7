"""How long coders wait for pages and actions: fifty of them before twenty thousand open episodes.

The real `autocoder serve` with two workers, on SQLite and on PostgreSQL; the coders
(tests/load/workbench_coder.py) are another process. Afterwards there are more of them, until p95 reaches the
limit: that rate is the answer.

usage: python -m tests.load.workbench_load [--episodes 20000] [--seconds 120] [--only sqlite] [--write]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.coder import Coder
from service.app import load_tables
from service.db import Database
from service.serving.holder import RegistrySource
from tests import postgres
from tests.load.figures import Figure, quantiles
from tests.load.machine import machine_beside
from tests.load.memory import family
from tests.load.pages import write_part
from tests.load.serving_speed import WORKERS, store_with_champion, wait_for_every_worker
from tests.load.workbench_seed import EPISODES, seed
from tests.resilience.server import Server, running
from tests.service_fixtures import settings_for

PAGE = Path(__file__).parents[2] / "docs" / "workbench-load.md"
CODERS = 50
LIMIT_MS = 100.0
SECONDS = 120.0
_STEP_SECONDS = 40.0
_GROWTH = 1.3
_MOST_CODERS = 1000
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Level:
    """So many coders for a while."""

    coders: int
    seconds: float
    by_action: Mapping[str, Sequence[float]]
    statuses: Mapping[str, int]
    cpu_seconds: float
    """Of the server's processes."""
    machine: str
    """What the machine itself cost meanwhile."""

    @property
    def every(self) -> list[float]:
        return [second for seconds in self.by_action.values() for second in seconds]

    @property
    def rate(self) -> float:
        return len(self.every) / self.seconds

    @property
    def p95(self) -> float:
        return quantiles(self.every)["p95"]

    @property
    def failures(self) -> int:
        """Answers of 5xx, and none at all."""
        return sum(count for name, count in self.statuses.items() if int(name.rpartition(" ")[2]) >= 500)

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_seconds / len(self.every)


@dataclass(frozen=True, slots=True)
class Outcome:
    database: str
    levels: tuple[Level, ...]
    """The first is the one that is asked for; the others look for the limit."""

    @property
    def limit(self) -> str:
        """The rate at which p95 reaches the limit."""
        below = [level.rate for level in self.levels if level.p95 < LIMIT_MS]
        above = [level.rate for level in self.levels if level.p95 >= LIMIT_MS]
        if not above:
            return f"not reached at {max(below):.0f} a second"
        if not below:
            return f"under {min(above):.0f} a second"
        return f"between {max(below):.0f} and {min(above):.0f} a second"


def measure(
    tracking_uri: str, *, episodes: int = EPISODES, seconds: float = SECONDS, only: str = ""
) -> list[Outcome]:
    kinds = [kind for kind in ("SQLite", "PostgreSQL") if only.lower() in kind.lower()]
    return [_on(kind, tracking_uri, episodes, seconds) for kind in kinds]


def bench(tracking_uri: str) -> list[Figure]:
    """Measures, and writes the page."""
    outcomes = measure(tracking_uri)
    write(outcomes)
    return figures(outcomes)


def figures(outcomes: Sequence[Outcome]) -> list[Figure]:
    found = []
    for outcome in outcomes:
        bench, first = f"workbench, {outcome.database}", outcome.levels[0]
        for action, seconds in sorted(first.by_action.items()):
            shown = " ".join(f"{name} {value:.0f}" for name, value in quantiles(seconds).items())
            found.append(Figure(bench, action, f"{shown} ms"))
        found += [
            Figure(
                bench, f"all of {CODERS} coders, p95 (wanted: under {LIMIT_MS:.0f})", f"{first.p95:.0f} ms"
            ),
            Figure(bench, "server's CPU for one", f"{first.cpu_ms:.1f} ms"),
            Figure(bench, "failures", str(first.failures)),
            Figure(bench, "machine meanwhile", first.machine),
            Figure(bench, f"p95 reaches {LIMIT_MS:.0f} ms", outcome.limit),
        ]
    return found


def write(outcomes: Sequence[Outcome], page: Path = PAGE) -> None:
    for outcome in outcomes:
        write_part(page, outcome.database, f"{_actions(outcome.levels[0])}\n\n{_levels(outcome)}")


def _actions(level: Level) -> str:
    rows = [
        f"{level.coders} coders, {level.rate:.1f} actions a second, {len(level.every)} in all; "
        f"server's CPU {level.cpu_ms:.1f} ms for one; failures: {level.failures}. "
        f"The machine meanwhile: {level.machine}.",
        "",
        "| page or action | number | p50 ms | p95 ms | p99 ms |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    every = {**dict(sorted(level.by_action.items())), "**all**": level.every}
    for name, seconds in every.items():
        found = quantiles(seconds)
        rows.append(
            f"| {name} | {len(seconds)} | " + " | ".join(f"{value:.0f}" for value in found.values()) + " |"
        )
    return "\n".join(rows)


def _levels(outcome: Outcome) -> str:
    rows = [
        "| coders | actions a second | p50 ms | p95 ms | p99 ms | CPU ms | failures |",
        "|" + " ---: |" * 7,
    ]
    for level in outcome.levels:
        told = " | ".join(f"{value:.0f}" for value in quantiles(level.every).values())
        rows.append(f"| {level.coders} | {level.rate:.1f} | {told} | {level.cpu_ms:.1f} | {level.failures} |")
    return "\n".join([*rows, "", f"p95 reaches {LIMIT_MS:.0f} ms: {outcome.limit}."])


def _on(kind: str, tracking_uri: str, episodes: int, seconds: float) -> Outcome:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(postgres.empty_database()) if kind == "PostgreSQL" else ""
        settings = settings_for(folder, url).model_copy(update={"tracking_uri": tracking_uri})
        db = Database(settings.database)
        seed(db, _champion(tracking_uri, folder), coders=_MOST_CODERS, episodes=episodes)
        if kind == "PostgreSQL":
            _analyse(db)
        db.close()
        os.sync()  # what was seeded is on the disk before anybody waits for it
        server = Server(folder, url, workers=WORKERS, tracking_uri=tracking_uri, secure_cookies="false")
        stack.enter_context(running(server))
        wait_for_every_worker(server)
        return Outcome(kind, tuple(_raised(server, seconds)))


def _analyse(db: Database) -> None:
    """What the server's own cleaner does in a quiet minute."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _champion(tracking_uri: str, folder: Path) -> Coder:
    settings = settings_for(folder)
    source = RegistrySource(tracking_uri, settings.model_reference, folder / "models", load_tables(settings))
    return source.open()


def _raised(server: Server, seconds: float) -> Iterator[Level]:
    """Fifty coders, then more, until p95 is at the limit."""
    level = _level(server, CODERS, seconds)
    yield level
    coders = CODERS
    while level.p95 < LIMIT_MS and not level.failures and coders < _MOST_CODERS:
        coders = min(_MOST_CODERS, int(coders * _GROWTH))
        level = _level(server, coders, min(seconds, _STEP_SECONDS))
        yield level


def _level(server: Server, coders: int, seconds: float) -> Level:
    with _coders(server.port, coders, seconds) as process:
        before = _cpu(server.pid)
        with machine_beside() as beside:
            said = _told(process)
        cpu = _cpu(server.pid) - before
    level = Level(coders, said["seconds"], said["by_action"], said["statuses"], cpu, beside.told)
    print(f"{coders} coders: p95 {level.p95:.0f} ms, {level.cpu_ms:.0f} ms CPU an action", file=sys.stderr)
    print(f"  {level.machine}", file=sys.stderr)
    return level


@contextmanager
def _coders(port: int, coders: int, seconds: float) -> Iterator["subprocess.Popen[str]"]:
    """Signed in, and waiting for the word to begin: signing in is slow on purpose, and not measured."""
    command = (sys.executable, "-m", "tests.load.workbench_coder", str(port), str(coders), str(seconds))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "the coders could not sign in"
        yield process


def _told(process: "subprocess.Popen[str]") -> Any:
    said, _ = process.communicate("\n")
    return json.loads(said)


def _cpu(pid: int) -> float:
    """Seconds of all processes of the server so far."""
    return sum(_ticks(process) for process in family(pid)) / _TICKS


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=EPISODES)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--only", default="", help="sqlite or postgresql")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        uri = store_with_champion(Path(folder))
        outcomes = measure(uri, episodes=wanted.episodes, seconds=wanted.seconds, only=wanted.only)
    for figure in figures(outcomes):
        print(f"{figure.bench:24} {figure.what:48} {figure.value}")
    if wanted.write:
        write(outcomes)


if __name__ == "__main__":
    main()
