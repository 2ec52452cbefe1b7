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
    posts = texts(2 * TEXTS)
    with tempfile.TemporaryDirectory() as folder:
        server, key = _server(Path(folder), tracking_uri)
        with running(server, wait_for="/readyz"), watched(server.pid) as peak:
            _ask(server, key, posts[:10])  # both workers have met a text
            alone = _measured("one client", server, key, [posts[:TEXTS]])
            parts = [posts[TEXTS:][start::CLIENTS] for start in range(CLIENTS)]
            together = _measured(f"{CLIENTS} clients", server, key, parts)
    memory = [
        Figure("serving", f"largest of {WORKERS} workers, RSS", f"{peak.rss_mb:.0f} MB"),
        Figure("serving", "all processes, PSS", f"{peak.pss_mb:.0f} MB"),
    ]
    return [*alone, *together, *memory]


def _server(folder: Path, tracking_uri: str) -> tuple[Server, str]:
    db = Database(settings_for(folder).database)
    migrate(db)
    key = populate(db, StoppedClock())["A", UserRole.EPR]
    db.close()
    return Server(folder, workers=WORKERS, tracking_uri=tracking_uri), key


def _measured(name: str, server: Server, key: str, parts: Sequence[Sequence[str]]) -> list[Figure]:
    """Each part is posted by a client of its own, all at the same time."""
    started = time.perf_counter()
    with ThreadPoolExecutor(len(parts)) as pool:
        seconds = [s for part in pool.map(lambda part: _ask(server, key, part), parts) for s in part]
    rate = len(seconds) / (time.perf_counter() - started)
    bench = f"suggestions, {name}"
    return [*timings(bench, seconds), Figure(bench, "throughput", f"{rate:.1f} documents/s")]


def _ask(server: Server, key: str, posts: Sequence[str]) -> list[float]:
    connection, seconds = Connection(server.port), []
    for text in posts:
        sent = Sent("/v1/suggestions", {"text": text}, {"Authorization": f"Bearer {key}"})
        started = time.perf_counter()
        answer = connection.send(sent)
        seconds.append(time.perf_counter() - started)
        assert answer.status == 200, answer.body
    connection.close()
    return seconds
