"""MLLP: framing, order, many connections, and what happens when the database stands still."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from service.errors import DatabaseBusy
from service.messages.hl7v2 import AckCode
from service.messages.inbox import MessageState, Outcome
from service.messages.mllp import Limits, MllpServer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def echo(sent: bytes) -> Outcome:
    """Answers with what came; a fake inbox."""
    return Outcome("1", MessageState.TAKEN, AckCode.ACCEPT, b"ACK " + sent)


def busy(sent: bytes) -> Outcome:
    raise DatabaseBusy


def framed(message: bytes) -> bytes:
    return b"\x0b" + message + b"\x1c\r"


async def closed(streams: Streams) -> bool:
    """Whether the other side ended the connection without a word."""
    said = await asyncio.wait_for(streams[0].read(), 5)
    streams[1].close()
    return said == b""


async def answer(streams: Streams) -> bytes:
    return await asyncio.wait_for(streams[0].readuntil(b"\x1c\r"), 5)


def played(
    play: Callable[[int], Awaitable[None]],
    take: Callable[[bytes], Outcome] = echo,
    limits: Limits | None = None,
) -> None:
    """Runs a server on a free port while the play runs."""

    async def run() -> None:
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        server = MllpServer(take, limits or Limits())
        serving = asyncio.create_task(server.serve("127.0.0.1", 0, ready))
        await play(await ready)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(run())


def test_messages_of_a_connection_are_answered_in_their_order_however_they_are_cut() -> None:
    async def play(port: int) -> None:
        streams = await asyncio.open_connection("127.0.0.1", port)
        sent = framed(b"one") + framed(b"two\rPID|") + framed(b"three")
        for place in range(0, len(sent), 4):
            streams[1].write(sent[place : place + 4])
            await streams[1].drain()
        answers = [await answer(streams) for _ in range(3)]
        assert answers == [framed(b"ACK one"), framed(b"ACK two\rPID|"), framed(b"ACK three")]
        streams[1].close()

    played(play)


def test_many_connections_are_served_at_once_and_too_many_are_refused() -> None:
    async def play(port: int) -> None:
        open_ones = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for number, streams in enumerate(open_ones):
            streams[1].write(framed(b"%d" % number))
        assert [await answer(one) for one in open_ones] == [framed(b"ACK %d" % n) for n in range(3)]
        refused = await asyncio.open_connection("127.0.0.1", port)
        assert await closed(refused)
        for streams in open_ones:
            streams[1].close()

    played(play, limits=Limits(connections=3))


def test_a_frame_that_is_too_large_ends_its_connection_only() -> None:
    async def play(port: int) -> None:
        large, small = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        large[1].write(b"\x0b" + b"x" * 5000)
        assert await closed(large)
        small[1].write(framed(b"fine"))
        assert await answer(small) == framed(b"ACK fine")
        small[1].close()

    played(play, limits=Limits(frame_bytes=1000))


def test_nothing_is_answered_while_the_database_cannot_take_it() -> None:
    async def play(port: int) -> None:
        streams = await asyncio.open_connection("127.0.0.1", port)
        streams[1].write(framed(b"one"))
        assert await closed(streams)

    played(play, take=busy)


def test_the_clock_of_an_acknowledgement_is_uk_time() -> None:
    from service.messages.hl7v2 import acknowledgement

    summer = acknowledgement(None, AckCode.REJECT, "1", datetime(2026, 7, 1, 12, tzinfo=UTC), "no | pipe")
    assert b"|20260701130000+0100|" in summer
    assert b"no \\F\\ pipe" in summer
