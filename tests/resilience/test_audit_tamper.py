"""Someone changes the record by hand in the database: `verify` finds every change and names the row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from service import audit
from service.audit.chain import link_hash, link_recorded
from service.audit.tables import AuditHead, AuditRow
from service.automation.tables import GateVerdict
from service.commands import app
from service.identity import Actor, ActorKind, UserRole
from service.tables import (
    Base,
    DecisionRow,
    DocumentRow,
    DocumentVersion,
    EpisodeRow,
    Provider,
    SuggestionLineRow,
    SuggestionRow,
)
from tests.api.test_decisions import Desk
from tests.printed import Say
from tests.service_fixtures import SECRET, Stage, build_stage, settings_for

AUDIT_FIELDS = ("at", "actor", "action", "subject", "digest", "previous_hash", "hash")


def fields_of(table: type[Base], *without: str) -> tuple[str, ...]:
    keys = (column.key for column in table.__table__.columns)
    return tuple(key for key in keys if key not in ("id", "provider_id", *without))


DECISION_FIELDS = fields_of(DecisionRow)
SUGGESTION_FIELDS = fields_of(SuggestionRow)
LINE_FIELDS = fields_of(SuggestionLineRow, "reason_digest")
VERSION_FIELDS = fields_of(DocumentVersion, "document_id", "text_digest")
UNSENT = {"date": date(2026, 1, 1), "procedure_group": 7}


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
    if isinstance(value, list):
        return [*value[:-1], changed(value[-1])] if value else [{"changed": True}]
    if isinstance(value, bool | float):
        return type(value)(1 - value)
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


@pytest.mark.parametrize("field", SUGGESTION_FIELDS)
def test_every_edited_field_of_every_suggestion_is_found(stage: Stage, field: str) -> None:
    for row_id in ids_of(stage, SuggestionRow.id):
        with tampering(stage) as session:
            row = session.get_one(SuggestionRow, row_id)
            if field == "episode_id":
                row.number += 1000
            setattr(row, field, _other(session, row, field))
            assert f"suggestion {row_id}: was changed, or lines of it were" in problems(session)


@pytest.mark.parametrize("field", LINE_FIELDS)
def test_every_edited_field_of_every_suggested_line_is_found(stage: Stage, say: Say, field: str) -> None:
    ids = ids_of(stage, SuggestionLineRow.id)
    for row_id in ids:
        with tampering(stage) as session:
            row = session.get_one(SuggestionLineRow, row_id)
            named = f"suggestion {row.suggestion_id}: was changed, or lines of it were"
            setattr(row, field, _other(session, row, field))
            assert named in problems(session), (field, row_id)
    say(f"{field}: {len(ids)} of {len(ids)} edits found")


@pytest.mark.parametrize("field", VERSION_FIELDS)
def test_every_edited_field_of_every_document_version_is_found(stage: Stage, field: str) -> None:
    for document_id in ids_of(stage, DocumentVersion.document_id):
        with tampering(stage) as session:
            row = session.get_one(DocumentVersion, (document_id, 1))
            setattr(row, field, _other(session, row, field))
            expected = f"document version {document_id}/1: was changed"
            if field == "version":
                expected = f"document version {document_id}/1: is gone"
            assert expected in problems(session), (field, document_id)


@pytest.mark.parametrize("field", ["sender_id", "position"])
def test_document_under_another_name_is_found(stage: Stage, field: str) -> None:
    """Evidence points at the sender's id."""
    for row_id in ids_of(stage, DocumentRow.id):
        with tampering(stage) as session:
            row = session.get_one(DocumentRow, row_id)
            setattr(row, field, changed(getattr(row, field)))
            assert problems(session) == [f"document version {row_id}/1: was changed"]


