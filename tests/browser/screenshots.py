"""Takes the pictures of the workbench in docs/images from a running demonstration.

usage: python -m tests.browser.screenshots [--address http://127.0.0.1:8000] [--episode DEMO00007]
       [--to docs/images]

An episode (`workbench.png`), a finding of the standards (`finding.png`), two coders at once (`conflict.png`),
the episode at 200 % (`workbench-200.png`), and worklist, code book and progress at both sizes.
What is decided for them is undone.
"""

import argparse
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from service.demonstration import PASSWORD
from tests.browser.opening import SCREEN, launched

FOLDER = Path(__file__).parents[2] / "docs" / "images"
OTHERS = (("worklist", "/worklist"), ("codes", "/codes/icd10/J440"), ("progress", "/progress"))
ZOOMED = {"width": 683, "height": 384}
"""What a screen of 1366 x 768 shows at 200 %."""
_ACCEPTED = 3
_LOOKED_AT = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--episode", help="spell number; by default one that has much to show is looked for")
    parser.add_argument("--to", type=Path, default=FOLDER)
    wanted = parser.parse_args()
    wanted.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        page, second = (browser.new_page(viewport=SCREEN, base_url=wanted.address) for _ in range(2))  # type: ignore[arg-type]
        sign_in(page)
        address = address_of(page, wanted.episode)
        sign_in(second, "manager")
        second.goto(address)
        page.goto(address)
        done = work_a_little(page)
        page.screenshot(path=wanted.to / "workbench.png")
        conflict(second, wanted.to / "conflict.png")
        finding(page, wanted.to / "finding.png")
        press(page, *"u" * (done + 1))
        page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
        page.screenshot(path=wanted.to / "workbench-200.png")
        others(page, wanted.to)
        browser.close()
    print(f"In {wanted.to}.")


def others(page: Page, folder: Path) -> None:
    """Pages beside the episode, at both sizes."""
    for screen, ending in ((SCREEN, ""), (ZOOMED, "-200")):
        page.set_viewport_size(screen)  # type: ignore[arg-type]
        for name, address in OTHERS:
            page.goto(address)
            page.screenshot(path=folder / f"{name}{ending}.png")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_function("() => document.body.dataset.busy !== 'true'")


def conflict(page: Page, picture: Path) -> None:
    """Rejects what somebody else has accepted meanwhile."""
    press(page, "r")
    expect(page.get_by_role("alert")).to_be_visible()
    page.screenshot(path=picture)


def finding(page: Page, picture: Path) -> None:
    """Two codes that do not go together."""
    press(page, "/")
    page.keyboard.type("I500 I501")
    press(page, "Enter", "Escape")
    page.locator(".app-finding").first.scroll_into_view_if_needed()
    page.screenshot(path=picture)


def sign_in(page: Page, username: str = "coder") -> None:
    page.goto("/sign-in")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/worklist")


def address_of(page: Page, spell: str | None) -> str:
    """The page of that episode; or of the one first due that has most to show."""
    if spell is None:
        links = page.locator(".app-worklist tbody th a").all()
        addresses = [link.get_attribute("href") or "" for link in links][:_LOOKED_AT]
        return max(addresses, key=lambda address: _richness(page, address))
    wanted, following = page.locator(".app-worklist tbody th a", has_text=spell), page.locator("a[rel=next]")
    while not wanted.count() and following.count():
        following.click()
    return wanted.first.get_attribute("href") or ""


def _richness(page: Page, address: str) -> int:
    """Suggestions and documents, up to what fits on the screen."""
    page.goto(address)
    suggestions = page.locator("[data-undecided]").count()
    return min(suggestions, 9) + 2 * min(page.locator(".app-document").count(), 3)


def work_a_little(page: Page) -> int:
    """Some codes accepted, the next one selected; returns how many."""
    count = min(_ACCEPTED, page.locator("[data-undecided]").count() - 1)
    press(page, *"a" * count)
    page.locator(".app-pane--coding .app-pane__body").evaluate("body => body.scrollTo(0, 0)")
    page.wait_for_timeout(300)
    return count


if __name__ == "__main__":
    main()
