"""How fast the champion answers `POST /v1/suggestions` over HTTP, and how much memory the service takes."""

import subprocess
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.registry import Registry, RegistryError, default_tracking_uri
from service.db import Database
from service.identity import UserRole
from service.schema import migrate
from tests.fakes import StoppedClock
from tests.load.figures import Figure, timings
from tests.load.memory import watched
from tests.load.texts import texts
from tests.resilience.client import Connection, Sent
from tests.resilience.server import COMMAND, Server, running
from tests.service_fixtures import populate, settings_for

TEXTS = 500
CLIENTS = 8
WORKERS = 2
WANTED_PSS_MB = 900
READY_SECONDS = 300
ENOUGH_READY = 20


def store_with_champion(folder: Path) -> str:
    """The store of this installation; where it has no champion, one is trained into the folder."""
    uri = default_tracking_uri()
    try:
        Registry(uri).resolve("autocoder@champion")
    except RegistryError:
        uri = f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}"
        command = (COMMAND, "train", "--register", "autocoder", "--tracking-uri", uri)
        subprocess.run(command, check=True, timeout=900, stdout=subprocess.DEVNULL)
    return uri


def measure(tracking_uri: str) -> list[Figure]:
    """One client, then several as fast as they can, then as many at half of that rate."""
    posts = texts(2 * TEXTS)
    with tempfile.TemporaryDirectory() as folder:
        server, key = _server(Path(folder), tracking_uri)
        with running(server), watched(server.pid) as peak:
            wait_for_every_worker(server)
            _ask(server, key, posts[:10])
            alone = _measured("one client", server, key, [posts[:TEXTS]])
            parts = [posts[TEXTS:][start::CLIENTS] for start in range(CLIENTS)]
            together, rate = _all_at_once(server, key, parts)
            half = _measured(f"{CLIENTS} clients at half that rate", server, key, parts, rate / 2)
    memory = [
        Figure("serving", f"largest of {WORKERS} workers, RSS", f"{peak.rss_mb:.0f} MB"),
        Figure("serving", f"all processes, PSS (wanted: under {WANTED_PSS_MB})", f"{peak.pss_mb:.0f} MB"),
    ]
    return [*alone, *together, *half, *memory]


def wait_for_every_worker(server: Server) -> None:
    """Each new connection meets one of the workers: when so many in a row are ready, all are."""
    ready = 0
    deadline = time.monotonic() + READY_SECONDS
    while ready < ENOUGH_READY:
        ready = ready + 1 if server.status("/readyz") == 200 else 0
        if time.monotonic() > deadline:
            raise TimeoutError(f"not every worker is ready; {server.errors.read_text()[-2000:]}")
        if not ready:
            time.sleep(0.2)


def _server(folder: Path, tracking_uri: str) -> tuple[Server, str]:
    db = Database(settings_for(folder).database)
    migrate(db)
    key = populate(db, StoppedClock())["A", UserRole.EPR]
    db.close()
    return Server(folder, workers=WORKERS, tracking_uri=tracking_uri), key


def _all_at_once(server: Server, key: str, parts: Sequence[Sequence[str]]) -> tuple[list[Figure], float]:
    figures = _measured(f"{CLIENTS} clients", server, key, parts)
    rate = float(figures[-1].value.split(" ")[0])
    return figures, rate


def _measured(
    name: str, server: Server, key: str, parts: Sequence[Sequence[str]], rate: float | None = None
) -> list[Figure]:
    """Each part is posted by a client of its own, all at the same time.

    Args:
        rate: posts a second of all clients together, evenly; without one, each posts when it is answered.
    """
    started = time.perf_counter()
    every = len(parts) / rate if rate else 0.0
    firsts = [started + number * every / len(parts) for number in range(len(parts))]
    with ThreadPoolExecutor(len(parts)) as pool:
        answers = pool.map(lambda part, first: _ask(server, key, part, first, every), parts, firsts)
        seconds = [second for part in answers for second in part]
    reached = len(seconds) / (time.perf_counter() - started)
    bench = f"suggestions, {name}"
    return [*timings(bench, seconds), Figure(bench, "throughput", f"{reached:.1f} documents/s")]


def _ask(
    server: Server, key: str, posts: Sequence[str], first: float = 0.0, every: float = 0.0
) -> list[float]:
    """The seconds to each answer, from when a post was due: one that waits its turn counts as slow."""
    connection, seconds = Connection(server.port), []
    for number, text in enumerate(posts):
        sent = Sent("/v1/suggestions", {"text": text}, {"Authorization": f"Bearer {key}"})
        due = first + number * every if every else time.perf_counter()
        time.sleep(max(0.0, due - time.perf_counter()))
        answer = connection.send(sent)
        seconds.append(time.perf_counter() - due)
        assert answer.status == 200, answer.body
    connection.close()
    return seconds
