"""Clients that write down every request before it is sent, and its answer when it arrives."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from tests.patience import PATIENCE_SECONDS

NOTE = "Diagnosis: infective exacerbation of COPD. PMH: type 2 diabetes, hypertension, ex-smoker."


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    etag: str | None

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Sent:
    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    answer: Answer | None = None
    """None: nobody knows whether it was carried out."""


class Connection:
    """One kept-alive connection; any failure to answer is an `OSError`."""

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def send(self, sent: Sent) -> Answer:
        try:
            self._http.request(
                "POST", sent.path, json.dumps(sent.body), {"Content-Type": "application/json"} | sent.headers
            )
            answer = self._http.getresponse()
            return Answer(answer.status, answer.read(), answer.headers["ETag"])
        except HTTPException as error:
            raise ConnectionError(type(error).__name__) from error

    def close(self) -> None:
        self._http.close()


@dataclass(slots=True)
class Log:
    """What one client sent; requests are drawn one after the other until the server is gone."""

    requests: Iterator[Sent]
    sent: list[Sent] = field(default_factory=list)
    acknowledged: threading.Event = field(default_factory=threading.Event)

    def run(self, port: int) -> None:
        connection = Connection(port)
        try:
            for request in self.requests:
                self.sent.append(request)
                request.answer = connection.send(request)
                self.acknowledged.set()
        except OSError:
            return
        finally:
            connection.close()

    @property
    def open(self) -> list[Sent]:
        return [item for item in self.sent if item.answer is None]


def decisions(episode: dict[str, Any], headers: dict[str, str], key: Callable[[], str]) -> Iterator[Sent]:
    """Accepts every suggested line of an episode and takes it back again, for ever."""
    path = f"/v1/episodes/{episode['id']}/decisions"
    lines = [line["id"] for line in episode["suggestions"]["undecided"]]
    etag = f'"{episode["version"]}"'
    made: list[str] = []
    while True:
        forward = len(made) < len(lines)
        bodies = [{"kind": "accept", "line": line} for line in lines] if forward else _undoing(made)
        made = []
        for body in bodies:
            sent = Sent(path, body, headers | {"If-Match": etag, "Idempotency-Key": key()})
            yield sent
            assert sent.answer is not None
            assert sent.answer.status == 201, sent.answer.body
            etag = sent.answer.etag or ""
            if forward:
                made.append(sent.answer.json()["decision"]["id"])


def episodes(prefix: str, headers: dict[str, str], key: Callable[[], str]) -> Iterator[Sent]:
    """New episodes, for ever."""
    number = 0
    while True:
        number += 1
        body = {"spell_number": f"{prefix}-{number}", "documents": [{"id": "ds", "text": NOTE}]}
        yield Sent("/v1/episodes", body, headers | {"Idempotency-Key": key()})


def _undoing(made: list[str]) -> list[dict[str, Any]]:
    return [{"kind": "undo", "decision": decision} for decision in reversed(made)]
