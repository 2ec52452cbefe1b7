"""Pages of audits and automation: blind before the audit is done, and managers open and close."""

import re
from dataclasses import replace
from typing import Any

import pytest

from service.identity import UserRole
from tests.automation_fixtures import STRATUM, GatedCoder, open_, post, serve, shown, support, waiting
from tests.page_client import PageClient, without_tokens
from tests.service_fixtures import Stage

CODES = ("I10", "I10.X", "I10X", "G45", "J44", "E11")


@pytest.fixture
def drawing(stage: Stage) -> Stage:
    settings = stage.services.settings.model_copy(update={"audit_share": 1.0})
    stage.app.state.services = replace(stage.services, settings=settings)
    serve(stage, GatedCoder())
    return stage


def signed_in(stage: Stage, username: str = "auditor-a") -> PageClient:
    pages = PageClient(stage)
    pages.sign_in(username)
    return pages


def fields(pages: PageClient, address: str) -> dict[str, str]:
    html = pages.get(address).text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


def claimed(stage: Stage, pages: PageClient) -> str:
    """The address of an audit that the reader has claimed."""
    (audit_id,) = waiting(stage)
    answer = pages.post(f"/audits/{audit_id}/claim", fields(pages, "/audits"))
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_the_source_of_a_blind_page_holds_no_suggestion_and_no_prior_code(drawing: Stage) -> None:
    """Even where a coder has finished the episode already."""
    episode = post(drawing, "S1")
    for line in episode["suggestions"]["undecided"]:
        episode = decided(drawing, episode, kind="accept", line=line["id"])
    decided(drawing, episode, kind="finalise")
    pages = signed_in(drawing)
    address = claimed(drawing, pages)
    for source in (without_tokens(pages.get(page).text) for page in ("/audits", address)):
        found = [words for words in (*CODES, "Finalised", "97%", "0.97", STRATUM) if words in source]
        assert found == []
    assert "Had a gastroscopy" in pages.get(address).text


def decided(stage: Stage, episode: Any, **decision: Any) -> Any:
    headers = stage.headers() | {"If-Match": f'"{episode["version"]}"'}
    path = f"/v1/episodes/{episode['id']}"
    assert stage.client.post(f"{path}/decisions", json=decision, headers=headers).status_code == 201
    return stage.client.get(path, headers=headers).json()


def test_the_episode_page_is_closed_to_who_codes_blind(drawing: Stage) -> None:
    episode = post(drawing, "S1")
    pages = signed_in(drawing)
    claimed(drawing, pages)
    answer = pages.get(f"/episodes/{episode['id']}")
    assert answer.status_code == 409
    assert "I10" not in without_tokens(answer.text)


def test_coders_have_no_audits_page(drawing: Stage) -> None:
    pages = signed_in(drawing, "coder-a")
    assert pages.get("/audits").status_code == 403
    assert 'href="/audits"' not in pages.get("/worklist").text


def test_a_manager_opens_and_closes_and_the_page_says_why(drawing: Stage) -> None:
    support(drawing, "S1")
    pages = signed_in(drawing, "manager-a")
    assert "no manager has" in pages.get("/automation").text
    address = f"/automation/{STRATUM}"
    assert pages.post(f"{address}/open", fields(pages, "/automation")).status_code == 303
    assert shown(drawing)["is_open"]
    assert "opened by Manager A: 0 of 59 blind audits wrong" in pages.get("/automation").text
    refused = pages.post(f"{address}/close", {**fields(pages, "/automation"), "reason": " "})
    assert refused.status_code == 422
    closing = {**fields(pages, "/automation"), "reason": "a new coding manual"}
    assert pages.post(f"{address}/close", closing).status_code == 303
    assert "a new coding manual" in pages.get("/automation").text
    assert not shown(drawing)["is_open"]


def test_an_auditor_sees_what_is_open_and_changes_nothing(drawing: Stage) -> None:
    support(drawing, "S1")
    pages = signed_in(drawing)
    page = pages.get("/automation").text
    assert "Day-case endoscopy" in page
    assert "/open" not in page
    sent = fields(pages, "/audits")
    assert pages.post(f"/automation/{STRATUM}/open", sent).status_code == 403
    assert open_(drawing, role=UserRole.AUDITOR).status_code == 403
