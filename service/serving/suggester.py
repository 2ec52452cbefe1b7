"""Asks the model for suggestions, a bounded number at a time: above it a caller is told to come back."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from data.episodes import Episode
from models.coder import Coder
from models.prediction import Prediction
from service.errors import ModelFailed, TooManyRequests
from service.observability import PREDICTION_SECONDS, log
from service.serving.holder import ModelHolder

MOST_AT_ONCE = 20
"""Each holds one of the 40 threads that answer requests: the others stay for reading and deciding."""


def failure_reason(digest: str) -> str:
    """Why an episode has no suggestion where the model of this digest failed; another may not."""
    return f"the model failed on this text (model {digest[:12]})"


Localise = Callable[[Coder, str], Coder]
"""The model as the provider of this id has it."""


def _as_it_is(coder: Coder, provider_id: str) -> Coder:
    return coder


class Suggester:
    def __init__(
        self, holder: ModelHolder, *, slots: int, max_waiting: int, localise: Localise = _as_it_is
    ) -> None:
        """
        Args:
            slots: predictions at one time.
            max_waiting: further ones that may wait.
            localise: the model as a provider has it.
        """
        self.holder = holder
        self._localise = localise
        self._slots = threading.BoundedSemaphore(slots)
        self._waiting = threading.BoundedSemaphore(min(slots + max_waiting, MOST_AT_ONCE))

    def suggest(self, episode: Episode, provider_id: str) -> Prediction:
        """The model's answer, with the provider's own terms.

        Raises:
            ModelUnavailable: no model serves.
            ModelFailed: it failed on this text.
            TooManyRequests: too many predictions wait already.
        """
        coder = self._localise(self.holder.coder(), provider_id)
        with self._turn():
            started = time.perf_counter()
            try:
                return coder.suggest(episode)
            except Exception as error:  # a defect of the model must not lose an episode
                log.error("prediction.failed", error=type(error).__name__, model=coder.version.version)
                raise ModelFailed(failure_reason(coder.version.digest)) from None
            finally:
                PREDICTION_SECONDS.observe(time.perf_counter() - started)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._waiting.acquire(blocking=False):
            raise TooManyRequests("too many predictions wait; try again soon")
        try:
            with self._slots:
                yield
        finally:
            self._waiting.release()
