"""How many statements the database is asked for what coders do all day: each is a round trip, and the number
stays what it is however long lists and codings grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.page_client import BY_HTMX, Desk, PageClient
from tests.service_fixtures import Stage
from tests.worklist_fixtures import decide, post


@contextmanager
def counted(stage: Stage) -> Iterator[list[str]]:
    """The statements that are put meanwhile."""
    put: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):  # a statement on SQLite only
            put.append(statement)

    engine = stage.services.db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield put
    finally:
        event.remove(engine, "before_cursor_execute", note)


def statements_of(stage: Stage, pages: PageClient, address: str) -> int:
    with counted(stage) as put:
        assert pages.get(address).status_code == 200
    return len(put)


def add(desk: Desk, codes: str) -> int:
    """The statements of adding these codes at once."""
    sent = {**desk.fields(), "role": "diagnosis", "query": codes}
    with counted(desk.stage) as put:
        answer = desk.pages.post(f"{desk.address}/codes", sent, **BY_HTMX)
    assert answer.status_code == 200
    return len(put)


class TestPages:
    def test_worklist_asks_as_often_for_forty_episodes_as_for_two(self, stage: Stage) -> None:
        pages = PageClient(stage)
        pages.sign_in()
        for number in range(2):
            decide(stage, post(stage, f"S{number}"), "claim")
        few = statements_of(stage, pages, "/worklist")
        for number in range(2, 40):
            post(stage, f"S{number}")
        assert statements_of(stage, pages, "/worklist") <= few <= 8

    def test_episode_asks_as_often_after_many_decisions(self, stage: Stage) -> None:
        desk = Desk(stage)
        few = statements_of(stage, desk.pages, desk.address)
        add(desk, "I10X E119 N179 J459 K219")
        desk.post("claim")
        assert statements_of(stage, desk.pages, desk.address) <= few + 1 <= 11  # who claimed it


class TestDecisions:
    def test_accepting_takes_few(self, stage: Stage) -> None:
        desk = Desk(stage)
        sent = {**desk.fields(), "kind": "accept", "line": desk.lines["E119"]}
        with counted(stage) as put:
            assert desk.pages.post(f"{desk.address}/decisions", sent, **BY_HTMX).status_code == 200
        assert len(put) <= 20

    def test_each_further_decision_of_a_batch_takes_three(self, stage: Stage) -> None:
        """The decision, the episode's version, and the use of the code."""
        one = add(Desk(stage, episode=stage.post_episode("S1")), "I10X K219")
        more = add(Desk(stage, episode=stage.post_episode("S2")), "I10X K219 N179 J459")
        assert more - one <= 2 * 3
