"""A service on a database of its own: two providers, and in each an account and a key of every role.

Every test that uses `stage` runs on SQLite, and on PostgreSQL where a server is found (tests/postgres.py).
With CI=true a missing server fails.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import make_url
from starlette.testclient import TestClient

from service.accounts import directory
from service.app import create_app, hold
from service.config import Settings
from service.db import Database
from service.deps import Services
from service.identity import Actor, ActorKind, UserRole
from service.schema import migrate
from service.tables import Account
from tests import postgres
from tests.fakes import NOTE, FakeSource, StoppedClock
from tests.patience import BUSY_MS

PASSWORD = "correct horse battery"
SECRET = "a secret for tests that is long enough"


Keys = dict[tuple[str, UserRole], str]
"""Secret of the key of a role, by provider code ("A", "B")."""


@dataclass(slots=True)
class Stage:
    """What a test plays on."""

    app: FastAPI
    client: TestClient
    source: FakeSource
    clock: StoppedClock
    keys: Keys = field(default_factory=dict)

    @property
    def services(self) -> Services:
        held: Services = self.app.state.services
        return held

    def headers(self, role: UserRole = UserRole.CODER, provider: str = "A") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[provider, role]}"}

    def refresh_model(self) -> None:
        self.services.suggester.holder.refresh()

    def post_episode(self, spell: str = "S1", text: str = NOTE, provider: str = "A") -> dict[str, object]:
        """An episode with one discharge summary, as it was answered."""
        body = {"spell_number": spell, "episode_number": "1", "documents": [{"id": "ds", "text": text}]}
        answer = self.client.post("/v1/episodes", json=body, headers=self.headers(UserRole.EPR, provider))
        assert answer.status_code in (200, 201), answer.text
        episode: dict[str, object] = answer.json()
        return episode


def build_stage(settings: Settings, source: FakeSource | None = None) -> Stage:
    """The service on the empty database of the settings, with everyone in it; its model is loaded."""
    return open_stage(settings, prepare(settings), source)


def prepare(settings: Settings) -> Keys:
    """Tables and people, in an empty database."""
    db = Database(settings.database, busy_timeout_ms=settings.busy_timeout_ms)
    migrate(db)
    keys = populate(db, StoppedClock())
    db.close()
    return keys


@cache
def _shared_application() -> FastAPI:
    """The routes, built once: each `stage` gives them a database and a model of its own, one at a time."""
    return create_app(Settings(secret_key=SecretStr(SECRET)), model_source=FakeSource())


def open_stage(
    settings: Settings,
    keys: Keys,
    source: FakeSource | None = None,
    app: FastAPI | None = None,
    db: Database | None = None,
) -> Stage:
    """The service on a prepared database.

    Args:
        app: routes that nobody else uses meanwhile.
        db: the database of the settings, which knows how to put its statements already.
    """
    source, clock = source or FakeSource(), StoppedClock()
    if app is None:
        app = create_app(settings, model_source=source, clock=clock)
    else:
        hold(app, settings, model_source=source, clock=clock, db=db)
    stage = Stage(app, TestClient(app, raise_server_exceptions=False), source, clock, dict(keys))
    stage.refresh_model()
    return stage


def populate(db: Database, clock: StoppedClock) -> Keys:
    keys = {}
    with db.write() as session:
        for code in ("A", "B"):
            provider = directory.add_provider(session, code, f"Provider {code}", at=clock.now())
            operator = directory.operator(provider.id)
            for role in UserRole:
                _, keys[code, role] = directory.add_key(session, operator, role, role, at=clock.now())
                if role is not UserRole.EPR:
                    session.add(_account(provider.id, code, role, clock))
    return keys


@cache
def _quick_hash() -> str:
    """With the least work that argon2 does: it is slow on purpose, and thousands of tests sign in."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _account(provider_id: str, code: str, role: UserRole, clock: StoppedClock) -> Account:
    """Signs in as `coder-a` and so on."""
    return Account(
        id=directory.new_id(),
        provider_id=provider_id,
        username=f"{role}-{code.lower()}",
        name=f"{role.title()} {code}",
        role=role,
        password_hash=_quick_hash(),
        session_epoch=0,
        demonstration=False,
        created_at=clock.now(),
    )


def settings_for(folder: Path, database_url: str = "") -> Settings:
    return Settings(
        var_dir=folder,
        database_url=database_url,
        secret_key=SecretStr(SECRET),
        secure_cookies=False,
        model_poll_seconds=0.2,
        busy_timeout_ms=BUSY_MS,
        outgoing_allowed="127.0.0.1",
        audit_share=1e-12,  # tests that want audits say so
    )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of each kind; empty means SQLite in the settings' folder."""
    if request.param == "sqlite":
        yield ""
    else:
        with postgres.empty_database() as url:
            yield url


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Keys]:
    """Migrations and people once a session: a file as it was prepared, and the place where each test finds
    it so."""
    settings = settings_for(tmp_path_factory.mktemp("prepared"))
    keys = prepare(settings)
    prepared = settings.var_dir / "autocoder.db"
    return prepared, prepared.with_name("staged.db"), keys


@pytest.fixture(scope="session")
def prepared_postgres() -> Iterator[tuple[postgres.Refilled, Keys]]:
    """A database that each test finds as it was prepared."""
    with postgres.empty_database() as url:
        keys = prepare(settings_for(Path("unused"), url))
        refilled = postgres.Refilled(make_url(url).database or "")
        yield refilled, keys
        refilled.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    kind = _on_sqlite if request.param == "sqlite" else _on_postgres
    with kind(request, tmp_path) as built:
        yield built
        built.services.db.close()


@contextmanager
def _on_sqlite(request: pytest.FixtureRequest, folder: Path) -> Iterator[Stage]:
    prepared, place, keys = request.getfixturevalue("prepared_sqlite")
    for left in place.parent.glob(f"{place.name}*"):
        left.unlink()
    shutil.copy(prepared, place)
    yield _staged(folder, f"sqlite:///{place}", keys)


@contextmanager
def _on_postgres(request: pytest.FixtureRequest, folder: Path) -> Iterator[Stage]:
    prepared, keys = request.getfixturevalue("prepared_postgres")
    yield _staged(folder, prepared.ready(), keys)


def _staged(folder: Path, url: str, keys: Keys) -> Stage:
    app, db = _shared_application(), _database(url)
    return open_stage(settings_for(folder, url), keys, app=app, db=db)


@cache
def _database(url: str) -> Database:
    """One for all tests of a place: a fifth of their time went into putting the same statements anew."""
    return Database(url)


@pytest.fixture
def coder_actor(stage: Stage) -> Actor:
    with stage.services.db.read() as session:
        provider = directory.provider_by_code(session, "A")
    return Actor(ActorKind.SYSTEM, "test", "Test Coder", UserRole.CODER, provider.id)
