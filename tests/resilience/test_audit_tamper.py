"""Someone changes the record by hand in the database: `verify` finds every change and names the row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from service import audit
from service.audit.chain import link_hash
from service.commands import app
from service.tables import AuditHead, AuditRow, DecisionRow, EpisodeRow, Provider
from tests.api.test_decisions import Desk
from tests.printed import Say
from tests.service_fixtures import SECRET, Stage, build_stage, settings_for

pytestmark = pytest.mark.timeout(240)

AUDIT_FIELDS = ("at", "actor", "action", "subject", "digest", "previous_hash", "hash")
DECISION_FIELDS = tuple(
    column.key for column in DecisionRow.__table__.columns if column.key not in ("id", "provider_id")
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two episodes, coded, and one that is not."""
    built = build_stage(settings_for(tmp_path_factory.mktemp("tamper")))
    for spell in ("S1", "S2"):
        desk = Desk(built, spell=spell)
        for line in desk.lines.values():
            desk.decide("accept", line=line)
        desk.decide("reject", line=desk.lines["E119"], reason="not_documented")
        desk.decide("finalise")
    built.post_episode("S3")
    yield built
    built.services.db.close()


@contextmanager
def tampering(stage: Stage) -> Iterator[Session]:
    """A session whose changes are seen by it alone, and undone."""
    with Session(stage.services.db.engine, autoflush=False) as session:
        yield session
        session.rollback()


def problems(session: Session) -> list[str]:
    session.flush()
    return [problem for report in audit.verify(session) for problem in report.problems]


def chain(session: Session) -> list[AuditRow]:
    provider = session.scalar(select(Provider.id).where(Provider.code == "A"))
    rows = select(AuditRow).where(AuditRow.provider_id == provider).order_by(AuditRow.number)
    return list(session.scalars(rows))


def decided(session: Session) -> list[DecisionRow]:
    return list(session.scalars(select(DecisionRow).order_by(DecisionRow.decided_at, DecisionRow.id)))


def changed(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, dict):
        return value | {"changed": True}
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, str):
        return f"{value[:-1]}~"
    return value + timedelta(seconds=1) if value is not None else "changed"


def numbers(stage: Stage) -> list[int]:
    with tampering(stage) as session:
        return [row.number for row in chain(session)]


def test_untouched_record_verifies(stage: Stage) -> None:
    with tampering(stage) as session:
        assert problems(session) == []


@pytest.mark.parametrize("field", AUDIT_FIELDS)
def test_every_edited_field_of_every_link_is_found(stage: Stage, say: Say, field: str) -> None:
    for number in numbers(stage):
        with tampering(stage) as session:
            row = chain(session)[number - 1]
            setattr(row, field, changed(getattr(row, field)))
            assert any(f"link {number}:" in problem for problem in problems(session)), (field, number)
    say(f"{field}: {len(numbers(stage))} of {len(numbers(stage))} edits found")


def test_every_deleted_link_is_found(stage: Stage) -> None:
    last = max(numbers(stage))
    for number in numbers(stage):
        with tampering(stage) as session:
            session.delete(chain(session)[number - 1])
            named = f"link {number}:" if number < last else "head:"
            assert any(named in problem for problem in problems(session)), number


def test_every_two_links_in_each_others_place_are_found(stage: Stage) -> None:
    for number in numbers(stage)[:-1]:
        with tampering(stage) as session:
            one, other = chain(session)[number - 1 : number + 1]
            one.number, other.number = 10_000, number
            session.flush()
            one.number = number + 1
            assert any(f"link {number}:" in problem for problem in problems(session)), number


def test_cut_tail_of_any_length_is_found(stage: Stage) -> None:
    for left in range(len(numbers(stage))):
        with tampering(stage) as session:
            for row in chain(session)[left:]:
                session.delete(row)
            assert any(f"it ends at {left}" in problem for problem in problems(session)), left


