"""Connections to PostgreSQL that lie idle: a firewall cuts them overnight, a restart at any time."""

import psycopg
import pytest
from sqlalchemy import make_url, text

from service.db import Database
from service.errors import DatabaseBusy
from tests import postgres

pytestmark = pytest.mark.postgres


def backend(db: Database) -> int:
    """The server's process behind the connection that is used next."""
    with db.glance() as session:
        return int(session.scalar(text("SELECT pg_backend_pid()")) or 0)


def cut(url: str, process: int) -> None:
    whole = make_url(url).render_as_string(hide_password=False)
    with psycopg.connect(whole, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))


def test_one_cut_while_it_lay_idle_is_replaced_unnoticed() -> None:
    with postgres.empty_database() as url:
        db = Database(url, ping_after_seconds=0.0)
        first = backend(db)
        cut(url, first)
        assert backend(db) not in (0, first)
        db.close()


def test_one_cut_just_after_its_use_fails_one_request_and_is_replaced() -> None:
    with postgres.empty_database() as url:
        db = Database(url, ping_after_seconds=60.0)
        first = backend(db)
        cut(url, first)
        with pytest.raises(DatabaseBusy):
            backend(db)
        assert backend(db) not in (0, first)
        db.close()
