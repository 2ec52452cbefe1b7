"""A service on a database of its own: two providers, and in each an account and a key of every role.

Every test that uses `stage` runs on SQLite, and on PostgreSQL where a server is found (tests/postgres.py).
With CI=true a missing server fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from service.accounts import directory
from service.accounts.passwords import hash_password
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.deps import Services
from service.identity import Actor, ActorKind, UserRole
from service.schema import migrate
from service.tables import Account
from tests import postgres
from tests.fakes import NOTE, FakeSource, StoppedClock

PASSWORD = "correct horse battery"
SECRET = "a secret for tests that is long enough"
_HASH: list[str] = []


@dataclass(slots=True)
class Stage:
    """What a test plays on."""

    app: FastAPI
    client: TestClient
    source: FakeSource
    clock: StoppedClock
    keys: dict[tuple[str, UserRole], str] = field(default_factory=dict)
    """Secret of the key of a role, by provider code ("A", "B")."""

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
    """The service on the database of the settings, with everyone in it; its model is loaded."""
    source, clock = source or FakeSource(), StoppedClock()
    db = Database(settings.database)
    migrate(db)
    keys = populate(db, clock)
    db.close()
    app = create_app(settings, model_source=source, clock=clock)
    stage = Stage(app, TestClient(app, raise_server_exceptions=False), source, clock, keys)
    stage.refresh_model()
    return stage


def populate(db: Database, clock: StoppedClock) -> dict[tuple[str, UserRole], str]:
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


def _account(provider_id: str, code: str, role: UserRole, clock: StoppedClock) -> Account:
    """Signs in as `coder-a` and so on; hashed once, because argon2 is slow on purpose."""
    if not _HASH:
        _HASH.append(hash_password(PASSWORD))
    return Account(
        id=directory.new_id(),
        provider_id=provider_id,
        username=f"{role}-{code.lower()}",
        name=f"{role.title()} {code}",
        role=role,
        password_hash=_HASH[0],
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
    )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of each kind; empty means SQLite in the settings' folder."""
    if request.param == "sqlite":
        yield ""
    else:
        with postgres.empty_database() as url:
            yield url


@pytest.fixture
def stage(tmp_path: Path, database_url: str) -> Iterator[Stage]:
    built = build_stage(settings_for(tmp_path, database_url))
    yield built
    built.services.db.close()


@pytest.fixture
def coder_actor(stage: Stage) -> Actor:
    with stage.services.db.read() as session:
        provider = directory.provider_by_code(session, "A")
    return Actor(ActorKind.SYSTEM, "test", "Test Coder", UserRole.CODER, provider.id)
