"""The real service in a process of its own, on loopback, to be killed, stopped and started again."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from http.client import HTTPConnection, HTTPException
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Protocol

from tests.patience import BUSY_MS, PATIENCE_SECONDS
from tests.service_fixtures import SECRET

COMMAND = Path(sys.executable).parent / "autocoder"
_CACHE = "AUTOCODER_CACHE_DIR"
"""What all programs on this machine may share: it holds nothing of a test."""


class _Process(Protocol):
    pid: int

    def kill(self) -> None: ...
    def terminate(self) -> None: ...
    def wait(self, timeout: float) -> int: ...


class Server:
    """`autocoder serve` on the data of a folder, or on a database elsewhere."""

    def __init__(
        self, folder: Path, database_url: str = "", *, forked: bool = False, workers: int = 1, **settings: str
    ) -> None:
        """
        Args:
            forked: start from a process that has everything imported (tests/resilience/serving.py).
            settings: further settings by lower-case name.
        """
        self.folder = folder
        self.errors = folder / "stderr.txt"
        self.environment = environment(folder, database_url, **settings)
        self.port = free_port()
        self._forked = forked
        self._workers = workers
        self._process: _Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait_for: str = "/healthz") -> float:
        """Returns the seconds until the address answered 200."""
        started = time.monotonic()
        self._process = self._fork() if self._forked else self._spawn()
        self.wait_for(wait_for)
        return time.monotonic() - started

    def wait_for(self, path: str, seconds: float = PATIENCE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while self.status(path) != 200:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} did not answer 200; {self.errors.read_text()[-2000:]}")
            time.sleep(0.02)

    def status(self, path: str) -> int:
        """0 where nothing answers."""
        try:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
                connection.request("GET", path)
                return connection.getresponse().status
        except (OSError, HTTPException):
            return 0

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing is said."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)
        self._process = None

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(PATIENCE_SECONDS)
        self._process = None
        return code

    def close(self) -> None:
        if self._process is not None:
            self.kill()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Another command of the service on the same data."""
        return subprocess.run(
            (COMMAND, *command), env=self.environment, capture_output=True, text=True, check=False
        )

    def _spawn(self) -> "_Process":
        port_and_workers = ("--port", str(self.port), "--workers", str(self._workers))
        with self.errors.open("a") as errors:
            return _Spawned(
                (COMMAND, "serve", *port_and_workers),
                env=self.environment,
                stderr=errors,
                start_new_session=True,
            )

    def _fork(self) -> "_Process":
        return _Forked(self.environment, self.port, self.errors)


class _Spawned(subprocess.Popen[bytes]):
    """With its workers, where it has any."""

    def kill(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        return super().wait(timeout)


class _Forked:
    def __init__(self, environment: Mapping[str, str], port: int, errors: Path) -> None:
        from tests.resilience.serving import serve_forked

        self._process: ForkServerProcess = _fork_server().Process(
            target=serve_forked, args=(dict(environment), port, errors)
        )
        self._process.start()
        self.pid = self._process.pid or 0

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError("the service does not end")
        return self._process.exitcode


@cache
def _fork_server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.resilience.serving"])
    first = context.Process(target=int)
    first.start()
    first.join()  # by then everything is imported
    return context


@contextmanager
def running(server: Server, *, wait_for: str = "/healthz") -> Iterator[Server]:
    try:
        server.start(wait_for=wait_for)
        yield server
    finally:
        server.close()


def environment(folder: Path, database_url: str = "", **settings: str) -> dict[str, str]:
    """Settings of a service without a model: its store is an empty folder."""
    wanted = {
        "var_dir": str(folder),
        "database_url": database_url,
        "secret_key": SECRET,
        "tracking_uri": f"sqlite:///{folder / 'no-store' / 'mlflow.db'}",
        "audit_share": "1e-12",
        "busy_timeout_ms": str(BUSY_MS),
        **settings,
    }
    ours = {f"AUTOCODER_{name.upper()}": value for name, value in wanted.items()}
    kept = {name: v for name, v in os.environ.items() if not name.startswith("AUTOCODER_") or name == _CACHE}
    return kept | ours


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
