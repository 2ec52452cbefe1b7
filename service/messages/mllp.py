"""HL7 v2 over MLLP: a frame is <VT> message <FS><CR>. One connection's messages are answered in their order.

The answer follows the commit of the message, which messages of other connections may share. A frame that
never ends or is too large closes its connection; while the database cannot take messages none is answered, so
that the sender keeps them and tries again.
"""

import asyncio
import gc
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from service.errors import ServiceError
from service.messages.gathering import Gathering, Takes
from service.observability import log

_START, _END = b"\x0b", b"\x1c\r"
_ENDINGS = (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError)


@dataclass(frozen=True, slots=True)
class Limits:
    connections: int = 50
    frame_bytes: int = 4 * 1024 * 1024
    idle_seconds: float = 600.0
    takers: int = 1
    """Batches of messages in hand at the same time."""


@dataclass(slots=True)
class MllpServer:
    inbox: Takes
    limits: Limits = field(default_factory=Limits)
    _gathering: Gathering = field(init=False)
    _open: int = 0

    def __post_init__(self) -> None:
        self._gathering = Gathering(self.inbox, self.limits.takers)

    async def serve(self, host: str, port: int, ready: "asyncio.Future[int] | None" = None) -> None:
        """Until it is cancelled; connections that are being answered then are finished first."""
        server = await asyncio.start_server(self._connected, host, port, limit=self.limits.frame_bytes)
        if ready is not None:
            ready.set_result(server.sockets[0].getsockname()[1])
        gathering = asyncio.create_task(self._gathering.run())
        try:
            async with server:
                await server.serve_forever()
        finally:
            gathering.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open >= self.limits.connections:
            log.warning("mllp.refused", reason="too many connections", count=self._open)
            writer.close()
            return
        self._open += 1
        try:
            await self._converse(reader, writer)
        except _ENDINGS as error:
            log.info("mllp.closed", reason=type(error).__name__)
        except ServiceError as error:
            log.warning("mllp.waits", error=type(error).__name__)  # unanswered: the sender tries again
        finally:
            self._open -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            frame = await asyncio.wait_for(reader.readuntil(_END), self.limits.idle_seconds)
            message = frame.split(_START, 1)[-1].removesuffix(_END)
            outcome = await self._gathering.take(message)
            writer.write(_START + outcome.answer + _END)
            await writer.drain()


def listen(inbox: Takes, host: str, port: int, limits: Limits, say: Callable[[str], None]) -> None:
    """Serves until SIGTERM or Ctrl-C."""

    async def run() -> None:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        ready: asyncio.Future[int] = loop.create_future()
        serving = asyncio.create_task(MllpServer(inbox, limits).serve(host, port, ready))
        either: set[asyncio.Future[Any]] = {ready, serving}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()  # raises why the port cannot be had
        say(f"Taking HL7 v2 on {host}:{ready.result()}. Ctrl-C stops.")
        await stopped.wait()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    gc.freeze()  # what was imported stays: a collection need not walk it
    asyncio.run(run())
