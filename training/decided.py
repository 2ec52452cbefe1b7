"""Episodes as coders decided them, read from the service's view `coded_document` by database URL.

The columns of the view are the fields of a line of coded documents (docs/data-formats.md); those that hold
lists or objects are JSON. Nothing is written.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.corpora.coded_documents import read_coded_line
from training.corpus import Corpus
from training.errors import CorpusError

VIEW = "coded_document"
_JSON = frozenset({"documents", "diagnoses", "procedures", "not_coded"})
_FIELDS = _JSON | {
    "id", "text", "language", "sex", "age", "specialty", "treatment_function", "admission_method",
    "length_of_stay_days", "patient", "date",
}  # fmt: skip


def read_decided(database_url: str) -> Corpus:
    """
    Raises:
        CorpusError: the database does not answer, has no such view, or nothing was finalised yet.
    """
    lines = tuple(_lines(database_url))
    if not lines:
        raise CorpusError(f"{VIEW} is empty: no episode was finalised yet")
    episodes = tuple(read_coded_line(Path(VIEW), number, line) for number, line in enumerate(lines, start=1))
    return Corpus(episodes, {VIEW: hashlib.sha256(b"\n".join(lines)).hexdigest()}, synthetic=False)


def _lines(database_url: str) -> Iterator[bytes]:
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError

    try:
        engine = create_engine(database_url)
        with engine.connect() as connection:
            rows = connection.execute(text(f"SELECT * FROM {VIEW} ORDER BY id")).mappings().all()  # noqa: S608
        engine.dispose()
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        # Its message may hold a password.
        raise CorpusError(f"{VIEW} cannot be read from this database: {type(error).__name__}") from None
    return (_line(row) for row in rows)


def _line(row: Mapping[Any, Any]) -> bytes:
    fields = {name: _value(name, row[name]) for name in row if name in _FIELDS and row[name] is not None}
    return json.dumps(fields, ensure_ascii=False, default=str).encode()


def _value(name: str, value: object) -> object:
    """PostgreSQL gives JSON as objects, SQLite as text."""
    return json.loads(value) if name in _JSON and isinstance(value, str) else value
