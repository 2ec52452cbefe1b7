"""Links are written when a transaction ends: all of them, in order, and none of what was undone."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from service import audit
from service.accounts import directory
from service.audit.tables import AuditRow
from service.identity import Actor
from tests.service_fixtures import Stage

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


class _Undone(Exception):
    pass


def actor_of(stage: Stage, provider: str = "A") -> Actor:
    with stage.services.db.read() as session:
        return directory.integration_engine(directory.provider_by_code(session, provider).id)


def record(session: Session, actor: Actor, *subjects: str) -> None:
    for subject in subjects:
        audit.record(session, actor, action="test", subject=subject, content={"of": subject}, at=AT)


def recorded(stage: Stage) -> Sequence[str]:
    query = select(AuditRow.subject).where(AuditRow.action == "test")
    with stage.services.db.read() as session:
        assert [p for report in audit.verify(session) for p in report.problems] == []
        return session.scalars(query.order_by(AuditRow.provider_id, AuditRow.number)).all()


def test_many_links_of_one_transaction_stand_in_their_order_and_verify(stage: Stage) -> None:
    actor = actor_of(stage)
    wanted = [f"row:{number}" for number in range(500)]
    with stage.services.db.write() as session:
        record(session, actor, *wanted)
    assert recorded(stage) == wanted


def test_the_head_is_locked_and_moved_once_however_many_links_there_are(stage: Stage) -> None:
    actor, statements = actor_of(stage), list[str]()
    engine = stage.services.db.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: statements.append(statement))
    with stage.services.db.write() as session:
        record(session, actor, *(f"row:{number}" for number in range(100)))
    assert len([one for one in statements if "audit" in one]) == 3


def test_each_provider_has_a_chain_of_its_own(stage: Stage) -> None:
    first, second = actor_of(stage, "A"), actor_of(stage, "B")
    with stage.services.db.write() as session:
        for number in range(3):
            record(session, first, f"a:{number}")
            record(session, second, f"b:{number}")
    assert sorted(recorded(stage)) == ["a:0", "a:1", "a:2", "b:0", "b:1", "b:2"]


def test_what_a_savepoint_or_a_transaction_undoes_leaves_no_link(stage: Stage) -> None:
    actor = actor_of(stage)
    with stage.services.db.write() as session:
        record(session, actor, "before")
        with session.begin_nested():
            record(session, actor, "kept")
        with suppress(_Undone), session.begin_nested():
            record(session, actor, "lost")
            raise _Undone
        record(session, actor, "after")
    with suppress(_Undone), stage.services.db.write() as session:
        record(session, actor, "lost too")
        raise _Undone
    assert recorded(stage) == ["before", "kept", "after"]


def test_a_session_that_is_used_again_links_each_transaction_once(stage: Stage) -> None:
    actor = actor_of(stage)
    with Session(stage.services.db.engine.execution_options(autocoder_writes=True)) as session:
        record(session, actor, "lost")
        session.rollback()
        record(session, actor, "first")
        session.commit()
        record(session, actor, "second")
        session.commit()
    assert recorded(stage) == ["first", "second"]
