"""Suggests for episodes that were stored while no model could answer, as soon as one can."""

import threading
from collections.abc import Sequence

from sqlalchemy import func, select

from service.coding.status import CLOSED
from service.deps import Services
from service.episodes.reading import model_episode, readable
from service.episodes.store import document_history
from service.episodes.suggesting import store_suggestion
from service.errors import ServiceError
from service.observability import UNSUGGESTED, log
from service.tables import EpisodeRow

_BATCH = 100


class Backlog:
    def __init__(self, held: Services, *, interval_seconds: float) -> None:
        self._held = held
        self._interval_seconds = interval_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backlog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def work_off(self) -> int:
        """Suggests for every waiting episode; returns how many were done."""
        if self._held.suggester.holder.serving.coder is None:
            return 0
        waiting = self._waiting()
        done = sum(self._suggest(episode_id) for episode_id in waiting if not self._stop.is_set())
        if done:
            log.info("backlog.suggested", episodes=done)
        return done

    def _run(self) -> None:
        while not self._stop.wait(self._interval_seconds):
            try:
                self.work_off()
            except ServiceError as error:
                log.warning("backlog.waits", error=type(error).__name__)
            except Exception as error:  # the thread must outlive any one failure
                log.error("backlog.failed", error=type(error).__name__)

    def _waiting(self) -> Sequence[str]:
        waits = (EpisodeRow.unsuggested_reason.is_not(None), EpisodeRow.status.not_in(CLOSED))
        query = select(EpisodeRow.id).where(*waits).order_by(EpisodeRow.received_at).limit(_BATCH)
        with self._held.db.read() as session:
            UNSUGGESTED.set(session.scalar(select(func.count()).select_from(EpisodeRow).where(*waits)) or 0)
            return session.scalars(query).all()

    def _suggest(self, episode_id: str) -> bool:
        with self._held.db.read() as session:
            row = session.get_one(EpisodeRow, episode_id)
            documents = readable(document_history(session, episode_id))
            version, episode = row.version, model_episode(row, documents)
        prediction = self._held.suggester.suggest(episode)
        with self._held.db.write() as session:
            row = session.get_one(EpisodeRow, episode_id, with_for_update=True)
            if row.version != version:
                return False  # it changed meanwhile: the next round reads it again
            store_suggestion(session, row, documents, prediction, at=self._held.clock.now())
            row.version += 1
        return True
