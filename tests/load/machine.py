"""What the machine itself costs while something is measured: a host that is shared takes processors away, and
wakes a sleeping process late. A bench that waits on other processes says so beside its own figure.
"""

import math
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.load.figures import quantiles

ROUND_TRIPS = 20
"""In a row: as many as an action of a coder puts to its database."""
_EVERY_SECONDS = 0.25
_ECHO = "import os\nwhile one := os.read(0, 1): os.write(1, one)"
_STEAL = 7
"""Its place among the numbers of /proc/stat."""


@dataclass(slots=True)
class Beside:
    """What was seen meanwhile."""

    round_trips: list[float] = field(default_factory=list)
    """Seconds of twenty empty round trips to a process that does nothing."""
    ticks: list[tuple[float, list[int]]] = field(default_factory=list)
    """What all processors did so far, by the second of `time.perf_counter`."""

    @property
    def stolen(self) -> float:
        """Share of the processors that the host took."""
        return self.stolen_between(-math.inf, math.inf)

    def stolen_between(self, begin: float, end: float) -> float:
        """The same of a stretch of seconds; all of it where the stretch was too short to be seen."""
        within = [ticks for at, ticks in self.ticks if begin <= at <= end]
        if len(within) < 2:
            return 1.0
        spent = [after - before for before, after in zip(within[0], within[-1], strict=True)]
        return spent[_STEAL] / max(1, sum(spent))

    @property
    def told(self) -> str:
        found = quantiles(self.round_trips)
        return (
            f"{ROUND_TRIPS} empty round trips to a sleeping process p50 {found['p50']:.1f}, "
            f"p95 {found['p95']:.1f} ms; processor taken by the host {self.stolen:.0%}"
        )


@contextmanager
def machine_beside() -> Iterator[Beside]:
    """Fills what it yields until the block ends; costs a hundredth of a processor."""
    beside, stop = Beside(), threading.Event()
    with subprocess.Popen(
        (sys.executable, "-c", _ECHO), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as echo:
        thread = threading.Thread(target=_watch, args=(echo, beside, stop), daemon=True)
        thread.start()
        try:
            yield beside
        finally:
            stop.set()
            thread.join()


def _watch(echo: "subprocess.Popen[bytes]", beside: Beside, stop: threading.Event) -> None:
    beside.ticks.append((time.perf_counter(), _ticks()))
    while not stop.wait(_EVERY_SECONDS):
        started = time.perf_counter()
        for _ in range(ROUND_TRIPS):
            _round_trip(echo)
        beside.round_trips.append(time.perf_counter() - started)
        beside.ticks.append((time.perf_counter(), _ticks()))


def _round_trip(echo: "subprocess.Popen[bytes]") -> None:
    assert echo.stdin is not None
    assert echo.stdout is not None
    echo.stdin.write(b".")
    echo.stdin.flush()
    echo.stdout.read(1)


def _ticks() -> list[int]:
    """Of all processors: user, nice, system, idle, iowait, irq, softirq, steal."""
    return [int(count) for count in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
