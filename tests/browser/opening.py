"""Chromium, and a coder signed in."""

import shutil

from playwright.sync_api import Browser, Page, Playwright

from tests.service_fixtures import PASSWORD

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-zygote",
    "--in-process-gpu",
)
"""The last two: on a small machine the full browser opens a page in 0.6 s instead of 1.6 s."""
SCREEN = {"width": 1366, "height": 768}


_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The shell first: the same engine, which opens a page in a sixth of the time."""


def chromium() -> str | None:
    """The path of the installed browser."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))


def signed_in(page: Page, username: str = "coder-a", password: str = PASSWORD) -> Page:
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    page.set_default_timeout(60_000)
    page.goto("/sign-in")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def through_menu(page: Page, label: str) -> None:
    """Opens a place of the menu, in sight or under More."""
    menu = page.get_by_role("navigation", name="Menu")
    link = menu.get_by_role("link", name=label, exact=True)
    if not link.is_visible():
        menu.locator("summary").click()
    link.click()
