"""Brings a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from service.db import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(db: Database, revision: str = "head") -> None:
    """Upgrades to the revision; a database that is there already is left as it is."""
    with db.engine.execution_options(autocoder_writes=True).begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(db: Database, revision: str) -> None:
    with db.engine.execution_options(autocoder_writes=True).begin() as connection:
        command.downgrade(_config(connection), revision)


def check(db: Database) -> None:
    """Raises alembic's CommandError when the tables of the code differ from the migrations."""
    with db.engine.begin() as connection:
        command.check(_config(connection))


def write_revision(db: Database, message: str) -> None:
    """For developers: a new migration from the difference between code and database."""
    with db.engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config
