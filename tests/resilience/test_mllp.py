"""MLLP: framing, order, many connections, and what happens when the database stands still."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from service.errors import DatabaseBusy
from service.messages.gathering import Takes, taken
from service.messages.hl7v2 import AckCode
from service.messages.inbox import Outcome
from service.messages.mllp import Limits, MllpServer
from service.messages.records import MessageState

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """Answers with what came; a fake inbox."""

    def take(self, sent: bytes) -> Outcome:
        return Outcome("1", MessageState.TAKEN, AckCode.ACCEPT, b"ACK " + sent)

    def take_all(self, sent: Sequence[bytes]) -> Sequence[Outcome]:
        return [self.take(one) for one in sent]


class Busy:
    """Its database takes nothing now."""

    def take(self, sent: bytes) -> Outcome:
        raise DatabaseBusy

    def take_all(self, sent: Sequence[bytes]) -> Sequence[Outcome]:
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
    inbox: Takes | None = None,
    limits: Limits | None = None,
) -> None:
    """Runs a server on a free port while the play runs."""

    async def run() -> None:
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        server = MllpServer(inbox or Echo(), limits or Limits())
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


class Slow(Echo):
    """Takes one message until it is let go; notes what came together."""

    def __init__(self) -> None:
        self.began, self.let_go = threading.Event(), threading.Event()
        self.batches: list[list[bytes]] = []

    def take(self, sent: bytes) -> Outcome:
        self.began.set()
        assert self.let_go.wait(5)
        self.batches.append([sent])
        return super().take(sent)

    def take_all(self, sent: Sequence[bytes]) -> Sequence[Outcome]:
        self.batches.append(list(sent))
        return [super(Slow, self).take(one) for one in sent]


def test_what_waits_is_taken_together_and_a_connection_has_one_message_in_it() -> None:
    inbox = Slow()

    async def play(port: int) -> None:
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        connections[0][1].write(framed(b"0a") + framed(b"0b"))
        assert await asyncio.to_thread(inbox.began.wait, 5)
        for number, streams in enumerate(connections[1:], 1):
            streams[1].write(framed(b"%da" % number) + framed(b"%db" % number))
            await streams[1].drain()
        await asyncio.sleep(0.2)
        inbox.let_go.set()
        for number, streams in enumerate(connections):
            answers = [await answer(streams) for _ in range(2)]
            assert answers == [framed(b"ACK %da" % number), framed(b"ACK %db" % number)]
            streams[1].close()

    played(play, inbox)
    assert inbox.batches[:2] == [[b"0a"], [b"1a", b"2a", b"3a"]]
    assert sorted(sent for batch in inbox.batches[2:] for sent in batch) == [b"0b", b"1b", b"2b", b"3b"]


class Meeting(Echo):
    """Lets nobody go before two are taken at the same time."""

    def __init__(self) -> None:
        self.both = threading.Barrier(2)

    def take(self, sent: bytes) -> Outcome:
        self.both.wait(5)
        return super().take(sent)


def test_with_two_takers_one_works_while_the_other_waits() -> None:
    async def play(port: int) -> None:
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for number, streams in enumerate(connections):
            streams[1].write(framed(b"%d" % number))
            await streams[1].drain()
            await asyncio.sleep(0.1)
        assert [await answer(streams) for streams in connections] == [framed(b"ACK 0"), framed(b"ACK 1")]
        for streams in connections:
            streams[1].close()

    played(play, Meeting(), Limits(takers=2))


class Defective(Echo):
    """Fails on one message, and on what comes beside it."""

    def take(self, sent: bytes) -> Outcome:
        if sent == b"bad":
            raise ZeroDivisionError
        return super().take(sent)


def test_a_defect_that_one_message_meets_is_not_the_matter_of_those_beside_it() -> None:
    first, bad, last = taken(Defective(), [b"one", b"bad", b"two"])
    assert isinstance(bad, ZeroDivisionError)
    answers = [one.answer for one in (first, last) if isinstance(one, Outcome)]
    assert answers == [b"ACK one", b"ACK two"]


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

    played(play, Busy())


def test_the_clock_of_an_acknowledgement_is_uk_time() -> None:
    from service.messages.hl7v2 import acknowledgement

    summer = acknowledgement(None, AckCode.REJECT, "1", datetime(2026, 7, 1, 12, tzinfo=UTC), "no | pipe")
    assert b"|20260701130000+0100|" in summer
    assert b"no \\F\\ pipe" in summer
