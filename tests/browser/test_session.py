"""The end of a session in a browser: warned in time, and nothing typed is lost afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from tests.browser.conftest import SignIn, Site
from tests.browser.test_accessibility import violations
from tests.browser.test_coding import card, new_episode, opened
from tests.service_fixtures import PASSWORD


@contextmanager
def ended(site: Site) -> Iterator[None]:
    """Every session is too old meanwhile."""
    sessions = site.stage.services.sessions
    idle, sessions._idle_seconds = sessions._idle_seconds, -1
    yield
    sessions._idle_seconds = idle


def test_a_warning_comes_in_time_and_staying_ends_it(sign_in: SignIn) -> None:
    page = sign_in()
    page.clock.install()
    page.goto("/worklist")
    expect(page.locator("#session")).to_be_hidden()
    page.clock.fast_forward("57:00")
    expect(page.get_by_text("You will be signed out in 2 minutes.")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Stay signed in").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#session")).to_be_hidden()
    page.clock.fast_forward("01:01:00")
    expect(page.get_by_role("link", name="Sign in again in a new tab")).to_be_visible()
    assert violations(page) == []


def test_work_goes_on_at_the_same_place_with_what_was_sent(sign_in: SignIn, site: Site) -> None:
    episode = new_episode(site)
    page = opened(sign_in(), episode)
    with ended(site):
        card(page, "J44.0").get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Your session has ended.")).to_be_visible()
        assert violations(page) == []
    page.get_by_role("link", name="Sign in and go on").click()
    page.get_by_label("User name").fill("coder-a")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Do it now").click()
    expect(page.locator("#diagnoses")).to_contain_text("J44.0")


def test_what_was_typed_stays_on_the_page_while_another_tab_signs_in(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    page.get_by_label("Add a code").fill("gou")
    with ended(site):
        page.get_by_label("Add a code").press_sequentially("t")
        expect(page.get_by_text("Your session has ended.")).to_be_visible()
    expect(page.get_by_label("Add a code")).to_have_value("gout")
    tab = page.context.new_page()
    tab.goto("/sign-in?next=/session")
    tab.get_by_label("User name").fill("coder-a")
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", name="You are signed in again")).to_be_visible()
    assert violations(tab) == []
    page.get_by_label("Add a code").fill("gout, unspecified")
    page.locator(".app-hit").filter(has_text="M10.9").click()
    expect(page.locator("#diagnoses")).to_contain_text("M10.9")


def test_the_browser_keeps_nothing_of_what_is_typed(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    page.get_by_label("Add a code").fill("Mrs Jones")
    with ended(site):
        card(page, "J44.0").get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Your session has ended.")).to_be_visible()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Jones" not in stored
    assert "Jones" not in page.url
