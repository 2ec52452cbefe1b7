"""What a connection bears, over real sockets: heads without end, broken heads, a client that never leaves."""

import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service.connections import MOST_HEAD_BYTES, MOST_REQUESTS, Connection
from tests.patience import PATIENCE_SECONDS

GET = b"GET / HTTP/1.1\r\nhost: x\r\n"


async def answer_length(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    config = uvicorn.Config(
        answer_length, port=0, http=Connection, lifespan="off", log_level="critical", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(timeout=30)


def sent_raw(port: int, *parts: bytes) -> bytes:
    """All that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass  # closed in the middle of it
        found = b""
        try:
            while part := connection.recv(65536):
                found += part
        except ConnectionResetError:
            pass  # what was sent and never read resets the connection
        return found


def test_a_head_without_end_is_refused_and_closed(port: int) -> None:
    endless = [b"a: " + b"b" * 60_000 + b"\r\n" for _ in range(100)]
    assert sent_raw(port, GET, *endless)[:12] in (b"HTTP/1.1 400", b"")


def test_a_single_header_without_end_is_refused_and_closed(port: int) -> None:
    chunks = [b"b" * 16_000 for _ in range(400)]
    assert sent_raw(port, GET + b"a: ", *chunks)[:12] in (b"HTTP/1.1 400", b"")


@pytest.mark.parametrize("head", [b"\x00\x01\x02\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\n\r\n", b"GET\r\n\r\n"])
def test_a_broken_head_is_answered_400(port: int, head: bytes) -> None:
    assert sent_raw(port, head).startswith(b"HTTP/1.1 400")


def test_a_large_head_below_the_limit_is_taken(port: int) -> None:
    header = b"a: " + b"b" * (MOST_HEAD_BYTES - 5_000) + b"\r\n"
    found = sent_raw(port, GET, header, b"connection: close\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 200")


def test_a_body_may_be_longer_than_any_head(port: int) -> None:
    size = 3 * MOST_HEAD_BYTES
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % size
    assert sent_raw(port, head, b"x" * size).endswith(str(size).encode())


def test_a_client_is_asked_to_connect_anew_now_and_then(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    said = []
    for _ in range(MOST_REQUESTS + 1):
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        said.append(answer.getheader("connection"))
    connection.close()
    assert [number for number, word in enumerate(said, 1) if word == "close"] == [MOST_REQUESTS]
