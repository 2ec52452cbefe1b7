"""What commands share: settings, the database, and refusals that say what to do."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from service.config import Settings
    from service.db import Database

ProviderCode = Annotated[str, typer.Option("--provider", help="ODS code of the trust or health board.")]


def settings() -> "Settings":
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from service.config import Settings

    try:
        return Settings()
    except ValidationError as error:
        found = ((".".join(map(str, item["loc"])), item["msg"]) for item in error.errors())
        refuse("; ".join(f"AUTOCODER_{name.upper()}: {message}" for name, message in found))
    except SettingsError as error:
        refuse(str(error))


def database() -> "Database":
    return open_database(settings())


def open_database(settings: "Settings") -> "Database":
    from service.db import Database

    try:
        return Database(settings.database, busy_timeout_ms=settings.busy_timeout_ms)
    except OSError as error:
        refuse(f"the database's folder cannot be made: {error.strerror}: {error.filename}")


@contextmanager
def transaction() -> "Iterator[Session]":
    with plainly(), closing(database()) as db, db.write() as session:
        yield session


@contextmanager
def plainly() -> Iterator[None]:
    """What the operator can mend is said in one line."""
    from alembic.util import CommandError

    from service.errors import InsecureSettings, ServiceError

    try:
        yield
    except (ServiceError, InsecureSettings) as error:
        refuse(str(error))
    except CommandError as error:
        refuse(f"the database's schema is not one that this version knows: {error}")
    except OSError as error:
        refuse(f"{error.strerror}: {error.filename}")


def now() -> "datetime":
    from service.clock import SystemClock

    return SystemClock().now()


def refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(2)
