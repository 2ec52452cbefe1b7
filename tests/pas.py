"""A patient administration system for tests: speaks MLLP both ways, knows what it has had before, and sees
whether codings come in their order. It can be down, refuse, and die with a message half taken."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from service.messages.hl7v2 import Hl7Message, read_message
from tests.patience import PATIENCE_SECONDS

_START, _END = b"\x0b", b"\x1c\r"


class Behaviour(StrEnum):
    """What it does with the next message instead of taking it."""

    REFUSE = "refuse"
    DIE_BEFORE = "die_before"
    """The connection ends and the message is forgotten."""
    DIE_AFTER = "die_after"
    """The message is taken and the connection ends before the answer."""
    SILENT = "silent"
    """Neither taken nor answered."""


@dataclass
class Pas:
    received: list[Hl7Message] = field(default_factory=list)
    """Everything, repeats too."""
    taken: list[Hl7Message] = field(default_factory=list)
    """Each message once."""
    plan: list[Behaviour] = field(default_factory=list)
    slowness_seconds: float = 0.0
    """Before each answer."""
    reason: str = "PV1-19 is not known"
    port: int = 0
    _server: socketserver.ThreadingTCPServer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def up(self) -> None:
        pas = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    for frame in frames(self.request):
                        answer = pas.answer(frame)
                        if answer is None:
                            return
                        self.request.sendall(_START + answer + _END)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, frame: bytes) -> bytes | None:
        message = read_message(frame)
        with self._lock:
            self.received.append(message)
            behaviour = self.plan.pop(0) if self.plan else None
        time.sleep(self.slowness_seconds)
        if behaviour is Behaviour.SILENT:
            threading.Event().wait(5)
        if behaviour in (Behaviour.SILENT, Behaviour.DIE_BEFORE):
            return None
        with self._lock:
            if behaviour is Behaviour.REFUSE:
                return acknowledgement(message, "AE", self.reason)
            if message.header.control_id not in {one.header.control_id for one in self.taken}:
                self.taken.append(message)
            return None if behaviour is Behaviour.DIE_AFTER else acknowledgement(message, "AA")

    @property
    def codings(self) -> dict[str, list[int]]:
        """Versions of codings by spell and episode, in the order in which they were taken."""
        found: dict[str, list[int]] = {}
        for message in self.taken:
            visit, coding = message.first("PV1"), message.first("ZAC")
            assert visit is not None
            assert coding is not None
            found.setdefault(f"{visit.value(19)}/{coding.value(1)}", []).append(int(coding.value(4)))
        return found

    def codes(self, place: int = -1) -> list[str]:
        """Of a message, in its order: diagnoses, then procedures."""
        message = self.taken[place]
        return [one.value(3) for name in ("DG1", "PR1") for one in message.all(name)]


@contextmanager
def running_pas() -> Iterator[Pas]:
    pas = Pas()
    pas.up()
    yield pas
    pas.down()


class Line:
    """The other way: messages of the PAS to the service, each answered before the next."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._frames = frames(self._socket)

    def tell(self, message: bytes) -> None:
        """Sends a message that has to be taken."""
        self._socket.sendall(_START + message + _END)
        answer = read_message(next(self._frames)).first("MSA")
        assert answer is not None
        assert answer.value(1) == "AA", answer.value(3)

    def close(self) -> None:
        self._frames.close()
        self._socket.close()


def frames(connection: Any) -> Any:
    """The messages that come over a connection, until it ends."""
    waiting = b""
    while True:
        while _END not in waiting:
            part = connection.recv(65536)
            if not part:
                return
            waiting += part
        frame, waiting = waiting.split(_END, 1)
        yield frame.split(_START, 1)[-1]


def acknowledgement(message: Hl7Message, code: str, reason: str = "") -> bytes:
    header = message.header
    msh = f"MSH|^~\\&|PAS|RXX|AUTOCODER|RXX|20260302||ACK|A{header.control_id}|P|2.4"
    segments = [msh, f"MSA|{code}|{header.control_id}|{reason}"]
    return ("\r".join(segments) + "\r").encode()
