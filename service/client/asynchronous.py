"""The same client for asyncio."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx

from service.client import calls, types
from service.client.calls import Answer, Call, Versioned
from service.client.client import TIMEOUT_SECONDS
from service.client.decisions import Decision
from service.client.errors import ConnectionFailed, failure
from service.client.retrying import Retries
from service.client.sent import Episode, Text


class AsyncClient:
    """Each method is that of `Client`, awaited."""

    def __init__(
        self,
        base_url: str,
        *,
        key: str,
        retries: Retries | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout_seconds,
            transport=transport,
        )
        self._retries = retries or Retries()
        self._sleep = sleep

    async def suggest(self, text: str | Text) -> types.Suggestions:
        return await self._send(calls.suggest(Text(text=text) if isinstance(text, str) else text))

    async def submit(self, episode: Episode, *, key: str | None = None) -> types.Episode:
        return await self._send(calls.submit(episode, key))

    async def episode(self, episode_id: str) -> types.Episode:
        return await self._send(calls.read_episode(episode_id))

    async def episodes(
        self,
        *,
        status: str | None = None,
        site: str | None = None,
        treatment_function: str | None = None,
        page_size: int = 50,
    ) -> AsyncIterator[types.EpisodeSummary]:
        cursor: str | None = None
        while True:
            filters = {"status": status, "site": site, "treatment_function": treatment_function}
            page = await self._send(calls.list_episodes({**filters, "limit": page_size, "cursor": cursor}))
            for episode in page.episodes:
                yield episode
            cursor = page.next_cursor
            if cursor is None:
                return

    async def decide(self, on: Versioned, decision: Decision, *, key: str | None = None) -> types.Decided:
        return await self._send(calls.decide(on, decision, key))

    async def suggest_again(self, on: Versioned) -> types.Episode:
        return await self._send(calls.suggest_again(on))

    async def search_codes(
        self, classification: str, words: str, *, limit: int = 20
    ) -> Sequence[types.CodeHit]:
        return (await self._send(calls.search_codes(classification, words, limit))).hits

    async def send_hl7(self, message: bytes) -> types.Acknowledgement:
        return await self._send(calls.send_hl7(message))

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _send(self, call: Call[Answer]) -> Answer:
        attempt = 0
        while True:
            response, failed = await self._attempt(call)
            if response is not None and response.status_code in call.answers:
                return call.read(response)
            may = response is not None or call.is_repeatable
            wait = self._retries.wait_after(attempt, response, datetime.now(UTC)) if may else None
            if wait is None:
                raise failure(response) if response is not None else ConnectionFailed(failed)
            await self._sleep(wait)
            attempt += 1

    async def _attempt(self, call: Call[Answer]) -> tuple[httpx.Response | None, str]:
        """The answer, or the kind of failure of the connection."""
        request = self._http.build_request(
            call.method, call.path, params=call.params or None, headers=call.headers, content=call.content
        )
        try:
            return await self._http.send(request), ""
        except httpx.TransportError as error:
            return None, type(error).__name__
