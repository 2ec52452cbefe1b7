"""Workers share what all of them read, and one that dies is replaced by one that shares it, too."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.load.memory import family
from tests.patience import PATIENCE_SECONDS
from tests.resilience.model_store import make_store
from tests.resilience.server import Server, running
from tests.service_fixtures import build_stage, settings_for

_SHARED_MB = 50
"""Of about 180; modules alone are less."""


def test_a_worker_that_dies_is_replaced_by_one_that_shares_what_was_read(tmp_path: Path) -> None:
    build_stage(settings_for(tmp_path)).services.db.close()
    server = Server(tmp_path, workers=2, model_poll_seconds="3600")
    with running(server):
        _until(lambda: len(_sharing(server.pid)) == 3)
        before = _sharing(server.pid)
        fork_server = min(before)
        victim = max(before)
        assert victim != fork_server
        os.kill(victim, signal.SIGKILL)
        _until(lambda: len(_sharing(server.pid) - before) == 1)
        assert server.status("/healthz") == 200


def test_a_worker_that_dies_is_replaced_by_one_that_shares_the_model(tmp_path: Path) -> None:
    """The store has lost the model's files by then, so that nothing else could answer."""
    build_stage(settings_for(tmp_path)).services.db.close()
    store = make_store(tmp_path / "store")
    server = Server(tmp_path, workers=2, model_poll_seconds="3600", tracking_uri=store.uri)
    with running(server, wait_for="/readyz"):
        (store.bundle / "manifest.json").unlink()
        before = _sharing(server.pid)
        for worker in before - {min(before)}:
            os.kill(worker, signal.SIGKILL)
        _until(lambda: len(_sharing(server.pid) - before) == 2)
        server.wait_for("/readyz")


def _sharing(pid: int) -> set[int]:
    """The processes of a service that hold so much memory in common with others."""
    return {process for process in family(pid) if _shared_mb(process) > _SHARED_MB}


def _shared_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Shared_Dirty")) / 1024


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)
