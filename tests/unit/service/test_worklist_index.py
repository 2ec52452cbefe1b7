"""The list, its counts and choices come from indexes of open episodes; so does the use of a code."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from data.episodes import Role
from service.classifications.use import code_use
from service.db import Database
from service.identity import Actor, ActorKind, UserRole
from service.schema import migrate
from service.worklist.filters import Filters, Sort, View
from service.worklist.queries import choices, counts, find, next_to_code
from tests.service_fixtures import settings_for

ON = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
ME = Actor(ActorKind.ACCOUNT, "me", "Me", UserRole.CODER, "provider")
FILTERS = [Filters(), Filters(View.REVIEW_DUE), Filters(site="A", sort=Sort.SUREST), Filters(mine=True)]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(settings_for(tmp_path).database)
    migrate(made)
    yield made
    made.close()


def plans(db: Database, ask: Callable[[Session], object]) -> list[str]:
    """How SQLite answers each statement."""
    asked: list[tuple[str, object]] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda _c, _u, sql, values, *_: asked.append((sql, values))
    )
    with db.read() as session:
        ask(session)
        return [
            str(session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all())  # type: ignore[arg-type]
            for sql, values in tuple(asked)
            if sql.startswith(("SELECT", "WITH"))
        ]


@pytest.mark.parametrize("filters", FILTERS)
def test_a_page_of_the_list_is_found_in_the_index_alone(db: Database, filters: Filters) -> None:
    listed, *_rows = plans(db, lambda session: find(session, ME, filters, ON, None, 25))
    assert "USING COVERING INDEX ix_episode_open " in listed
    (following,) = plans(db, lambda session: next_to_code(session, ME, filters, ON))
    assert "USING COVERING INDEX ix_episode_open " in following


@pytest.mark.parametrize("view", [View.TO_DO, View.REVIEW_DUE, View.FINALISED])
def test_open_episodes_are_counted_in_the_order_of_their_index_and_never_sorted(
    db: Database, view: View
) -> None:
    (counted,) = plans(db, lambda session: counts(session, ME, Filters(view), ON))
    assert "USING COVERING INDEX ix_episode_open_count " in counted
    assert "TEMP B-TREE" not in counted


@pytest.mark.parametrize("filters", [Filters(site="A"), Filters(mine=True), Filters(histology=True)])
def test_what_filters_leave_is_counted_without_going_to_the_table(db: Database, filters: Filters) -> None:
    (counted,) = plans(db, lambda session: counts(session, ME, filters, ON))
    assert "USING COVERING INDEX ix_episode_open " in counted


def test_what_may_be_chosen_is_found_from_value_to_value(db: Database) -> None:
    (chosen,) = plans(db, lambda session: choices(session, ME))
    for index, column in (("site", "site"), ("specialty", "treatment_function"), ("source", "source")):
        assert chosen.count(f"ix_episode_open_{index} (provider_id=? AND {column}>?)") == 2, chosen


def test_the_use_of_a_code_is_counted_in_the_index_alone(db: Database) -> None:
    counted = plans(db, lambda session: code_use(session, "provider", Role.DIAGNOSIS, "I10X", now=NOW))
    assert len(counted) == 2
    assert all("USING COVERING INDEX ix_code_use_code " in plan for plan in counted), counted
