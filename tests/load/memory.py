"""Memory of a process and its children, watched while something runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Peak:
    rss_mb: float = 0.0
    """Of the largest process."""
    pss_mb: float = 0.0
    """Of all together, shared pages counted once."""

    def note(self, pid: int) -> None:
        sizes = [_rollup(process) for process in family(pid)]
        self.rss_mb = max(self.rss_mb, *(size["Rss"] for size in sizes), 0.0)
        self.pss_mb = max(self.pss_mb, sum(size["Pss"] for size in sizes))


@contextmanager
def watched(pid: int) -> Iterator[Peak]:
    peak, stop = Peak(), threading.Event()

    def watch() -> None:
        while not stop.wait(0.2):
            peak.note(pid)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()
        peak.note(pid)


def family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def _rollup(pid: int) -> dict[str, float]:
    """Megabytes; a process that has just ended has none."""
    sizes = {"Rss": 0.0, "Pss": 0.0}
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return sizes
    for line in lines:
        name, _, value = line.partition(":")
        if name in sizes:
            sizes[name] = int(value.split()[0]) / 1024
    return sizes
