"""Every page of the workbench for everybody who may see it: axe, reflow at 200 %, the order of focus.

The pages are found from the routes (tests/tour.py): one that is added is tried here without a word.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Page

from service.identity import UserRole
from tests import tour
from tests.automation_fixtures import GatedCoder, support
from tests.browser.conftest import SignIn, Site, served, signing_in
from tests.browser.opening import SCREEN
from tests.browser.test_accessibility import violations
from tests.fakes import FakeSource
from tests.furnishing import furnish
from tests.service_fixtures import build_stage, settings_for

pytestmark = pytest.mark.walk
ZOOMED = {"width": 683, "height": 384}
"""1366x768 at 200 %: WCAG 1.4.10 asks for no scrolling sideways."""
_MOST_STEPS = 250

ORDER = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const before = window.lastFocused;
  if (before && element.matches(".nhsuk-skip-link")) return null;
  window.lastFocused = element;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const complaints = [];
  const within = before === element;  // day, month and year of a date are stops of one field
  if (before && before.isConnected && !within && !(before.compareDocumentPosition(element) & 4)) {
    complaints.push("goes back");
  }
  if (element.tabIndex > 0) complaints.push("has a place of its own in the order");
  if (style.outlineStyle === "none" && style.boxShadow === "none") complaints.push("is not seen to have it");
  if (!box.width || !box.height) complaints.push("is not to be seen");
  return [element.outerHTML.slice(0, 120).replace(/\\s+/g, " "), complaints.join(", ")];
}"""
"""What the focus is on now, and what is wrong with that; nothing once it has gone all the way round."""


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Something of every kind at provider A, nothing at all at provider B."""
    settings = settings_for(tmp_path_factory.mktemp("full")).model_copy(update={"audit_share": 1.0})
    stage = build_stage(settings, FakeSource(GatedCoder()))
    support(stage, "supported")
    furnish(stage)
    with served(stage) as site:
        yield site


@cache
def pages_to_see(site_id: int, provider: str) -> tuple[tour.Stop, ...]:
    """Each page once for each way that it looks: roles that see the same share it."""
    stops = tour.walk_all(_SITES[site_id].stage, provider)
    return tuple({(stop.page, _looks(stop)): stop for stop in reversed(stops)}.values())[::-1]


_SITES: dict[int, Site] = {}


def seen_at(site: Site, provider: str = "a") -> tuple[tour.Stop, ...]:
    _SITES[id(site)] = site
    return pages_to_see(id(site), provider)


def _looks(stop: tour.Stop) -> str:
    """What is below the frame."""
    return stop.html.partition("</header>")[2].replace(f"{stop.role}", "")


def test_nobody_is_kept_from_a_page(full_site: Site) -> None:
    missing = tour.unreached(full_site.stage, list(seen_at(full_site)))
    assert missing == [], "give them a value in tests/tour.py, FILLED, or content in tests/furnishing.py"


@pytest.mark.parametrize("provider", ["a", "b"])
@pytest.mark.parametrize("role", tour.PEOPLE)
def test_axe_finds_nothing_on_any_page(browser: Any, full_site: Site, role: UserRole, provider: str) -> None:
    """Full at provider A, empty at provider B."""
    with signing_in(browser, full_site) as sign_in:
        wrong = {}
        for stop, page in visited(sign_in, full_site, role, provider):
            if found := violations(page):
                wrong[stop.address] = found
    assert wrong == {}


@pytest.mark.parametrize("role", tour.PEOPLE)
def test_no_page_scrolls_sideways_at_200_percent(browser: Any, full_site: Site, role: UserRole) -> None:
    with signing_in(browser, full_site) as sign_in:
        wrong = {}
        for stop, page in visited(sign_in, full_site, role, "a", ZOOMED):
            if found := overflowing(page):
                wrong[stop.address] = found
    assert wrong == {}


@pytest.mark.parametrize("role", tour.PEOPLE)
def test_focus_goes_down_every_page_and_is_seen(browser: Any, full_site: Site, role: UserRole) -> None:
    with signing_in(browser, full_site) as sign_in:
        wrong = {}
        for stop, page in visited(sign_in, full_site, role, "a", once=True):
            if found := list(misplaced(page)):
                wrong[stop.address] = found
    assert wrong == {}


def visited(
    sign_in: SignIn,
    site: Site,
    role: UserRole,
    provider: str,
    screen: dict[str, int] = SCREEN,
    *,
    once: bool = False,
) -> Iterator[tuple[tour.Stop, Page]]:
    """The pages of a role, open; those that an earlier role sees alike are left to it."""
    stops = [stop for stop in seen_at(site, provider) if stop.role is role]
    if once:
        stops = list({stop.page: stop for stop in reversed(stops)}.values())
    page = sign_in(f"{role}-{provider}")
    page.set_viewport_size(screen)  # type: ignore[arg-type]
    for stop in stops:
        page.goto(stop.address)
        yield stop, page


def overflowing(page: Page) -> list[str]:
    """The outermost elements that reach beyond the screen; none where the page itself does not scroll."""
    found: list[str] = page.evaluate(
        """() => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) return [];
          const wide = [...document.body.querySelectorAll("*")].filter((element) =>
            element.getBoundingClientRect().right > root.clientWidth + 1);
          return ["the page", ...wide.slice(0, 3).map((element) => element.outerHTML.slice(0, 120))];
        }"""
    )
    return found


def misplaced(page: Page) -> Iterator[str]:
    """What takes the focus out of order, unseen, or for ever."""
    for step in range(_MOST_STEPS):
        page.keyboard.press("Tab")
        state = page.evaluate(ORDER)
        if state is None:
            return
        if state[1]:
            yield f"step {step}: {state[1]}: {state[0]}"


class TestFailures:
    @pytest.mark.parametrize(
        ("username", "address"),
        [
            ("coder-a", "/nowhere"),
            ("coder-a", "/administration"),
            ("coder-a", "/episodes/3f1e9d3c-0000-4000-8000-000000000000"),
            ("coder-a", "/episodes/not-an-id"),
            ("coder-a", "/codes/icd10/J4477"),
            ("clinician-a", "/worklist"),
        ],
    )
    def test_a_failure_is_a_page_like_others(self, sign_in: SignIn, username: str, address: str) -> None:
        page = sign_in(username)
        page.goto(address)
        assert violations(page) == []
        page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
        assert overflowing(page) == []

    def test_signed_out(self, browser: Any, site: Site) -> None:
        page = browser.new_page(base_url=site.address, viewport=ZOOMED)
        page.goto("/worklist")
        assert "/sign-in" in page.url
        assert violations(page) == []
        assert overflowing(page) == []
        page.close()

    def test_an_episode_that_somebody_else_changed(self, sign_in: SignIn, site: Site) -> None:
        episode: Any = site.stage.post_episode("changed-meanwhile")
        page = sign_in()
        page.goto(f"/episodes/{episode['id']}")
        headers = site.stage.headers(UserRole.MANAGER) | {"If-Match": f'"{episode["version"]}"'}
        line = episode["suggestions"]["undecided"][0]["id"]
        path = f"/v1/episodes/{episode['id']}/decisions"
        site.stage.client.post(path, json={"kind": "reject", "line": line}, headers=headers)
        page.keyboard.press("a")
        page.get_by_role("alert").wait_for()
        assert violations(page) == []

    @pytest.mark.parametrize("address", ["/worklist", "/codes/icd10/J440"])
    def test_without_a_model(self, browser: Any, site_without_model: Site, address: str) -> None:
        with signing_in(browser, site_without_model) as sign_in:
            page = sign_in()
            page.goto(address)
            assert violations(page) == []
