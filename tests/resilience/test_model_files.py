"""A model that is damaged or gone: the service lives, people code by hand, a mended one serves by itself."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from data.classifications import load_classification
from data.episodes import Role
from models.registry import Registry, RunRecord
from service.app import create_app
from service.db import Database
from service.identity import UserRole
from service.schema import migrate
from service.serving.holder import ModelHolder, RegistrySource
from tests.fakes import StoppedClock
from tests.patience import PATIENCE_SECONDS
from tests.resilience.model_store import Store, make_store
from tests.resilience.server import Server, running
from tests.service_fixtures import populate, settings_for

FILES = ("manifest.json", "terms.json", "language.json", "ranker.json", "primary.json")
TEXT = "Diagnosis: exacerbation of COPD. PMH: type 2 diabetes, hypertension."


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("store"))


def delete(path: Path) -> None:
    path.unlink()


def flip(path: Path) -> None:
    """One bit of what the manifest states of a file, or of the middle of another file."""
    content = bytearray(path.read_bytes())
    place = content.index(b"sha256") + 20 if path.name == "manifest.json" else len(content) // 2
    content[place] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@contextmanager
def damaged(path: Path, damage: Callable[[Path], None]) -> Iterator[None]:
    whole = path.read_bytes()
    damage(path)
    try:
        yield
    finally:
        path.write_bytes(whole)


@dataclass(frozen=True, slots=True)
class Caller:
    """An EPR and a coder."""

    keys: Mapping[tuple[str, UserRole], str]
    call: Callable[[str, str, Mapping[str, str], Any], tuple[int, Any]]

    def get(self, path: str) -> Any:
        return self.call("GET", path, self._headers(UserRole.CODER), None)[1]

    def post_episode(self, spell: str) -> Any:
        body = {"spell_number": spell, "documents": [{"id": "ds", "text": TEXT}]}
        status, episode = self.call("POST", "/v1/episodes", self._headers(UserRole.EPR), body)
        assert status == 201
        return episode

    def suggestions(self) -> int:
        return self.call("POST", "/v1/suggestions", self._headers(UserRole.EPR), {"text": TEXT})[0]

    def code_by_hand(self, episode: Mapping[str, Any]) -> str:
        """The status after adding a diagnosis and finalising."""
        version = episode["version"]
        answer: Any = {}
        for body in ({"kind": "add", "role": "diagnosis", "code": "J44.1"}, {"kind": "finalise"}):
            headers = self._headers(UserRole.CODER) | {"If-Match": f'"{version}"'}
            status, answer = self.call("POST", f"/v1/episodes/{episode['id']}/decisions", headers, body)
            assert status == 201, answer
            version = answer["version"]
        return str(answer["status"])

    def wait_for_suggestions(self, episode: Mapping[str, Any]) -> list[str]:
        """Codes suggested by the backlog."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self.get(f"/v1/episodes/{episode['id']}")["suggestions"]
            if found is not None:
                return [line["code"] for line in found["undecided"] + found["candidates"]]
            time.sleep(0.05)
        raise TimeoutError("no suggestions came")

    def _headers(self, role: UserRole) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys['A', role]}"}


