"""The audit record of what the service stores: complete, unmoved by erased words; its command."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from service import audit
from service.audit.tables import AuditRow
from service.commands import app
from service.tables import DecisionRow, DocumentVersion, SuggestionLineRow, SuggestionRow
from tests.api.test_decisions import Desk
from tests.fakes import NOTE
from tests.service_fixtures import SECRET, Stage, settings_for

Command = Callable[..., tuple[int, str]]
UNKNOWN = "0" * 63 + "1"


@pytest.fixture
def coded(stage: Stage) -> Stage:
    """An episode with two versions of a document, suggestions for both, and decisions that quote."""
    stage.post_episode(text=NOTE)
    desk = Desk(stage, text=f"{NOTE} Also a cough.")
    start = NOTE.index("lives alone")
    span = {"document": "ds", "start": start, "end": start + len("lives alone")}
    desk.decide("add", role="diagnosis", code="Z602", evidence=[span])
    desk.decide("reject", line=desk.lines["E119"], reason="not_documented")
    assert len(desk.read()["decisions"]) == 2
    return stage


@pytest.fixture
def verify_audit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Command:
    return command(monkeypatch, stage.services.settings.database)


def command(monkeypatch: pytest.MonkeyPatch, database: str) -> Command:
    monkeypatch.setenv("AUTOCODER_DATABASE_URL", database)
    monkeypatch.setenv("AUTOCODER_SECRET_KEY", SECRET)

    def run(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["verify-audit", *options])
        assert "Traceback" not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


def problems(stage: Stage) -> list[str]:
    with stage.services.db.read() as session:
        return [problem for report in audit.verify(session) for problem in report.problems]


def sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def test_untouched_record_verifies_and_each_stored_row_has_one_link(coded: Stage) -> None:
    coded.post_episode(text=f"{NOTE} Also a cough.")
    assert problems(coded) == []
    with coded.services.db.read() as session:
        subjects = list(session.scalars(select(AuditRow.subject)))
        versions = [
            f"document_version:{v.document_id}/{v.version}" for v in session.scalars(select(DocumentVersion))
        ]
        suggestions = [f"suggestion:{row_id}" for row_id in session.scalars(select(SuggestionRow.id))]
        decisions = [f"decision:{row_id}" for row_id in session.scalars(select(DecisionRow.id))]
    rows = versions + suggestions + decisions
    assert (len(versions), len(suggestions), len(decisions)) == (2, 2, 2)
    assert [subjects.count(subject) for subject in rows] == [1] * len(rows)


def test_suggested_code_changed_in_the_database_is_found(coded: Stage) -> None:
    with coded.services.db.write() as session:
        line = session.scalars(select(SuggestionLineRow).where(SuggestionLineRow.code == "J440")).first()
        assert line
        changed = {"code": "J441", "id": line.id}
        session.execute(text("UPDATE suggestion_line SET code = :code WHERE id = :id"), changed)
    assert problems(coded) == [f"suggestion {line.suggestion_id}: was changed, or lines of it were"]


def test_text_changed_in_the_database_is_found(coded: Stage) -> None:
    with coded.services.db.write() as session:
        session.execute(text("UPDATE document_version SET text = 'Nothing.' WHERE version = 2"))
        document = session.scalar(select(DocumentVersion.document_id))
    assert problems(coded) == [f"document version {document}/2: was changed"]


def test_record_verifies_when_all_words_are_erased_as_designed(coded: Stage) -> None:
    with coded.services.db.write() as session:
        erase(session)
        left = [row.text for row in session.scalars(select(DocumentVersion))]
    assert set(left) == {""}
    assert problems(coded) == []


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE document_version SET text_digest = NULL",
        f"UPDATE document_version SET text_digest = '{UNKNOWN}'",
        "UPDATE document_version SET text = 'Nothing.'",
        "UPDATE suggestion_line SET reason_digest = NULL",
        f"UPDATE suggestion_line SET reason_digest = '{UNKNOWN}'",
        "UPDATE suggestion_line SET evidence = '[]'",
        "UPDATE suggestion_line SET code = 'J441'",
    ],
)
def test_forgery_of_an_erased_row_is_found(coded: Stage, forgery: str) -> None:
    with coded.services.db.write() as session:
        erase(session)
        session.execute(text(forgery))
    assert problems(coded)


def erase(session: Session) -> None:
    """As an erasure is to be carried out: the words go, their sha256 stays."""
    for version in session.scalars(select(DocumentVersion)):
        version.text, version.text_digest = "", sha256(version.text)
    for line in session.scalars(select(SuggestionLineRow)):
        line.reason, line.reason_digest = "", sha256(line.reason)
        line.evidence = [erased(item) for item in line.evidence]
    for suggestion in session.scalars(select(SuggestionRow)):
        suggestion.not_coded = [
            {**item, "evidence": erased(item["evidence"])} for item in suggestion.not_coded
        ]
    for decision in session.scalars(select(DecisionRow)):
        quoted = [erased(item) for item in decision.content.get("evidence", ())]
        assert quoted, "each decision of the fixture quotes"
        decision.content = {**decision.content, "evidence": quoted}
    session.flush()


def erased(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "text": "", "text_digest": sha256(item["text"])}


def test_command_prints_the_heads_and_accepts_them(coded: Stage, verify_audit: Command) -> None:
    code, output = verify_audit()
    heads = [line.split("head ")[1].split(":")[0] for line in output.splitlines()]
    assert (code, len(heads)) == (0, 2)
    noted = (f"--expect-head=A={heads[0]}", f"--expect-head=B={heads[1]}")
    assert verify_audit(*noted)[0] == 0
    coded.post_episode(spell="S2")
    assert verify_audit(*noted)[0] == 0, "the chain grew, and still holds them"


def test_command_names_the_row_that_was_changed(coded: Stage, verify_audit: Command) -> None:
    with coded.services.db.write() as session:
        session.execute(text("UPDATE decision SET actor_name = 'Someone Else' WHERE number = 1"))
        decision = session.scalar(select(DecisionRow.id).where(DecisionRow.number == 1))
    code, output = verify_audit()
    assert code == 1
    assert f"decision {decision}: was changed" in output


def test_each_of_several_noted_heads_is_looked_for(verify_audit: Command) -> None:
    head = verify_audit()[1].split("head ")[1].split(":")[0]
    code, output = verify_audit(f"--expect-head=A={UNKNOWN}", f"--expect-head=A={head}")
    assert code == 1
    assert f"{UNKNOWN} was noted earlier and is not in the chain" in output


def test_noted_head_of_a_provider_that_is_not_there_is_a_problem(verify_audit: Command) -> None:
    code, output = verify_audit(f"--expect-head=GONE={UNKNOWN}")
    assert code == 1
    assert "GONE: " in output
    assert "there is no such provider" in output


@pytest.mark.parametrize(
    "written", ["A", "A=", "=", "A=abc", f"={UNKNOWN}", f"A={UNKNOWN}0", f"A={'g' * 64}", ""]
)
def test_malformed_head_is_refused_with_what_it_should_be(verify_audit: Command, written: str) -> None:
    code, output = verify_audit(f"--expect-head={written}")
    assert code == 2
    assert "is not CODE=HASH" in output


def test_database_without_the_schema_is_refused(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output = command(monkeypatch, settings_for(tmp_path, database_url).database)()
    assert code == 2
    assert "autocoder migrate" in output


def test_database_of_an_older_schema_is_refused(stage: Stage, verify_audit: Command) -> None:
    with stage.services.db.write() as session:
        session.execute(text("ALTER TABLE local_term DROP COLUMN note"))
    code, output = verify_audit()
    assert code == 2
    assert "autocoder migrate" in output


def test_file_that_is_no_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "some.db"
    file.write_bytes(b"This is not a database. " * 100)
    code, output = command(monkeypatch, f"sqlite:///{file}")()
    assert code == 2
    assert "cannot be read" in output
