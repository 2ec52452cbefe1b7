"""Lets the challenger read what the champion suggested for, in a thread of its own, one episode at a time.

Only a share of the episodes, chosen by their id, so that each challenger reads the same ones. While the alias
`challenger` is not set nothing happens; a challenger that fails on a text is passed over.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from data.episodes import Episode
from models.coder import Coder
from models.registry import NoSuchModel
from service.challenger.store import Place, store_answer, unchallenged
from service.deps import Services
from service.episodes.reading import model_episode, remembered_episode
from service.episodes.store import document_history
from service.local_terms.coders import LocalCoders
from service.observability import log
from service.serving.holder import ModelSource
from service.tables import DocumentVersion, EpisodeRow, SuggestionRow

_BATCH = 20
_LATE = timedelta(minutes=1)
"""A suggestion may be committed after others that were made later."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    identity: str
    coder: Coder


class Shadow:
    def __init__(
        self, held: Services, source: ModelSource, localise: LocalCoders, *, interval_seconds: float
    ) -> None:
        """
        Args:
            localise: coders of providers, other ones than those that serve.
        """
        self._held = held
        self._source = source
        self._localise = localise
        self._interval_seconds = interval_seconds
        self._loaded: _Loaded | None = None
        self._reached: Place | None = None
        self._reason = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="challenger", daemon=True)

    def start(self) -> None:
        if self._held.settings.challenger_share:
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def work_off(self) -> int:
        """Lets the challenger read what it has not read, some at a time; returns how many it looked at."""
        coder = self._challenger()
        if coder is None:
            return 0
        with self._held.db.read() as session:
            found = unchallenged(session, coder.version.digest, self._reached, _BATCH)
        if not found and self._reached is not None:
            self._reached = (self._reached[0] - _LATE, "")
        for suggestion in found:
            if self._stop.is_set():
                break
            if sampled(suggestion.episode_id, self._held.settings.challenger_share):
                self._try(coder, suggestion)
            self._reached = (suggestion.created_at, suggestion.id)
        return len(found)

    def _run(self) -> None:
        while not self._stop.wait(self._interval_seconds):
            try:
                while self.work_off() and not self._stop.is_set():
                    pass
            except Exception as error:  # a shadow must never be felt
                log.error("challenger.failed", error=type(error).__name__)

    def _challenger(self) -> Coder | None:
        """The model of the alias, loaded anew where it moved; None where none is there, or none opens."""
        try:
            identity = self._source.identity()
            if self._loaded is None or self._loaded.identity != identity:
                self._loaded = _Loaded(identity, self._source.open())
                self._reached, self._reason = None, ""
                log.info("challenger.loaded", model=identity, digest=self._loaded.coder.version.digest)
        except NoSuchModel:
            self._loaded = None
        except Exception as error:
            self._tell(f"{type(error).__name__}: {error}"[:300])
        return self._loaded.coder if self._loaded else None

    def _tell(self, reason: str) -> None:
        self._loaded = None
        if reason != self._reason:
            log.error("challenger.not_loaded", reason=reason)
        self._reason = reason

    def _try(self, coder: Coder, suggestion: SuggestionRow) -> None:
        try:
            episode = self._episode(suggestion)
            prediction = self._localise.coder(coder, suggestion.provider_id).suggest(episode)
            with self._held.db.write() as session:
                store_answer(session, suggestion, prediction, at=self._held.clock.now())
        except IntegrityError:
            log.info("challenger.answered_elsewhere")  # another process was quicker
        except Exception as error:
            log.error("challenger.failed", error=type(error).__name__, model=coder.version.version)

    def _episode(self, suggestion: SuggestionRow) -> Episode:
        """As the champion read it."""
        with self._held.db.read() as session:
            documents = read_documents(document_history(session, suggestion.episode_id), suggestion.documents)
            if suggestion.facts is not None:
                return remembered_episode(suggestion.episode_id, suggestion.facts, documents)
            return model_episode(session.get_one(EpisodeRow, suggestion.episode_id), documents)


def read_documents(
    history: Mapping[str, Sequence[DocumentVersion]], places: Sequence[Mapping[str, object]]
) -> dict[str, DocumentVersion]:
    """The versions that a suggestion was made from, in the order that they were read."""
    return {
        str(place["document_id"]): next(
            version for version in history[str(place["document_id"])] if version.version == place["version"]
        )
        for place in places
    }


def sampled(episode_id: str, share: float) -> bool:
    """The same for every challenger and every process."""
    return int(hashlib.sha256(episode_id.encode()).hexdigest()[:8], 16) < share * 2**32
