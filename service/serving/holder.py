"""Holds the model that serves. A new champion, or a mended one, is fetched, verified, warmed and swapped in.

While none can be loaded the reason is kept for /readyz, and everything but prediction goes on.
"""

import ctypes
import gc
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from data.classifications import Classification
from data.episodes import Document, DocumentKind, Episode, Role
from models.bundle import open_bundle
from models.coder import Coder
from models.errors import BundleError, ModelError
from models.registry import RegisteredModel, Registry
from service.errors import ModelUnavailable
from service.observability import MODEL_READY, log
from service.serving import preopened


class ModelSource(Protocol):
    """Where models come from."""

    def identity(self) -> str:
        """Changes when another model should serve."""
        ...

    def open(self) -> Coder:
        """The model, verified; raises whatever says why not."""
        ...


class RegistrySource:
    """The model that a reference like `autocoder@champion` names in MLflow."""

    def __init__(
        self,
        tracking_uri: str,
        reference: str,
        cache_dir: Path,
        classifications: Mapping[Role, Classification],
    ) -> None:
        self._tracking_uri = tracking_uri
        self._reference = reference
        self._cache_dir = cache_dir
        self._classifications = classifications
        self._registry: Registry | None = None

    def identity(self) -> str:
        model = self._connected().resolve(self._reference)
        return f"{model.name}/{model.version}"

    def open(self) -> Coder:
        """What was opened before, or fetched into a folder of its own, which goes when it is in memory."""
        opened = preopened.find(self._connected().resolve(self._reference))
        return opened or self._fetched()

    def _fetched(self) -> Coder:
        self._cache_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache_dir) as folder:
            bundle = Path(folder) / "bundle"
            model = self._connected().fetch(self._reference, bundle)
            coder = open_bundle(
                bundle, name=model.name, version=str(model.version), classifications=self._classifications
            )
        _check_recorded(model, coder)
        return coder

    def _connected(self) -> Registry:
        if self._registry is None:
            self._registry = Registry(self._tracking_uri)
        return self._registry


def _check_recorded(model: RegisteredModel, coder: Coder) -> None:
    """
    Raises:
        ModelError: whole and well made, yet another model than training recorded under this version.
    """
    recorded, found = model.tags.get("model_digest"), coder.version.digest
    if recorded is not None and recorded != found:
        raise ModelError(
            f"{model.name}/{model.version} is another model than was recorded: "
            f"its digest is {found[:12]}, not {recorded[:12]}"
        )


@dataclass(frozen=True, slots=True)
class Serving:
    coder: Coder | None
    identity: str | None
    reason: str
    """Why no model serves, or why a newer one could not be loaded; empty when all is well."""


class ModelHolder:
    def __init__(self, source: ModelSource, *, poll_seconds: float) -> None:
        self._source = source
        self._poll_seconds = poll_seconds
        self._serving = Serving(None, None, "the model is being loaded")
        self._stop = threading.Event()
        self._asked_once = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="model-holder", daemon=True)

    @property
    def serving(self) -> Serving:
        return self._serving

    def coder(self) -> Coder:
        serving = self._serving
        if serving.coder is None:
            raise ModelUnavailable(serving.reason)
        return serving.coder

    def start(self) -> None:
        self._thread.start()

    def wait_for_first(self, seconds: float) -> None:
        """Until a model was loaded, or none could be; no longer than so many seconds."""
        self._asked_once.wait(seconds)

    def stop(self) -> None:
        self._stop.set()
        self._asked_once.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def refresh(self) -> None:
        """Asks the source once. A failure leaves the model that serves in place."""
        self._ask()
        MODEL_READY.set(self._serving.coder is not None)

    def _ask(self) -> None:
        held = self._serving
        try:
            identity = self._source.identity()
            if identity == held.identity and held.coder is not None:
                self._serving = Serving(held.coder, held.identity, "")
                return
            coder = self._source.open()
            _warm(coder)
        except Exception as error:  # any failure to load must leave coding by hand alive
            self._fail(held, error)
        else:
            self._serving = Serving(coder, identity, "")
            log.info("model.loaded", model=identity, digest=coder.version.digest)

    def _fail(self, held: Serving, error: Exception) -> None:
        reason = _told(error)
        if reason != held.reason:
            log.error("model.not_loaded", reason=reason)
        self._serving = Serving(held.coder, held.identity, reason)

    def _poll(self) -> None:
        while not self._stop.is_set():
            held = self._serving.coder
            self.refresh()
            if self._serving.coder is not held:
                _settle(replaced=held is not None)
            self._asked_once.set()
            self._stop.wait(self._poll_seconds)


def _told(error: Exception) -> str:
    """Without the folder of a bundle, which is a temporary one, and long enough to cut the reason off."""
    words = error.reason if isinstance(error, BundleError) else error
    return f"{type(error).__name__}: {words}"[:300]


def _settle(*, replaced: bool) -> None:
    """What is in memory now stays: no full collection, a tenth of a second long, looks through it again.

    What stood already is looked through only where a model has to go: to touch it ends its being shared.
    """
    if replaced:
        gc.unfreeze()
    gc.collect()
    give_back_memory()
    gc.freeze()


def give_back_memory() -> None:
    """What loading and indexing took and no longer need goes back to the system, where the C library can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _warm(coder: Coder) -> None:
    text = "Diagnosis: chest infection. PMH: T2DM, hypertension. No evidence of PE."
    coder.suggest(Episode("warm", (Document("1", DocumentKind.DISCHARGE_SUMMARY, text),)))
