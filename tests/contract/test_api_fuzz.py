"""Whatever is sent, in whatever role: nothing breaks, and every answer is one that the document announces.

Schemathesis draws and enumerates requests from the OpenAPI document. At the end a table is printed.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from service.identity import CODING_ROLES, UserRole
from tests import postgres
from tests.automation_fixtures import GatedCoder
from tests.contract.fuzz import Outcome, fuzz, fuzz_story
from tests.fakes import FakeSource
from tests.printed import Say
from tests.service_fixtures import Stage, build_stage, settings_for

pytestmark = pytest.mark.timeout(900)

Run = Callable[[UserRole], Outcome]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """SQLite, with episodes and decisions in it."""
    stage = _seeded(tmp_path_factory.mktemp("fuzz"))
    yield stage
    stage.services.db.close()


@pytest.fixture(scope="module")
def run(seeded: Stage) -> Run:
    """What a role met; each role is run once, whichever test asks first."""

    @cache
    def outcome(role: UserRole) -> Outcome:
        found = fuzz(seeded, role)
        if role in CODING_ROLES:
            found.add(fuzz_story(seeded, role))
        return found

    return outcome


@pytest.mark.parametrize("role", UserRole)
def test_answers_keep_to_the_document_in_every_role(run: Run, role: UserRole) -> None:
    assert _problems(run(role)) == {}


def test_every_operation_succeeds_in_some_role(run: Run, say: Say) -> None:
    total = Outcome()
    for role in UserRole:
        total.add(run(role))
    say(total.table())
    never = [
        operation
        for operation, statuses in total.statuses.items()
        if not any(200 <= status < 300 for status in statuses)
    ]
    assert never == []
    assert len(total.statuses) >= 11
    assert total.cases.total() >= 2000


@pytest.mark.postgres
def test_answers_keep_to_the_document_on_postgresql(tmp_path: Path, say: Say) -> None:
    """An EPR sends most of what is stored."""
    with postgres.empty_database() as url:
        stage = _seeded(tmp_path, url)
        outcome = fuzz(stage, UserRole.EPR)
        stage.services.db.close()
    say(f"{outcome.cases.total()} cases")
    assert _problems(outcome) == {}


def _seeded(folder: Path, database_url: str = "") -> Stage:
    changes = {"model_poll_seconds": 3600, "audit_share": 1.0}
    settings = settings_for(folder, database_url).model_copy(update=changes)
    stage = build_stage(settings, FakeSource(GatedCoder()))
    for number in range(3):
        episode = stage.post_episode(spell=f"seeded-{number}")
        headers = stage.headers() | {"If-Match": f'"{episode["version"]}"'}
        claim = stage.client.post(
            f"/v1/episodes/{episode['id']}/decisions", json={"kind": "claim"}, headers=headers
        )
        assert claim.status_code == 201
    return stage


def _problems(outcome: Outcome) -> dict[str, str]:
    broken = {
        f"{operation} answered {status}": str(count)
        for operation, statuses in outcome.statuses.items()
        for status, count in statuses.items()
        if status >= 500
    }
    return outcome.failures | broken
