"""What every worker needs, read once by the process that they are forked from, so that its memory is shared.

Nothing here may start a thread or open a connection: what is forked would have half of it.
"""

import gc

import service.app
from data.terms import term_book
from models.registry import preload_library
from service.config import Settings
from service.queries import neutrality
from service.serving.holder import give_back_memory


def preload() -> None:
    """The web application's modules, MLflow, code tables with their search indexes, terms by code."""
    preload_library()
    for table in service.app.load_tables(Settings()).values():
        table.search("warm")
        term_book(table.name)
    neutrality.warm()
    gc.collect()
    give_back_memory()
    gc.freeze()


preload()