def test_removed_and_invented_suggested_lines_are_found(stage: Stage) -> None:
    for row_id in ids_of(stage, SuggestionLineRow.id):
        with tampering(stage) as session:
            row = session.get_one(SuggestionLineRow, row_id)
            named = f"suggestion {row.suggestion_id}: was changed, or lines of it were"
            session.add(_copy(row, id="invented"))
            assert problems(session) == [named]
        with tampering(stage) as session:
            session.delete(session.get_one(SuggestionLineRow, row_id))
            assert problems(session) == [named]


def test_removed_and_invented_suggestions_and_document_versions_are_found(stage: Stage) -> None:
    with tampering(stage) as session:
        suggestion = session.scalars(select(SuggestionRow)).first()
        version = session.scalars(select(DocumentVersion)).first()
        assert suggestion
        assert version
        suggestion_id, document_id = suggestion.id, version.document_id
        session.add_all([_copy(suggestion, id="invented", number=99), _copy(version, version=99)])
        named = f"document version {document_id}/"
        assert set(problems(session)) == {"suggestion invented: has no link", f"{named}99: has no link"}
    with tampering(stage) as session:
        session.delete(session.get_one(DocumentVersion, (document_id, 1)))
        for line in session.scalars(
            select(SuggestionLineRow).where(SuggestionLineRow.suggestion_id == suggestion_id)
        ):
            session.delete(line)
        for verdict in session.scalars(select(GateVerdict).where(GateVerdict.suggestion_id == suggestion_id)):
            session.delete(verdict)
        session.flush()
        session.delete(session.get_one(SuggestionRow, suggestion_id))
        assert set(problems(session)) == {f"suggestion {suggestion_id}: is gone", f"{named}1: is gone"}


def test_second_link_that_vouches_for_a_forged_row_is_found(stage: Stage) -> None:
    """The chain itself fits: only that one subject has two links tells."""
    with tampering(stage) as session:
        row = decided(session)[0]
        row.actor_name = "Someone Else"
        coder = Actor(ActorKind.KEY, "forger", "Forger", UserRole.CODER, row.provider_id)
        content, subject = audit.decision_content(row), f"decision:{row.id}"
        audit.record(
            session, coder, action="decision.accept", subject=subject, content=content, at=row.decided_at
        )
        link_recorded(session)
        found = problems(session)
        assert f"decision {row.id}: was changed" in found
        assert any("vouches for something else" in problem for problem in found)


def test_head_that_was_removed_with_all_its_links_is_found(stage: Stage) -> None:
    with tampering(stage) as session:
        for row in chain(session):
            session.delete(row)
        session.delete(session.get_one(AuditHead, chain(session)[0].provider_id))
        assert "head: is gone" in problems(session)


@pytest.mark.parametrize("content", [[], {"evidence": 7}, {"evidence": [{"text": 7}]}, "words"])
def test_content_of_another_shape_is_found_and_reading_goes_on(stage: Stage, content: Any) -> None:
    with tampering(stage) as session:
        row = decided(session)[0]
        row.content = content
        assert problems(session) == [f"decision {row.id}: was changed"]


def test_json_that_is_none_is_found(stage: Stage) -> None:
    with tampering(stage) as session:
        session.execute(text("UPDATE suggestion SET not_coded = 'no JSON'"))
        assert any(problem.startswith("a row cannot be read") for problem in problems(session))


def ids_of(stage: Stage, column: Any) -> list[str]:
    with tampering(stage) as session:
        ids = list(session.scalars(select(column).order_by(column)))
    assert ids
    return ids


def _other(session: Session, row: Base, field: str) -> Any:
    """Another value that the database takes."""
    value = getattr(row, field)
    if field == "episode_id":
        return session.scalar(select(EpisodeRow.id).where(EpisodeRow.id != value))
    if field == "suggestion_id":
        return session.scalar(select(SuggestionRow.id).where(SuggestionRow.id != value))
    return UNSENT[field] if value is None and field in UNSENT else changed(value)


def _copy(row: Base, **fields: Any) -> Base:
    known = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return type(row)(**known | fields)


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
