"""Brings a database to the newest schema."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text

from service import idempotency as _idempotency  # noqa: F401
from service.audit import tables as _audit_tables  # noqa: F401 (they belong to the schema)
from service.automation import tables as _automation_tables  # noqa: F401
from service.challenger import tables as _challenger_tables  # noqa: F401
from service.classifications import tables as _classification_tables  # noqa: F401
from service.clinicians import tables as _clinician_tables  # noqa: F401
from service.db import Database, as_service_errors
from service.kept_forms import tables as _kept_form_tables  # noqa: F401
from service.local_terms import tables as _local_term_tables  # noqa: F401
from service.messages import tables as _message_tables  # noqa: F401
from service.migrations import FOLDER, newest_revision, views
from service.outgoing import tables as _outgoing_tables  # noqa: F401
from service.practice import tables as _practice_tables  # noqa: F401
from service.queries import tables as _query_tables  # noqa: F401
from service.standards import tables as _standards_tables  # noqa: F401
from service.tables import Base
from service.workbench import tables as _workbench_tables  # noqa: F401
from service.worklist import tables as _worklist_tables  # noqa: F401

_LOCK = 5_046_173_321
"""Any number, the same in every release: who holds its advisory lock may change the schema."""


def migrate(db: Database, revision: str = "head") -> None:
    """Upgrades to the revision; a database that is there already is left as it is."""
    with as_service_errors(), _alone(db) as connection:
        if revision == "head" and _revision(connection) == newest_revision() and views.stand(connection):
            return
        with _views_away(connection):
            command.upgrade(_config(connection), revision)


def downgrade(db: Database, revision: str) -> None:
    with as_service_errors(), _alone(db) as connection, _views_away(connection):
        command.downgrade(_config(connection), revision)


def check(db: Database) -> None:
    """Raises alembic's CommandError when the tables of the code differ from the migrations."""
    with db.engine.begin() as connection:
        command.check(_config(connection))


def is_complete(db: Database) -> bool:
    """Whether every table and column of the code is there; only looks."""
    with db.read() as session:
        seen = inspect(session.connection())
        present = {
            (table, column["name"]) for table in seen.get_table_names() for column in seen.get_columns(table)
        }
    tables = Base.metadata.sorted_tables
    return all((table.name, column.name) in present for table in tables for column in table.columns)


def write_revision(db: Database, message: str) -> None:
    """For developers: a new migration from the difference between code and database."""
    with db.engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True)


@contextmanager
def _views_away(connection: Connection) -> Iterator[None]:
    """Neither database lets a table change under a view that reads it; afterwards they are made anew."""
    views.drop(connection)
    yield
    if (_revision(connection) or "") >= views.SINCE:
        views.create(connection)


def _revision(connection: Connection) -> str | None:
    """Where the schema stands; revisions are numbers of four digits, in order."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


@contextmanager
def _alone(db: Database) -> Iterator[Connection]:
    """One transaction. Replicas that start together wait here for each other, longer than for other locks."""
    with db.engine.execution_options(autocoder_writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '10min'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
            connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
        yield connection


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
