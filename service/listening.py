"""Runs the web server. Stopped by SIGTERM it finishes what was begun and ends with 0."""

import multiprocessing
import os
import signal
import socket
import sys

import uvicorn
from uvicorn import _subprocess
from uvicorn.supervisors import Multiprocess

from service.connections import Connection

_SPARING_MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""Forty threads with an arena each keep what they no longer need. Read by glibc when a worker starts."""


class _Config(uvicorn.Config):
    def bind_socket(self) -> socket.socket:
        """The port that workers share. Uvicorn's own leaves Nagle's algorithm on: 40 ms on every answer."""
        bound = super().bind_socket()
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound


def listen(host: str, port: int, workers: int) -> None:
    # Uvicorn stops in order on SIGTERM, then raises it again for whoever handled it before.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    config = _Config(
        "service.asgi:make_app",
        factory=True,
        host=host,
        port=port,
        http=Connection,
        workers=workers,
        access_log=False,  # our own line names the route, never the address
        log_level="warning",
        timeout_graceful_shutdown=30,
        server_header=False,
    )
    if workers > 1:
        _share_memory()
        Multiprocess(config, sockets=[config.bind_socket()]).run()
        return
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(3)


def _share_memory() -> None:
    """Workers are forked from a process that has read what all need; uvicorn's own each read it themselves.

    A fork server of its own, not this process: it has no threads, and comes back when it is killed.
    """
    for name, value in _SPARING_MEMORY.items():
        os.environ.setdefault(name, value)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["service.preload"])
    _subprocess.spawn = context  # type: ignore[assignment]  # it offers no way to choose
