"""What keeps the service in operation: the backlog, readiness, snapshots, bad text, settings, commands."""

import asyncio
import inspect
import json
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient
from typer.testing import CliRunner

from data.episodes import Document, DocumentKind, Episode
from models.prediction import ModelVersion, Prediction
from service import commands, health
from service.accounts import directory, passwords
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.episodes.backlog import Backlog
from service.episodes.suggesting import store_suggestion
from service.errors import InsecureSettings, SchemaOutdated, TooManyRequests, Unprocessable
from service.observability import MODEL_READY, UNSUGGESTED
from service.schema import downgrade, migrate
from service.serving.holder import ModelHolder
from service.serving.suggester import MOST_AT_ONCE, Suggester
from service.sessions import Sessions
from service.tables import Account, EpisodeRow, SuggestionRow
from tests.fakes import NOTE, FakeCoder, FakeSource
from tests.page_client import PageClient
from tests.resilience.server import COMMAND, environment
from tests.service_fixtures import PASSWORD, Stage, settings_for

POISON = f"{NOTE} poison"


class FailsOnPoison(FakeCoder):
    """Fails on one text only."""

    def suggest(self, episode: Episode) -> Prediction:
        if any("poison" in document.text for document in episode.documents):
            raise RuntimeError("no")
        return FakeCoder.suggest(self, episode)


def coder_of(digest: str, kind: type[FakeCoder] = FailsOnPoison) -> FakeCoder:
    return kind(ModelVersion("fake", digest[0], digest * 64))


def serve(stage: Stage, coder: FakeCoder | None, name: str) -> None:
    stage.source.coder, stage.source.name = coder, name
    if coder is None:
        holder = stage.services.suggester.holder
        holder._serving = type(holder.serving)(None, None, "the model is away")
    stage.refresh_model()


def read_episode(stage: Stage, episode: Mapping[str, Any]) -> Any:
    return stage.client.get(f"/v1/episodes/{episode['id']}", headers=stage.headers()).json()


def wait_without_model(stage: Stage, texts: Mapping[str, str]) -> dict[str, Any]:
    """Episodes stored while no model serves, in this order."""
    serve(stage, None, "away")
    episodes = {}
    for spell, note in texts.items():
        episodes[spell] = stage.post_episode(spell, note)
        stage.clock.advance(seconds=1)
    return episodes


