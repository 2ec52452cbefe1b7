"""The code book in a browser: by keys alone, without script, at any width."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_accessibility import violations


def test_from_search_to_code_to_its_neighbours_by_keys_alone(sign_in: SignIn) -> None:
    page = sign_in()
    page.goto("/codes")
    page.keyboard.press("/")
    expect(page.get_by_label("Code, title or words")).to_be_focused()
    page.keyboard.type("copd")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Codes for “copd”")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="J44.9")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("J44.9")
    page.get_by_role("link", name="J44.0").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator('[data-stop][href$="J441"]')).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/codes/icd10/J44")


def test_a_typed_code_goes_straight_there(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_role("link", name="Codes").click()
    page.get_by_label("Code, title or words").fill("I10")
    page.keyboard.press("Enter")
    page.wait_for_url("**/codes/icd10/I10X")


def test_single_keys_can_be_switched_off(sign_in: SignIn) -> None:
    page = sign_in()
    page.goto("/codes")
    page.evaluate("localStorage.setItem('autocoder-single-keys', 'off')")
    page.keyboard.press("/")
    expect(page.get_by_label("Code, title or words")).not_to_be_focused()


def test_the_book_is_walked_without_script(sign_in: SignIn) -> None:
    page = sign_in(script=False)
    page.goto("/codes")
    for name in ("Diseases of the respiratory system", "Chronic lower respiratory diseases", "J44 ", "J44.0"):
        page.locator("[data-codes]").get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("acute lower respiratory infection")


def test_a_rule_leads_to_the_standards(sign_in: SignIn) -> None:
    page = sign_in()
    page.goto("/codes/icd10/J440")
    page.get_by_role("link", name="A lower respiratory infection in COPD is J44.0 alone.").click()
    expect(page.get_by_role("heading", name="Coding standards")).to_be_visible()
    expect(
        page.get_by_role("heading", name="A lower respiratory infection in COPD is J44.0 alone.")
    ).to_be_visible()


ADDRESSES = (
    "/codes",
    "/codes?query=hip",
    "/codes?query=qqzzxx",
    "/codes/icd10",
    "/codes/icd10/X",
    "/codes/icd10/J440",
    "/codes/icd10/G992",
    "/codes/opcs4/W371",
    "/codes/icd10/J4477",
)


@pytest.mark.parametrize("width", [1366, 683, 320])
def test_every_page_of_it_is_accessible_and_reflows(sign_in: SignIn, width: int) -> None:
    page = sign_in()
    page.set_viewport_size({"width": width, "height": 768 if width > 700 else 384})
    for address in ADDRESSES:
        page.goto(address)
        assert violations(page) == [], address
        assert overflow(page) <= 0, address


def overflow(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found
