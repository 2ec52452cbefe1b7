"""Findings of the coding standards in a browser: an error blocks, the fix mends, the override is recorded."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site
from tests.browser.test_accessibility import violations
from tests.browser.test_coding import new_episode, opened


def episode_coded(site: Site, *codes: str) -> Any:
    """An episode whose suggestions are turned down, with these diagnoses instead."""
    episode = new_episode(site)
    decisions = [{"kind": "reject", "line": line["id"]} for line in episode["suggestions"]["undecided"]]
    decisions += [{"kind": "add", "role": "diagnosis", "code": code} for code in codes]
    for version, decision in enumerate(decisions, start=episode["version"]):
        answer = site.stage.client.post(
            f"/v1/episodes/{episode['id']}/decisions",
            json=decision,
            headers=site.stage.headers() | {"If-Match": f'"{version}"'},
        )
        assert answer.status_code == 201, answer.text
    return episode


def finalise(page: Page) -> None:
    page.get_by_role("button", name="Finalise").click()


def test_an_error_blocks_and_its_fix_mends_it(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), episode_coded(site, "J449", "J22X"))
    expect(page.locator(".app-finding--error")).to_contain_text("is J44.0 alone")
    finalise(page)
    expect(page.get_by_role("alert")).to_contain_text("is J44.0 alone")
    assert violations(page) == []
    page.get_by_role("button", name="Fix: J44.9 becomes J44.0").click()
    expect(page.locator("#diagnoses")).to_contain_text("J44.0")
    expect(page.locator(".app-finding--error")).to_have_count(0)
    finalise(page)
    expect(page.get_by_role("button", name="Next episode")).to_be_visible()


def test_an_auditor_overrides_with_a_reason(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in("auditor-a"), episode_coded(site, "E109", "E119"))
    page.locator(".app-finding--error summary").click()
    page.get_by_label("Why the coding is right").fill("pancreas transplant")
    page.locator(".app-finding--error").get_by_role("button", name="Override").click()
    expect(page.get_by_text("Overridden by")).to_be_visible()
    page.locator("#history > summary").click()
    expect(page.locator("#history")).to_contain_text("pancreas transplant")
    assert violations(page) == []
    finalise(page)
    expect(page.get_by_role("button", name="Next episode")).to_be_visible()


def test_the_standards_are_searched(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_role("link", name="Standards").click()
    page.get_by_label("Words, rule or code").fill("J44.0 pneumonia")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="Pneumonia in COPD is J44.0 with the pneumonia")).to_be_visible()
    page.locator("#copd-pneumonia summary").click()
    assert violations(page) == []
