"""The service that is fuzzed: episodes that coders hold already, and every finalised one drawn for audit."""

from pathlib import Path

from tests.automation_fixtures import GatedCoder
from tests.fakes import FakeSource
from tests.service_fixtures import Stage, build_stage, settings_for


def seeded_stage(folder: Path, database_url: str = "") -> Stage:
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
