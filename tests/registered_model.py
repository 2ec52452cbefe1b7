"""A service whose models come from a registry: two small models under one name, as training leaves them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from models.bundle import write_bundle
from models.registry import Registry, RunRecord
from service.app import create_app
from service.config import Settings
from service.deps import Services
from service.identity import UserRole
from tests.fakes import StoppedClock
from tests.service_fixtures import Keys, prepare, settings_for
from tests.unit.models import small_model

NAME = "autocoder"
KNOWN_TO_FIRST_ONLY = "hypertension"


def register_two(registry: Registry, folder: Path) -> None:
    """Version 1, the champion, knows a phrase that version 2 does not. With few cues they open quickly."""
    language = small_model.language()
    cues = tuple(cue for cue in language.cues if len(cue.phrase) < 4)
    whole = replace(small_model.parts(), language=replace(language, cues=cues))
    fewer = tuple(term for term in whole.terms if term.phrase != KNOWN_TO_FIRST_ONLY)
    for number, parts in enumerate((whole, replace(whole, terms=fewer)), start=1):
        bundle = folder / f"written-{number}"
        write_bundle(bundle, parts)
        run_id = registry.record_run(RunRecord(experiment="test", name=str(number), bundle=bundle))
        registry.register(NAME, run_id)
    registry.set_alias(NAME, "champion", 1)


@dataclass(slots=True)
class Site:
    """A running service and what a test does to it."""

    settings: Settings
    registry: Registry
    client: TestClient
    keys: Keys
    clock: StoppedClock

    @property
    def services(self) -> Services:
        held: Services = self.client.app.state.services  # type: ignore[attr-defined]
        return held

    def headers(self, role: UserRole = UserRole.CODER) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys['A', role]}"}

    def post(self, text: str, spell: str, **facts: Any) -> Any:
        body = {"spell_number": spell, "documents": [{"id": "ds", "text": text}], **facts}
        answer = self.client.post("/v1/episodes", json=body, headers=self.headers(UserRole.EPR))
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@contextmanager
def open_site(folder: Path, registry: Registry, *, poll_seconds: float = 0.05) -> Iterator[Site]:
    settings = settings_for(folder).model_copy(
        update={"tracking_uri": registry.tracking_uri, "model_poll_seconds": poll_seconds}
    )
    keys, clock = prepare(settings), StoppedClock()
    app = create_app(settings, clock=clock)
    app.state.services.suggester.holder.refresh()
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Site(settings, registry, client, dict(keys), clock)
