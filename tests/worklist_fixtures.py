"""Episodes for the worklist, and a reader of its page."""

import re
from collections.abc import Mapping
from typing import Any

from service.identity import UserRole
from tests.fakes import NOTE
from tests.page_client import PageClient
from tests.service_fixtures import Stage

SUMMARY = {"id": "ds", "text": NOTE}
HISTOLOGY = {"id": "h", "kind": "histology", "text": "Histology: carcinoma."}


def post(stage: Stage, spell: str, *documents: dict[str, str], **facts: object) -> Any:
    """An episode with these documents, a discharge summary by default; as it was answered."""
    body = {"spell_number": spell, "episode_number": "1", "documents": documents or (SUMMARY,), **facts}
    answer = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR))
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def read(stage: Stage, episode: Any) -> Any:
    """The episode as it stands now."""
    return stage.client.get(f"/v1/episodes/{episode['id']}", headers=stage.headers()).json()


def decide(stage: Stage, episode: Any, kind: str, by: UserRole = UserRole.CODER, **more: object) -> Any:
    """A decision through the API, on the version that stands."""
    headers = {**stage.headers(by), "If-Match": f'"{read(stage, episode)["version"]}"'}
    path = f"/v1/episodes/{episode['id']}/decisions"
    return stage.client.post(path, json={"kind": kind, **more}, headers=headers)


def shown(pages: PageClient, address: str = "/worklist") -> list[str]:
    """The spell numbers that the list shows, in its order."""
    page = pages.get(address)
    assert page.status_code == 200, page.text
    return re.findall(r'<th scope="row"><a [^>]*>(\S+)(?: / 1)?</a>', page.text)


def ticked(stage: Stage, *episodes: Any) -> list[str]:
    """What the checkboxes of these episodes send."""
    return [f"{episode['id']}.{read(stage, episode)['version']}" for episode in episodes]


def send(pages: PageClient, action: str, fields: Mapping[str, object] | None = None, **headers: str) -> Any:
    """A form of the list."""
    token = pages.hidden_fields("/worklist")["csrf_token"]
    return pages.client.post(
        f"/worklist/{action}", data={"csrf_token": token, **(fields or {})}, headers=headers
    )
