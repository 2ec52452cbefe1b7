"""Queries in a browser: asked about selected words, answered by a clinician, by keys alone and with axe."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site
from tests.browser.test_accessibility import violations
from tests.browser.test_coding import new_episode, opened, select_words


def tab_to(page: Page, name: str, most: int = 80) -> None:
    """By keys alone, to the control of this name."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found: Any = page.evaluate(
            """() => {
                const element = document.activeElement;
                const labels = [...(element.labels ?? [])].map((label) => label.textContent);
                return [element.textContent, element.id, ...labels].map((text) => (text ?? "").trim());
            }"""
        )
        if name in found:
            return
    pytest.fail(f"no way by Tab to {name}")


def test_words_selected_on_the_episode_are_asked_about_and_answered(sign_in: SignIn, site: Site) -> None:
    episode = new_episode(site)
    page = opened(sign_in(), episode)
    select_words(page, "exacerbation of COPD")
    page.locator("#ask-clinician").click()
    page.wait_for_url("**/queries/new?**")
    assert "COPD" not in page.url
    expect(page.locator("#evidence-words")).to_have_text("exacerbation of COPD")
    page.get_by_role("button", name="What the words mean").click()
    expect(page.get_by_label("Question")).to_have_value("What do the words shown mean for this episode?")
    assert violations(page) == []
    page.get_by_role("button", name="Put the query").click()
    expect(page.get_by_text("On hold", exact=True).first).to_be_visible()
    assert violations(page) == []

    clinician = sign_in("clinician-a")
    assert violations(clinician) == []
    clinician.get_by_role("link", name="What do the words shown").last.click()
    expect(clinician.locator("mark").first).to_contain_text("exacerbation of COPD")
    assert violations(clinician) == []
    clinician.get_by_role("button", name="Answer").click()
    expect(clinician.get_by_role("alert")).to_be_visible()
    assert violations(clinician) == []
    clinician.get_by_label("In your own words").fill("An infective exacerbation.")
    clinician.get_by_role("button", name="Answer").click()
    expect(clinician.get_by_text("Answered")).to_be_visible()
    assert violations(clinician) == []

    page.goto(f"/episodes/{episode['id']}")
    page.get_by_role("link", name="Answer to a query").click()
    expect(page.get_by_text("An infective exacerbation.")).to_be_visible()


def test_a_query_is_worded_put_and_withdrawn_by_keys_alone(sign_in: SignIn, site: Site) -> None:
    episode = new_episode(site)
    page = opened(sign_in(), episode)
    tab_to(page, "Ask the clinician")
    page.keyboard.press("Enter")
    page.wait_for_url("**/queries/new")
    tab_to(page, "Words asked about")
    page.keyboard.type("type 2 diabetes")
    tab_to(page, "Question")
    page.keyboard.type("Was this pneumonia? Please confirm.")
    tab_to(page, "Put the query")
    page.keyboard.press("Enter")
    expect(page.locator("#concerns")).to_contain_text("pneumonia")
    assert violations(page) == []
    tab_to(page, "Put it all the same")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/episodes/{episode['id']}")
    tab_to(page, "See the query")
    page.keyboard.press("Enter")
    expect(page.locator("#queries")).to_contain_text("type 2 diabetes")
    assert violations(page) == []
    page.get_by_role("link", name="Was this pneumonia?").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("in spite of 3 concerns")).to_be_visible()
    assert violations(page) == []
    tab_to(page, "Withdraw the query")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Withdrawn by Coder A")).to_be_visible()
    assert violations(page) == []


def test_a_clinician_answers_by_keys_alone_and_without_script(sign_in: SignIn, site: Site) -> None:
    episode = new_episode(site)
    headers = site.stage.headers() | {"If-Match": f'"{episode["version"]}"'}
    sent = {
        "evidence": {"document": "ds", "start": 11, "end": 31},
        "question": "How certain was this?",
        "options": ["Established"],
    }
    path = f"/v1/episodes/{episode['id']}/queries"
    query = site.stage.client.post(path, json=sent, headers=headers).json()["id"]
    page = sign_in("clinician-a", script=False)
    page.goto(f"/queries/{query}")
    tab_to_option = page.get_by_label("Established")
    tab_to_option.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("By the second day.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".app-query__said")).to_have_text("Established\nBy the second day.")


def test_clinicians_are_linked_by_the_manager(sign_in: SignIn) -> None:
    page = sign_in("manager-a")
    page.goto("/clinician-accounts")
    page.get_by_label("Clinician code of Clinician A").fill("C1234567")
    page.get_by_role("button", name="Save Clinician A").click()
    expect(page.get_by_label("Clinician code of Clinician A")).to_have_value("C1234567")
    assert violations(page) == []
    page.get_by_label("Clinician code of Clinician A").fill("")
    page.get_by_role("button", name="Save Clinician A").click()


@pytest.mark.parametrize("width", [1366, 683, 320])
def test_pages_of_queries_fit_any_screen(sign_in: SignIn, site: Site, width: int) -> None:
    page = sign_in()
    page.set_viewport_size({"width": width, "height": 768})
    for address in (f"/episodes/{new_episode(site)['id']}/queries/new", "/queries"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
