"""Suggests for episodes that were stored while no model could answer, as soon as one can.

Where another model has come into use, those that nobody has touched are suggested again; those in work are
offered it instead (service/episodes/views.py).
A text on which the model fails is put aside until another model serves; the others do not wait for it.
The same thread forgets old answers to idempotency keys.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select

from service.coding.status import CLOSED, Status
from service.deps import Services
from service.episodes.together import MOST_TOGETHER, suggest_together
from service.errors import ServiceError
from service.idempotency import forget
from service.observability import UNSUGGESTED, log
from service.serving.suggester import failure_reason
from service.tables import DecisionRow, EpisodeRow, SuggestionRow

_BATCH = 100
_WAITS = (EpisodeRow.unsuggested_reason.is_not(None), EpisodeRow.status.not_in(CLOSED))
_FORGETS_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Served:
    """A model that came into use."""

    digest: str
    until: datetime
    """Suggestions that another model made before this instant are made again."""
    done: bool = False


class Backlog:
    def __init__(self, held: Services, *, interval_seconds: float, quiet_seconds: float = 0) -> None:
        """
        Args:
            quiet_seconds: an episode is left alone for so long after it changed, because messages about one
                often follow each other: admitted, a summary, discharged.
        """
        self._held = held
        self._interval_seconds = interval_seconds
        self._quiet = timedelta(seconds=quiet_seconds)
        self._more_waited = False
        self._stop = threading.Event()
        self._forgot_at: datetime | None = None
        self._served: _Served | None = None
        self._thread = threading.Thread(target=self._run, name="backlog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def work_off(self) -> int:
        """Suggests for the episodes that wait, some at a time; returns how many were done."""
        self._count()
        coder = self._held.suggester.holder.serving.coder
        if coder is None:
            return 0
        done, digest = 0, coder.version.digest
        waiting = self._waiting(digest)
        self._more_waited = len(waiting) == _BATCH
        for episode_ids in _some((*waiting, *self._outdated(digest)), MOST_TOGETHER):
            suggested = suggest_together(self._held, episode_ids)
            done += suggested.count
            if self._stop.is_set() or not suggested.goes_on:
                break  # the next round goes on
        if done:
            log.info("backlog.suggested", episodes=done)
        return done

    def forget_old_answers(self) -> int:
        """Answers to idempotency keys that nobody sends again; returns how many were forgotten."""
        now = self._held.clock.now()
        if self._forgot_at is not None and now < self._forgot_at + _FORGETS_EVERY:
            return 0
        forgotten = forget(self._held.db, now - timedelta(days=self._held.settings.idempotency_days))
        self._forgot_at = now
        if forgotten:
            log.info("idempotency.forgot", count=forgotten)
        return forgotten

    def _run(self) -> None:
        while not self._stop.wait(self._interval_seconds):
            for work in (self._work_off_all, self.forget_old_answers):
                try:
                    work()
                except ServiceError as error:
                    log.warning("backlog.waits", error=type(error).__name__)
                except Exception as error:  # the thread must outlive any one failure
                    log.error("backlog.failed", error=type(error).__name__)

    def _work_off_all(self) -> None:
        """A full batch is followed by the next at once: episodes may come faster than the rounds."""
        while self.work_off() and self._more_waited and not self._stop.is_set():
            pass

    def _count(self) -> None:
        with self._held.db.read() as session:
            UNSUGGESTED.set(session.scalar(select(func.count()).select_from(EpisodeRow).where(*_WAITS)) or 0)

    def _waiting(self, digest: str) -> Sequence[str]:
        """The earliest, without those on which the model of this digest failed before."""
        untried = EpisodeRow.unsuggested_reason != failure_reason(digest)
        settled = EpisodeRow.updated_at <= self._held.clock.now() - self._quiet
        query = select(EpisodeRow.id).where(*_WAITS, untried, settled)
        query = query.order_by(EpisodeRow.received_at).limit(_BATCH)
        with self._held.db.read() as session:
            return session.scalars(query).all()

    def _outdated(self, digest: str) -> Sequence[str]:
        """Ready episodes without a decision, whose suggestions another model made before this one served.

        What was suggested after this model came into use is left alone: by another process, perhaps, that
        has a newer one. Both may take the poll of the registry to notice.
        """
        now = self._held.clock.now()
        if self._served is None or self._served.digest != digest:
            self._served = _Served(
                digest, now + timedelta(seconds=2 * self._held.settings.model_poll_seconds)
            )
        if self._served.done:
            return ()
        with self._held.db.read() as session:
            found = session.scalars(_outdated_before(self._served.until, digest)).all()
        if not found and now > self._served.until:
            self._served = replace(self._served, done=True)
        return found


def _some(ids: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    return (ids[place : place + most] for place in range(0, len(ids), most))


def _outdated_before(until: datetime, digest: str) -> Select[str]:
    numbers = select(func.max(SuggestionRow.number)).where(SuggestionRow.episode_id == EpisodeRow.id)
    return (
        select(EpisodeRow.id)
        .join(SuggestionRow, SuggestionRow.episode_id == EpisodeRow.id)
        .where(
            EpisodeRow.status == Status.READY,
            EpisodeRow.claimed_by.is_(None),
            EpisodeRow.unsuggested_reason.is_(None),
            ~exists().where(DecisionRow.episode_id == EpisodeRow.id),
            SuggestionRow.number == numbers.correlate(EpisodeRow).scalar_subquery(),
            SuggestionRow.created_at < until,
            SuggestionRow.model["digest"].as_string() != digest,
        )
        .order_by(EpisodeRow.received_at)
        .limit(_BATCH)
    )
