"""Every page passes axe-core in the states that people meet; focus is seen; narrow screens can be used."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.automation_fixtures import post, support
from tests.browser.conftest import SignIn, Site, signing_in
from tests.browser.test_coding import accept, card, new_episode, opened

_LOOKED_AT: Any = {"exclude": [[".app-plot svg > *"]]}
"""A plot is one image, named as a whole; its numbers stand in a table under it."""


def violations(page: Page) -> list[str]:
    """In words: the rule, and where it is broken."""
    found: Any = Axe().run(page, context=_LOOKED_AT).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def test_sign_in_and_its_error(browser: Any, site: Site) -> None:
    page = browser.new_page(base_url=site.address)
    page.goto("/sign-in")
    assert violations(page) == []
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    page.close()


def test_administration(sign_in: SignIn) -> None:
    page = sign_in("admin-a")
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Add person").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Name of the system").fill("axe")
    page.get_by_role("button", name="Add key").click()
    expect(page.get_by_text("shown this once")).to_be_visible()
    assert violations(page) == []


def test_audits_and_automation(browser: Any, site_with_gate: Site) -> None:
    support(site_with_gate.stage, "supported")
    post(site_with_gate.stage, "blind")
    with signing_in(browser, site_with_gate) as sign_in:
        page = sign_in("manager-a")
        for address in ("/audits", "/automation"):
            page.goto(address)
            assert violations(page) == [], address
        page.get_by_role("button", name="Open Other day case").click()
        page.get_by_role("button", name="Close Other day case").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert violations(page) == []
        page.goto("/audits")
        page.get_by_role("button", name="Claim audit").click()
        assert violations(page) == []
        page.get_by_label("Add a diagnosis", exact=True).fill("I10 E11.9")
        page.keyboard.press("Enter")
        expect(page.get_by_role("list", name="Diagnoses")).to_contain_text("E11.9")
        assert violations(page) == []
        page.get_by_role("button", name="Store the second coding").click()
        expect(page.get_by_text("Compared, line by line")).to_be_visible()
        assert violations(page) == []


def test_episode_from_first_look_to_finalised(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    assert violations(page) == []
    accept(page, "J44.0")
    card(page, "E11.9").get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Rejected (1)")).to_be_visible()
    page.locator("#desk details:not(.app-menu, .app-attribution, .app-attribution *)").evaluate_all(
        "all => all.forEach((one) => (one.open = true))"
    )
    page.get_by_label("Add a code").fill("pneumonia")
    expect(page.locator(".app-hit").first).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Finalise").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Reject the rest").click()
    expect(page.get_by_text("nothing left to decide")).to_be_visible()
    page.get_by_role("button", name="Finalise").click()
    expect(page.get_by_role("button", name="Next episode")).to_be_visible()
    assert violations(page) == []


def test_menus_and_help(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    page.locator("#hold-menu > summary").click()
    assert violations(page) == []
    page.locator("h1").click()
    expect(page.locator("#hold-menu .app-menu__body")).to_be_hidden()
    page.keyboard.press("?")
    assert violations(page) == []


def test_episode_without_model(browser: Any, site_without_model: Site) -> None:
    with signing_in(browser, site_without_model) as sign_in:
        assert violations(opened(sign_in(), new_episode(site_without_model))) == []


@pytest.mark.parametrize("width", [1366, 1024, 640, 320])
def test_nothing_is_out_of_reach_on_any_screen(sign_in: SignIn, site: Site, width: int) -> None:
    page = sign_in()
    page.set_viewport_size({"width": width, "height": 768})
    opened(page, new_episode(site, "Diagnosis: hypertension. " * 200))
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    button = page.get_by_role("button", name="Finalise")
    button.scroll_into_view_if_needed()
    expect(button).to_be_in_viewport()
    if width >= 1024:
        assert page.evaluate("document.documentElement.scrollHeight") <= 768


def test_focus_can_be_seen_on_everything_that_takes_it(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    unseen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        state: Any = page.evaluate(
            """() => {
                const element = document.activeElement, style = getComputedStyle(element);
                return [element.outerHTML.slice(0, 120), element === document.body,
                        style.outlineStyle !== "none" || style.boxShadow !== "none"];
            }"""
        )
        if not state[1] and not state[2]:
            unseen.append(re.sub(r"\s+", " ", state[0]))
    assert unseen == []
