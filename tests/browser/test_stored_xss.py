"""Hostile texts in a browser: nothing runs, nothing is fetched, no dialog, nothing on the console."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from service.identity import UserRole
from tests import tour
from tests.automation_fixtures import GatedCoder
from tests.browser.conftest import Site, served, signing_in
from tests.fakes import FakeSource
from tests.furnishing import furnish
from tests.service_fixtures import build_stage, settings_for
from tests.xss_corpus import ACTIVE, CANARY, PAYLOADS

pytestmark = pytest.mark.walk
SETTLED_MS = 30
"""Time for what loads, animates or is triggered by loading."""
EVERY_EPISODE = {"/episodes/{episode_id}": 2 * len(PAYLOADS)}


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = settings_for(tmp_path_factory.mktemp("hostile")).model_copy(update={"audit_share": 0.2})
    stage = build_stage(settings, FakeSource(GatedCoder()))
    furnish(stage, PAYLOADS)
    with served(stage) as site:
        yield site


@pytest.mark.parametrize("role", [UserRole.CODER, UserRole.MANAGER, UserRole.ADMIN, UserRole.AUDITOR])
def test_no_page_lets_a_text_act(browser: Any, hostile_site: Site, role: UserRole) -> None:
    """A coder looks at every episode; the others at the pages that are theirs."""
    more = EVERY_EPISODE if role is UserRole.CODER else {}
    stops = tour.Tour(hostile_site.stage, role, more=more).walk()
    with signing_in(browser, hostile_site) as sign_in:
        page = sign_in(f"{role}-a")
        page.add_init_script(CANARY)
        for stop in stops:
            page.goto(stop.address)
            assert what_acted(page) == [], stop.address


def what_acted(page: Page) -> list[str]:
    """Elements that act or were made by a text; `sang` where one has run."""
    page.wait_for_timeout(SETTLED_MS)
    found: list[str] = page.evaluate(ACTIVE)
    return [*found, "sang"] if page.evaluate("Boolean(window.sang)") else found