@contextmanager
def service_on(store: Store, folder: Path) -> Iterator[Caller]:
    """In this process, with its threads running."""
    settings = settings_for(folder).model_copy(update={"tracking_uri": store.uri})
    keys = new_database(settings.database)
    app = create_app(settings)
    with TestClient(app) as client:

        def call(method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
            answer = client.request(method, path, headers=dict(headers), json=body)
            return answer.status_code, answer.json()

        yield Caller(keys, call)


def new_database(url: str) -> dict[tuple[str, UserRole], str]:
    db = Database(url)
    migrate(db)
    keys = populate(db, StoppedClock())
    db.close()
    return keys


def wait_for_reason(caller: Caller, part: str) -> str:
    """What /readyz says of the model, once it says this."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    reason = ""
    while part not in reason and time.monotonic() < deadline:
        reason = str(caller.call("GET", "/readyz", {}, None)[1]["model"])
        time.sleep(0.05)
    return reason


@pytest.mark.parametrize("damage", [delete, flip, truncate])
@pytest.mark.parametrize("name", FILES)
def test_damaged_file_stops_suggestions_only_and_mending_it_is_enough(
    store: Store, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    path = store.bundle / name
    whole = path.read_bytes()
    with damaged(path, damage), service_on(store, tmp_path) as caller:
        part = name.removesuffix(".json")
        assert part in wait_for_reason(caller, part)
        assert caller.call("GET", "/readyz", {}, None)[0] == 503
        assert caller.call("GET", "/healthz", {}, None)[0] == 200
        waiting, other = caller.post_episode("S1"), caller.post_episode("S2")
        assert (waiting["suggestions"], part in waiting["suggestions_reason"]) == (None, True)
        assert caller.code_by_hand(other) == "finalised"
        assert caller.suggestions() == 503
        path.write_bytes(whole)
        assert "J441" in caller.wait_for_suggestions(waiting)
        assert caller.suggestions() == 200
        assert caller.get(f"/v1/episodes/{other['id']}")["suggestions"] is None
        assert caller.call("GET", "/readyz", {}, None)[0] == 200


def test_model_that_serves_stays_when_its_stored_files_are_damaged(store: Store, tmp_path: Path) -> None:
    with service_on(store, tmp_path) as caller:
        assert wait_for_reason(caller, "ok") == "ok"
        with damaged(store.bundle / "terms.json", delete):
            time.sleep(0.6)
            assert caller.suggestions() == 200


def test_version_whose_files_are_another_model_is_refused(store: Store, tmp_path: Path) -> None:
    """Whole and well made, but not what training recorded under this version."""
    registry = Registry(store.uri)

    def register(digest: str) -> RegistrySource:
        record = RunRecord(
            experiment="test", name="digest", bundle=store.bundle, tags={"model_digest": digest}
        )
        version = registry.register("digest", registry.record_run(record))
        tables = {Role.DIAGNOSIS: load_classification("icd10"), Role.PROCEDURE: load_classification("opcs4")}
        return RegistrySource(store.uri, f"digest/{version}", tmp_path, tables)

    true = sha256((store.bundle / "manifest.json").read_bytes()).hexdigest()
    assert register(true).open().version.digest == true
    holder = ModelHolder(register("f" * 64), poll_seconds=1)
    holder.refresh()
    assert holder.serving.coder is None
    assert "is another model than was recorded" in holder.serving.reason


def test_a_model_of_another_format_is_refused_with_what_to_do(store: Store, tmp_path: Path) -> None:
    manifest = store.bundle / "manifest.json"

    def older(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_bytes()) | {"format_version": 1}))

    with damaged(manifest, older), service_on(store, tmp_path) as caller:
        reason = wait_for_reason(caller, "format version 1")
        assert "autocoder train --register NAME --alias champion" in reason
        assert caller.code_by_hand(caller.post_episode("S1")) == "finalised"


def test_no_store_at_all_is_said_and_coding_by_hand_works(tmp_path: Path) -> None:
    nowhere = Store(f"sqlite:///{tmp_path / 'nowhere' / 'mlflow.db'}", tmp_path)
    with service_on(nowhere, tmp_path) as caller:
        assert "there is no model store" in wait_for_reason(caller, "store")
        assert caller.code_by_hand(caller.post_episode("S1")) == "finalised"


def test_served_process_lives_through_a_damaged_model_and_its_mending(store: Store, tmp_path: Path) -> None:
    keys = new_database(settings_for(tmp_path).database)
    server = Server(tmp_path, tracking_uri=store.uri, model_poll_seconds="0.2")
    path = store.bundle / "ranker.json"
    whole = path.read_bytes()
    with damaged(path, truncate), running(server):
        caller = Caller(keys, calling(server))
        assert "ranker.json" in wait_for_reason(caller, "ranker.json")
        waiting = caller.post_episode("S1")
        assert waiting["suggestions"] is None
        path.write_bytes(whole)
        assert "J441" in caller.wait_for_suggestions(waiting)
        server.wait_for("/readyz")


def calling(server: Server) -> Callable[[str, str, Mapping[str, str], Any], tuple[int, Any]]:
    def call(method: str, path: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body)
        connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
        with closing(connection):
            connection.request(method, path, content, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    return call
