"""Progress in a browser: plots under the strict policy, the numbers beside them, axe."""

from playwright.sync_api import expect

from service.identity import UserRole
from tests.browser.conftest import SignIn, Site
from tests.browser.test_accessibility import violations
from tests.browser.test_coding import accept, opened
from tests.worklist_fixtures import decide, post


def test_my_day_the_team_and_the_numbers_under_each_plot(sign_in: SignIn, site: Site) -> None:
    """The page is watched: a style or script that the policy refuses would be a complaint."""
    episode = post(site.stage, "PROGRESS", {"id": "ds", "text": "type 2 diabetes"})
    page = opened(sign_in(), episode)
    accept(page, "E11.9")
    page.get_by_role("button", name="Finalise").click()
    expect(page.get_by_role("button", name="Next episode")).to_be_visible()
    post(site.stage, "PROGRESS-OPEN")
    page.get_by_role("link", name="Progress").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    expect(page.locator(".app-plot svg")).to_have_count(3)
    for summary in page.locator(".app-plot__numbers > summary").all():
        summary.click()
    mine = page.locator("figure", has_text="What I made of suggestions")
    expect(mine.locator("tbody tr").last).to_contain_text("2 Mar")
    assert violations(page) == []
    expect(page.get_by_role("heading", name="Each coder")).to_have_count(0)


def test_managers_see_each_coder(sign_in: SignIn, site: Site) -> None:
    episode = post(site.stage, "EACH", {"id": "ds", "text": "type 2 diabetes"})
    page = opened(sign_in(), episode)
    accept(page, "E11.9")
    manager = sign_in("manager-a")
    manager.goto("/progress")
    expect(manager.get_by_role("row", name="Coder A")).to_be_visible()
    assert violations(manager) == []


def test_with_nothing_done_the_page_says_so(sign_in: SignIn, site: Site) -> None:
    decide(site.stage, post(site.stage, "SEEN"), "claim", by=UserRole.MANAGER)
    page = sign_in("auditor-a")
    page.goto("/progress")
    expect(page.get_by_text("No decision on a suggestion in the last 30 days.")).to_be_visible()
    assert violations(page) == []
