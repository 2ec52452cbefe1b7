"""Messages that wait at the same time share a transaction: one commit, whoever sent them.

While batches are taken the next gathers, so that a busy listener takes larger ones. A message that spoils
its batch costs the others nothing but time: each is then taken alone. Who waits for an answer before sending
more, as MLLP has it, is answered in order, however many batches are in hand.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from service.errors import DatabaseBusy
from service.messages.inbox import Outcome
from service.observability import log

MOST_TOGETHER = 50


class Takes(Protocol):
    """An inbox; its methods are called in threads, by as many takers at a time as there are."""

    def take(self, sent: bytes) -> Outcome: ...

    def take_all(self, sent: Sequence[bytes]) -> Sequence[Outcome]: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    sent: bytes
    outcome: "asyncio.Future[Outcome]"

    def end(self, result: Outcome | Exception) -> None:
        if self.outcome.done():  # its connection is gone
            return
        if isinstance(result, Exception):
            self.outcome.set_exception(result)
        else:
            self.outcome.set_result(result)


@dataclass(frozen=True, slots=True)
class Gathering:
    takes: Takes
    takers: int = 1
    """Batches in hand at the same time."""
    _queue: "asyncio.Queue[_Waiting]" = field(default_factory=asyncio.Queue)

    async def take(self, sent: bytes) -> Outcome:
        """Returns when the message is committed.

        Raises:
            ServiceError: the database cannot take it now.
        """
        waiting = _Waiting(sent, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        return await waiting.outcome

    async def run(self) -> None:
        """Takes what comes until it is cancelled."""
        await asyncio.gather(*(self._take_on() for _ in range(self.takers)))

    async def _take_on(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < MOST_TOGETHER and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            results = await asyncio.to_thread(taken, self.takes, [one.sent for one in batch])
            for waiting, result in zip(batch, results, strict=True):
                waiting.end(result)


def taken(takes: Takes, sent: Sequence[bytes]) -> Sequence[Outcome | Exception]:
    """What became of each message: together where that can be, otherwise of each alone."""
    if len(sent) == 1:
        return [_alone(takes, sent[0])]
    try:
        return takes.take_all(sent)
    except DatabaseBusy as error:
        return [error] * len(sent)
    except Exception as error:  # whatever it is, it is the matter of one of them
        log.debug("mllp.apart", error=type(error).__name__, count=len(sent))
    return [_alone(takes, one) for one in sent]


def _alone(takes: Takes, sent: bytes) -> Outcome | Exception:
    try:
        return takes.take(sent)
    except Exception as error:  # the next message is another matter
        return error