def test_link_whose_hash_was_made_anew_is_found_at_the_next(stage: Stage) -> None:
    for number in numbers(stage)[:-1]:
        with tampering(stage) as session:
            row = chain(session)[number - 1]
            row.actor = "key:someone-else"
            row.hash = link_hash(row)
            assert any(f"link {number + 1}:" in problem for problem in problems(session)), number


@pytest.mark.parametrize("field", DECISION_FIELDS)
def test_every_edited_field_of_every_decision_is_found(stage: Stage, say: Say, field: str) -> None:
    with tampering(stage) as session:
        ids = [row.id for row in decided(session)]
    for row_id in ids:
        with tampering(stage) as session:
            row = session.get_one(DecisionRow, row_id)
            setattr(
                row,
                field,
                _another_episode(session) if field == "episode_id" else changed(getattr(row, field)),
            )
            assert f"decision {row_id}: was changed" in problems(session), (field, row_id)
    say(f"{field}: {len(ids)} of {len(ids)} edits found")


def _another_episode(session: Session) -> str | None:
    """The foreign key would refuse an invented one."""
    return session.scalar(select(EpisodeRow.id).where(EpisodeRow.spell_number == "S3"))


def test_every_deleted_decision_is_found_and_named(stage: Stage) -> None:
    with tampering(stage) as session:
        ids = [row.id for row in decided(session)]
    for row_id in ids:
        with tampering(stage) as session:
            session.delete(session.get_one(DecisionRow, row_id))
            assert problems(session) == [f"decision {row_id}: is gone"]


def test_invented_decision_is_found_and_named(stage: Stage) -> None:
    with tampering(stage) as session:
        row = decided(session)[-1]
        fields = {column.key: getattr(row, column.key) for column in DecisionRow.__table__.columns}
        session.add(DecisionRow(**fields | {"id": "invented", "number": 999}))
        assert "decision invented: has no link" in problems(session)


def test_whole_chain_made_anew_is_found_by_a_head_noted_earlier(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one change that only something outside of the database can show."""
    with tampering(stage) as session:
        noted = chain(session)[-1].hash
    run = _command(stage, monkeypatch)
    assert run("--expect-head", f"A={noted}") == (0, True)
    with stage.services.db.write() as session:
        whole = _make_anew(session)
    assert run() == (0, True)
    assert run("--expect-head", f"A={noted}") == (1, False)
    with stage.services.db.write() as session:
        _put_back(session, whole)
    assert run("--expect-head", f"A={noted}") == (0, True)


def _command(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, bool]]:
    monkeypatch.setenv("AUTOCODER_DATABASE_URL", stage.services.settings.database)
    monkeypatch.setenv("AUTOCODER_SECRET_KEY", SECRET)

    def run(*options: str) -> tuple[int, bool]:
        done = CliRunner().invoke(app, ["verify-audit", *options])
        return done.exit_code, "problems" not in done.output

    return run


def _make_anew(session: Session) -> list[dict[str, Any]]:
    """Someone else did it, and every hash from there on fits; returns the chain as it was."""
    rows = chain(session)
    whole = [{column.key: getattr(row, column.key) for column in AuditRow.__table__.columns} for row in rows]
    first = next(row for row in rows if row.action == "key.add")
    first.actor = "key:someone-else"
    for before, row in zip(rows[first.number - 1 :], rows[first.number :], strict=False):
        before.hash = link_hash(before)
        row.previous_hash = before.hash
    rows[-1].hash = link_hash(rows[-1])
    session.get_one(AuditHead, rows[0].provider_id).hash = rows[-1].hash
    return whole


def _put_back(session: Session, whole: list[dict[str, Any]]) -> None:
    for row, fields in zip(chain(session), whole, strict=True):
        for name, value in fields.items():
            setattr(row, name, value)
    session.get_one(AuditHead, whole[0]["provider_id"]).hash = whole[-1]["hash"]
