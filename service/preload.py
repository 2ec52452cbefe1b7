"""What every worker needs, read once by the process that they are forked from, so that its memory is shared.

Nothing here may start a thread or open a connection: what is forked would have half of it. So the model is
fetched by a process of its own.
"""

import gc
import multiprocessing
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import service.app
from data.classifications import Classification
from data.episodes import Role
from data.terms import term_book
from models.bundle import open_bundle
from models.registry import RegisteredModel, Registry, preload_library
from service.config import Settings
from service.queries import neutrality
from service.serving import preopened
from service.serving.holder import give_back_memory

_FETCHED_WITHIN_SECONDS = 20.0
"""A store that does not answer keeps coding by hand from starting no longer than this."""


def preload() -> None:
    """The application's modules, MLflow, code tables with their search indexes, terms by code, the model."""
    preload_library()
    settings = Settings()
    tables = service.app.load_tables(settings)
    for table in tables.values():
        table.search("warm")
        term_book(table.name)
    neutrality.warm()
    with suppress(Exception):  # each worker asks again, and tells the reason
        _open_model(settings, tables)
    gc.collect()
    give_back_memory()
    gc.freeze()


def _open_model(settings: Settings, tables: Mapping[Role, Classification]) -> None:
    settings.model_cache_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.model_cache_dir) as folder:
        bundle = Path(folder) / "bundle"
        model = _fetch(settings, bundle)
        preopened.keep(
            open_bundle(bundle, name=model.name, version=str(model.version), classifications=tables)
        )


def _fetch(settings: Settings, bundle: Path) -> RegisteredModel:
    """
    Raises:
        EOFError: the store held no such model, or did not answer.
    """
    context = multiprocessing.get_context("fork")
    answer, told = context.Pipe(duplex=False)

    def fetch() -> None:
        with suppress(Exception):
            told.send(Registry(settings.tracking_uri).fetch(settings.model_reference, bundle))

    process = context.Process(target=fetch)
    process.start()
    told.close()
    if not answer.poll(_FETCHED_WITHIN_SECONDS):
        process.kill()
    process.join()
    model: RegisteredModel = answer.recv()
    return model


preload()