class TestBacklog:
    def test_text_on_which_the_model_fails_stops_nobody_else(self, stage: Stage) -> None:
        waiting = wait_without_model(stage, {"S1": POISON, "S2": NOTE, "S3": NOTE})
        serve(stage, coder_of("a"), "fake/2")
        assert Backlog(stage.services, interval_seconds=1).work_off() == 2
        failed = read_episode(stage, waiting["S1"])
        assert failed["suggestions"] is None
        assert failed["suggestions_reason"] == "the model failed on this text (model aaaaaaaaaaaa)"
        assert failed["version"] == waiting["S1"]["version"]
        assert all(read_episode(stage, waiting[spell])["suggestions"] for spell in ("S2", "S3"))

    def test_same_model_is_not_asked_again_another_one_is(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = wait_without_model(stage, {"S1": POISON})
        backlog = Backlog(stage.services, interval_seconds=1)
        serve(stage, coder_of("a"), "fake/2")
        asked = []
        real = Suggester.suggest

        def counted(self: Suggester, episode: Episode, provider_id: str) -> Prediction:
            asked.append(episode.id)
            return real(self, episode, provider_id)

        monkeypatch.setattr(Suggester, "suggest", counted)
        assert [backlog.work_off() for _ in range(3)] == [0, 0, 0]
        assert len(asked) == 1
        serve(stage, coder_of("b"), "fake/3")
        assert backlog.work_off() == 0
        assert len(asked) == 2
        serve(stage, coder_of("c", FakeCoder), "fake/4")
        assert backlog.work_off() == 1
        assert read_episode(stage, waiting["S1"])["suggestions"]

    def test_text_that_failed_when_it_was_sent_is_not_asked_again_either(self, stage: Stage) -> None:
        serve(stage, coder_of("a"), "fake/2")
        episode: Any = stage.post_episode(text=POISON)
        assert episode["suggestions_reason"] == "the model failed on this text (model aaaaaaaaaaaa)"
        assert Backlog(stage.services, interval_seconds=1)._waiting("a" * 64) == []
        assert Backlog(stage.services, interval_seconds=1)._waiting("b" * 64) == [episode["id"]]

    def test_new_text_of_an_episode_that_failed_is_asked(self, stage: Stage) -> None:
        serve(stage, coder_of("a"), "fake/2")
        stage.post_episode(text=POISON)
        assert stage.post_episode(text=NOTE)["suggestions"]

    def test_defect_that_one_episode_meets_stops_nobody_else(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = wait_without_model(stage, {"S1": NOTE, "S2": NOTE})
        serve(stage, FakeCoder(), "fake/2")

        def broken(session: Session, row: EpisodeRow, *said: Any, at: datetime) -> SuggestionRow:
            if row.id == waiting["S1"]["id"]:
                raise KeyError(row.id)
            return store_suggestion(session, row, *said, at=at)

        monkeypatch.setattr("service.episodes.together.store_suggestion", broken)
        assert Backlog(stage.services, interval_seconds=1).work_off() == 1
        assert read_episode(stage, waiting["S2"])["suggestions"]

    def test_too_many_predictions_end_the_round_only(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wait_without_model(stage, {"S1": NOTE, "S2": NOTE})
        serve(stage, FakeCoder(), "fake/2")
        asked = []

        def busy(_: Suggester, episode: Episode, provider_id: str) -> Prediction:
            asked.append(episode.id)
            raise TooManyRequests

        with monkeypatch.context() as patch:
            patch.setattr(Suggester, "suggest", busy)
            assert Backlog(stage.services, interval_seconds=1).work_off() == 0
        assert len(asked) == 1
        assert Backlog(stage.services, interval_seconds=1).work_off() == 2

    def test_many_episodes_are_suggested_in_few_transactions(self, stage: Stage) -> None:
        waiting = wait_without_model(stage, {f"S{number}": NOTE for number in range(25)})
        serve(stage, FakeCoder(), "fake/2")
        commits: list[object] = []
        event.listen(stage.services.db.engine, "commit", commits.append)
        assert Backlog(stage.services, interval_seconds=1).work_off() == 25
        assert len(commits) == 3
        assert all(read_episode(stage, one)["suggestions"] for one in waiting.values())

    def test_an_episode_that_changes_while_the_model_reads_waits_for_the_next_round(
        self, stage: Stage
    ) -> None:
        waiting = wait_without_model(stage, {"S1": NOTE, "S2": NOTE})

        class Slow(FakeCoder):
            """Meanwhile a person changes the first."""

            def suggest(self, episode: Episode) -> Prediction:
                if episode.id == waiting["S1"]["id"]:
                    with stage.services.db.write() as session:
                        session.get_one(EpisodeRow, episode.id).version += 1
                return FakeCoder.suggest(self, episode)

        serve(stage, Slow(), "fake/2")
        assert Backlog(stage.services, interval_seconds=1).work_off() == 1
        assert read_episode(stage, waiting["S1"])["suggestions"] is None
        assert Backlog(stage.services, interval_seconds=1)._waiting("f" * 64) == [waiting["S1"]["id"]]

    def test_an_episode_that_changed_just_now_is_left_alone_for_a_while(self, stage: Stage) -> None:
        backlog = Backlog(stage.services, interval_seconds=1, quiet_seconds=1)
        serve(stage, None, "away")
        stage.post_episode("S1", NOTE)
        serve(stage, FakeCoder(), "fake/2")
        assert backlog.work_off() == 0
        stage.clock.advance(seconds=1)
        assert backlog.work_off() == 1

    def test_waiting_episodes_are_counted_while_no_model_serves(self, stage: Stage) -> None:
        UNSUGGESTED.set(0)
        wait_without_model(stage, {"S1": NOTE, "S2": NOTE})
        assert Backlog(stage.services, interval_seconds=1).work_off() == 0
        assert "autocoder_unsuggested_episodes 2.0" in stage.client.get("/metrics").text


class TestPredictionsAtOnce:
    def suggester(self, slots: int, max_waiting: int) -> Suggester:
        holder = ModelHolder(FakeSource(), poll_seconds=1)
        holder.refresh()
        return Suggester(holder, slots=slots, max_waiting=max_waiting)

    @pytest.mark.parametrize(("slots", "waiting", "most"), [(64, 64, 20), (2, 3, 5), (2, 32, 20)])
    def test_are_few_enough_to_leave_threads_to_others(self, slots: int, waiting: int, most: int) -> None:
        assert MOST_AT_ONCE == 20  # of 40 threads
        suggester = self.suggester(slots, waiting)
        taken = sum(suggester._waiting.acquire(blocking=False) for _ in range(100))
        assert taken == most
        with pytest.raises(TooManyRequests):
            suggester.suggest(
                Episode("1", (Document("1", DocumentKind.DISCHARGE_SUMMARY, NOTE),)), "provider"
            )

    def test_a_liveness_probe_needs_no_thread(self) -> None:
        assert inspect.iscoroutinefunction(health.healthz)
        assert asyncio.run(health.healthz()).status == "ok"

    def test_refresh_sets_the_readiness_gauge(self) -> None:
        source = FakeSource(coder=None)
        holder = ModelHolder(source, poll_seconds=1)
        MODEL_READY.set(1)
        holder.refresh()
        assert MODEL_READY._value.get() == 0
        source.coder = FakeCoder()
        holder.refresh()
        assert MODEL_READY._value.get() == 1


class TestSnapshot:
    def test_a_reader_sees_one_moment(self, stage: Stage) -> None:
        stage.post_episode("S1")
        count = select(func.count()).select_from(EpisodeRow)
        db = stage.services.db
        with db.read() as session:
            before = session.scalar(count)
            stage.post_episode("S2")
            assert session.scalar(count) == before == 1
        with db.read() as session:
            assert session.scalar(count) == 2

    def test_a_writer_sees_what_others_committed_while_it_waited(self, stage: Stage) -> None:
        """The isolation of readers does not stick to pooled connections."""
        db = stage.services.db
        for _ in range(3):
            with db.read() as session:
                session.execute(text("SELECT 1"))
        if db.engine.dialect.name == "postgresql":
            with db.write() as session:
                assert session.scalar(text("SHOW transaction_isolation")) == "read committed"


class TestSchema:
    def test_database_that_was_never_migrated_is_said_not_500(
        self, tmp_path: Path, database_url: str
    ) -> None:
        app = create_app(settings_for(tmp_path, database_url), model_source=FakeSource())
        client = TestClient(app, raise_server_exceptions=False)
        ready = client.get("/readyz")
        assert (ready.status_code, "run `autocoder migrate`" in ready.json()["database"]) == (503, True)
        answer = client.get("/v1/episodes", headers={"Authorization": "Bearer ack_x"})
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:autocoder:problem:schema-outdated")
        assert client.post("/sign-in", data={"username": "x", "password": "y"}).status_code == 503
        app.state.services.db.close()

    def test_another_revision_is_not_ready(self, stage: Stage) -> None:
        db = stage.services.db
        db.check()
        with db.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = 'another'"))
        with pytest.raises(SchemaOutdated):
            db.check()
        assert stage.client.get("/readyz").status_code == 503

    def test_tables_taken_away_are_noticed(self, tmp_path: Path, database_url: str) -> None:
        db = Database(settings_for(tmp_path, database_url).database)
        migrate(db)
        db.check()
        downgrade(db, "base")
        with pytest.raises(SchemaOutdated):
            db.check()
        db.close()

    def test_two_replicas_migrate_at_once(self, tmp_path: Path, database_url: str) -> None:
        variables = environment(tmp_path, database_url)

        def run() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                (COMMAND, "migrate"), env=variables, capture_output=True, text=True, check=False
            )

        with ThreadPoolExecutor(3) as pool:
            done = [future.result() for future in [pool.submit(run) for _ in range(3)]]
        assert [(process.returncode, process.stderr) for process in done] == [(0, "")] * 3


class TestBadText:
    """What PostgreSQL cannot hold is refused on both databases."""

    NUL, LONG = "a\x00b", "x" * 201

    @pytest.mark.parametrize("username", [NUL, LONG, "x" * 101, "ΐ" * 60])
    def test_as_a_user_name_does_not_sign_in(self, stage: Stage, username: str) -> None:
        assert PageClient(stage).sign_in(username).status_code == 401

    def test_lone_surrogates_do_not_sign_in(self, stage: Stage) -> None:
        """The charset of a form is the sender's to choose."""
        part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n\\ud800\r\n'
        body = (part.format("username") + part.format("password") + "--b--\r\n").encode()
        kind = "multipart/form-data; boundary=b; charset=unicode_escape"
        answer = stage.client.post("/sign-in", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 401

    def test_surrogates_are_no_password_and_no_token(self) -> None:
        assert not passwords.password_holds("\ud800", None)
        assert not Sessions("s" * 32, idle_seconds=60).csrf_holds("session", "\ud800")

    def test_as_a_site_filter_is_a_page_422(self, stage: Stage) -> None:
        pages = PageClient(stage)
        pages.sign_in()
        answer = pages.get("/worklist?site=%00")
        assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (422, True)
        assert pages.get("/worklist?site=R1A").status_code == 200

    def test_as_a_filter_of_the_interface_is_refused_or_finds_nothing(self, stage: Stage) -> None:
        for name in ("site", "treatment_function", "status", "cursor"):
            answer = stage.client.get(f"/v1/episodes?{name}=%00", headers=stage.headers())
            assert answer.status_code in (200, 422), name

    @pytest.mark.parametrize("bad", [NUL, LONG, "ΐ" * 60])
    def test_in_the_administration_is_said_on_the_page(self, stage: Stage, bad: str) -> None:
        pages = PageClient(stage)
        pages.sign_in("admin-a")
        token = pages.hidden_fields("/administration")["csrf_token"]
        common = {"csrf_token": token, "role": "coder", "password": PASSWORD}
        for path, fields in (
            ("accounts", {"username": bad, "name": "Name"}),
            ("accounts", {"username": "new", "name": bad * 4}),
            ("keys", {"name": bad * 4, "role": "epr"}),
        ):
            answer = pages.post(f"/administration/{path}", common | fields)
            assert answer.status_code == 422, (path, fields)
        with stage.services.db.read() as session:
            known = set(session.scalars(select(Account.username)))
        assert "new" not in known

    @pytest.mark.parametrize("bad", [NUL, "\ud800", "x" * 5000])
    def test_that_nobody_foresaw_is_422_by_the_net(self, stage: Stage, bad: str) -> None:
        episode = stage.post_episode()

        def store() -> None:
            with stage.services.db.write() as session:
                statement = update(EpisodeRow).where(EpisodeRow.id == episode["id"])
                session.execute(statement.values(hold_reason=bad))

        if stage.services.db.engine.dialect.name == "postgresql" or bad == "\ud800":
            with pytest.raises(Unprocessable):
                store()
        else:
            store()  # SQLite holds it

    def test_names_of_the_commands_are_looked_at_too(self, stage: Stage) -> None:
        with stage.services.db.write() as session, pytest.raises(Unprocessable):
            directory.add_provider(session, "MORE THAN TWELVE", "Name", at=stage.clock.now())


class TestSignInLog:
    def lines(self, capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
        written = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
        return [line for line in written if line["event"] in ("sign_in.refused", "request")]

    def test_refusal_names_the_account_by_id_and_the_request(
        self, stage: Stage, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with stage.services.db.read() as session:
            account = session.scalar(select(Account.id).where(Account.username == "coder-a"))
        PageClient(stage).sign_in("coder-a", "not the password")
        refused, request = self.lines(capfd)
        assert refused["account"] == account
        assert refused["request_id"] == request["request_id"]
        assert "coder-a" not in json.dumps(refused)

    def test_unknown_user_name_is_never_written(
        self, stage: Stage, capfd: pytest.CaptureFixture[str]
    ) -> None:
        for _ in range(11):
            PageClient(stage).sign_in("my-secret-password", "x" * 12)
        refused = [line for line in self.lines(capfd) if line["event"] == "sign_in.refused"]
        assert [line["reason"] for line in refused[-2:]] == ["wrong or shut out", "too many tries"]
        assert {line["account"] for line in refused} == {None}
        assert "my-secret" not in json.dumps(refused)

    def test_who_signs_in_is_not_refused(self, stage: Stage, capfd: pytest.CaptureFixture[str]) -> None:
        assert PageClient(stage).sign_in().status_code == 303
        assert [line["event"] for line in self.lines(capfd)] == ["request"]

    def test_two_passwords_are_verified_at_once_at_most(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now, most, lock = 0, 0, threading.Lock()

        class Slow:
            def verify(self, _hash: str, _password: str) -> bool:
                nonlocal now, most
                with lock:
                    now += 1
                    most = max(most, now)
                threading.Event().wait(0.05)
                with lock:
                    now -= 1
                return True

        monkeypatch.setattr(passwords, "_hasher", Slow())
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda _: passwords.password_holds("x", "hash"), range(8)))
        assert most == 2


class TestDemonstration:
    def settings(self, folder: Path, url: str = "") -> Settings:
        return Settings(var_dir=folder, database_url=url, demonstration=True)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
    def test_is_served_to_this_machine(self, tmp_path: Path, host: str) -> None:
        assert len(self.settings(tmp_path).checked(host=host).secret_key.get_secret_value()) >= 32

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "hospital.example"])  # noqa: S104
    def test_is_served_to_nobody_else(self, tmp_path: Path, host: str) -> None:
        with pytest.raises(InsecureSettings, match="this machine only"):
            self.settings(tmp_path).checked(host=host)

    def test_never_touches_a_database_server(self, tmp_path: Path) -> None:
        settings = self.settings(tmp_path, "postgresql://user:password@db.example/real")
        with pytest.raises(InsecureSettings, match="SQLite only") as refused:
            settings.checked()
        assert "password@" not in str(refused.value)

    def test_a_strong_secret_does_not_lift_the_guard(self, tmp_path: Path) -> None:
        settings = self.settings(tmp_path).model_copy(update={"secret_key": SecretStr("s" * 40)})
        with pytest.raises(InsecureSettings):
            settings.checked(host="0.0.0.0")  # noqa: S104

    def test_secret_is_kept_for_its_owner_and_leaves_nothing_beside_it(self, tmp_path: Path) -> None:
        first = self.settings(tmp_path).checked().secret_key
        assert self.settings(tmp_path).checked().secret_key == first
        assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
        assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("left", [b"", b"half", b"\xff\xfe"])
    def test_damaged_secret_is_replaced(self, tmp_path: Path, left: bytes) -> None:
        (tmp_path / "secret.key").write_bytes(left)
        secret = self.settings(tmp_path).checked().secret_key.get_secret_value()
        assert len(secret) >= 32
        assert (tmp_path / "secret.key").read_text() == secret


class TestCommands:
    """A mistake of the operator: one line, exit 2, no traceback, no password."""

    NEEDS_SCHEMA = (
        ("providers", "add", "R1A", "Trust"),
        ("users", "disable", "eleri", "--provider", "R1A"),
        ("keys", "add", "epr", "--provider", "R1A"),
        ("keys", "rotate", "epr", "--provider", "R1A"),
        ("serve", "--port", "1"),
    )

    def refusal(self, variables: Mapping[str, str], *words: str) -> str:
        done = CliRunner().invoke(commands.app, words, env=variables)
        assert done.exit_code == 2, done.output
        assert isinstance(done.exception, SystemExit)
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        return done.stderr

    @pytest.mark.parametrize("words", NEEDS_SCHEMA, ids=" ".join)
    def test_without_schema(self, tmp_path: Path, database_url: str, words: tuple[str, ...]) -> None:
        assert "run `autocoder migrate`" in self.refusal(environment(tmp_path, database_url), *words)

    @pytest.mark.parametrize("words", [*NEEDS_SCHEMA, ("migrate",)], ids=" ".join)
    @pytest.mark.parametrize("url", ["nonsense", "mysql://u:pa55word@h/d", "postgresql://u:pa55word@h:x/d"])
    def test_with_a_bad_database_url(self, tmp_path: Path, url: str, words: tuple[str, ...]) -> None:
        said = self.refusal(environment(tmp_path, url), *words)
        assert "AUTOCODER_DATABASE_URL" in said
        assert "pa55word" not in said

    @pytest.mark.parametrize("words", [NEEDS_SCHEMA[0], ("migrate",)], ids=" ".join)
    def test_where_no_server_answers(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        variables = environment(tmp_path, "postgresql://u:pa55word@127.0.0.1:1/d")
        assert "database is busy or away" in self.refusal(variables, *words)

    def test_in_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert "cannot be made" in self.refusal(environment(tmp_path / "file" / "folder"), "migrate")

    def test_serve_without_a_secret(self, tmp_path: Path) -> None:
        assert "AUTOCODER_SECRET_KEY must be set" in self.refusal(
            environment(tmp_path, secret_key=""), "serve", "--port", "1"
        )

    def test_serve_of_the_demonstration_to_everyone(self, tmp_path: Path) -> None:
        variables = environment(tmp_path, demonstration="true")
        assert "this machine only" in self.refusal(variables, "serve", "--host", "0.0.0.0")  # noqa: S104

    def test_demonstrate_in_a_database_server(self, tmp_path: Path) -> None:
        variables = environment(tmp_path, "postgresql://u:pa55word@127.0.0.1:1/d", demonstration="true")
        assert "SQLite only" in self.refusal(variables, "demonstrate")

    @pytest.mark.parametrize("value", ["many", "0", "-1"])
    def test_with_a_setting_out_of_range(self, tmp_path: Path, value: str) -> None:
        variables = environment(tmp_path, idempotency_days=value)
        assert self.refusal(variables, "serve").startswith("AUTOCODER_IDEMPOTENCY_DAYS: ")

    def test_with_a_schema_of_another_version(self, tmp_path: Path, database_url: str) -> None:
        db = Database(settings_for(tmp_path, database_url).database)
        migrate(db)
        with db.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
        db.close()
        variables = environment(tmp_path, database_url)
        assert "not one that this version knows" in self.refusal(variables, "migrate")
        assert "schema of this version" in self.refusal(variables, "serve")


def test_failing_settings_do_not_show_passwords() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(database_url="mysql://u:pa55word@h/d")
    assert "pa55word" not in str(refused.value)
