"""Connections of the web server: the head of a request is bounded, and each ends after so many requests."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 64 * 1024
"""Of request line and headers together, and what one more read brings; the parser itself has no limit."""
MOST_REQUESTS = 40
"""A client that stays for ever stays with one worker: the next connection meets whichever is free."""


class Connection(HttpToolsProtocol):
    _in_head = False
    _head_bytes = 0
    _requests = 0

    def data_received(self, data: bytes) -> None:
        was_in_head = self._in_head
        super().data_received(data)
        if not (was_in_head and self._in_head):
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            self._in_head = False
            self.send_400_response(f"Send at most {MOST_HEAD_BYTES} bytes of headers.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head = False
        self._requests += 1
        if self._requests >= MOST_REQUESTS:
            self.cycle.keep_alive = False
