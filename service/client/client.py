"""The client that waits for each answer."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from service.client import calls, types
from service.client.calls import Answer, Call, Versioned
from service.client.decisions import Decision
from service.client.errors import ConnectionFailed, failure
from service.client.retrying import Retries
from service.client.sent import Episode, Text

TIMEOUT_SECONDS = 30.0


class Client:
    """Safe to use from several threads.

    Args:
        base_url: of the service, without /v1.
        key: an API key; its role says what it may do.
        transport: how requests travel; HTTP by default.
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: str,
        retries: Retries | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout_seconds,
            transport=transport,
        )
        self._retries = retries or Retries()
        self._sleep = sleep

    def suggest(self, text: str | Text) -> types.Suggestions:
        """What the model that serves proposes for a text; nothing is stored."""
        return self._send(calls.suggest(Text(text=text) if isinstance(text, str) else text))

    def submit(self, episode: Episode, *, key: str | None = None) -> types.Episode:
        """Stores an episode, or brings it up to date.

        Args:
            key: an idempotency key; by default one is made for this call and kept over its retries.
        """
        return self._send(calls.submit(episode, key))

    def episode(self, episode_id: str) -> types.Episode:
        return self._send(calls.read_episode(episode_id))

    def episodes(
        self,
        *,
        status: str | None = None,
        site: str | None = None,
        treatment_function: str | None = None,
        page_size: int = 50,
    ) -> Iterator[types.EpisodeSummary]:
        """Every episode that fits, by due date; pages are fetched as they are needed."""
        cursor: str | None = None
        while True:
            filters = {"status": status, "site": site, "treatment_function": treatment_function}
            page = self._send(calls.list_episodes({**filters, "limit": page_size, "cursor": cursor}))
            yield from page.episodes
            cursor = page.next_cursor
            if cursor is None:
                return

    def decide(self, on: Versioned, decision: Decision, *, key: str | None = None) -> types.Decided:
        """Decides on an episode as it was read, or as it stood after the decision before.

        Raises:
            Stale: it has changed meanwhile; read it again.
        """
        return self._send(calls.decide(on, decision, key))

    def suggest_again(self, on: Versioned) -> types.Episode:
        """Asks the model that serves now; decisions stay."""
        return self._send(calls.suggest_again(on))

    def search_codes(self, classification: str, words: str, *, limit: int = 20) -> Sequence[types.CodeHit]:
        """Codes of "icd10" or "opcs4" by code, title, synonym or abbreviation."""
        return self._send(calls.search_codes(classification, words, limit)).hits

    def send_hl7(self, message: bytes) -> types.Acknowledgement:
        """Sends an HL7 v2 message; one that could not be taken is answered too, with AE or AR."""
        return self._send(calls.send_hl7(message))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, call: Call[Answer]) -> Answer:
        attempt = 0
        while True:
            response, failed = self._attempt(call)
            if response is not None and response.status_code in call.answers:
                return call.read(response)
            may = response is not None or call.is_repeatable
            wait = self._retries.wait_after(attempt, response, datetime.now(UTC)) if may else None
            if wait is None:
                raise failure(response) if response is not None else ConnectionFailed(failed)
            self._sleep(wait)
            attempt += 1

    def _attempt(self, call: Call[Answer]) -> tuple[httpx.Response | None, str]:
        """The answer, or the kind of failure of the connection."""
        request = self._http.build_request(
            call.method, call.path, params=call.params or None, headers=call.headers, content=call.content
        )
        try:
            return self._http.send(request), ""
        except httpx.TransportError as error:
            return None, type(error).__name__
