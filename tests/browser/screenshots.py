"""Takes the README's picture of the workbench from a running demonstration.

usage: python -m tests.browser.screenshots [--address http://127.0.0.1:8000] [--episode DEMO00007]
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from service.demonstration import PASSWORD
from tests.browser.conftest import FLAGS, SCREEN

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "workbench.png"
_ACCEPTED = 3
_LOOKED_AT = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--episode", help="spell number; by default one that has much to show is looked for")
    parser.add_argument("--to", type=Path, default=PICTURE)
    wanted = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = browser.new_page(viewport=SCREEN, base_url=wanted.address)  # type: ignore[arg-type]
        sign_in(page)
        page.goto(address_of(page, wanted.episode))
        work_a_little(page)
        wanted.to.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=wanted.to)
        browser.close()
    print(f"{wanted.to}")


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("User name").fill("coder")
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


def work_a_little(page: Page) -> None:
    """Some codes accepted, the next one selected."""
    for _ in range(min(_ACCEPTED, page.locator("[data-undecided]").count() - 1)):
        standing = page.locator(".app-line--standing").count()
        page.keyboard.press("a")
        expect(page.locator(".app-line--standing")).to_have_count(standing + 1)
    page.locator(".app-pane--coding .app-pane__body").evaluate("body => body.scrollTo(0, 0)")
    page.wait_for_timeout(300)


if __name__ == "__main__":
    main()
