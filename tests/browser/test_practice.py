"""Practice in a browser: a case coded by keys alone, feedback with its words marked, axe on every state."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.test_accessibility import violations
from tests.browser.test_queries import tab_to

ADDRESS = "/practice/cases/uk-a1-001"


def add(page: Page, typed: str, stands: str) -> None:
    """Types into the box that has the focus already."""
    expect(page.locator("#add-diagnosis")).to_be_focused()
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Diagnoses")).to_contain_text(stands)


def test_a_case_is_coded_by_keys_alone_from_choice_to_feedback(sign_in: SignIn) -> None:
    page = sign_in("trainee-a")
    page.goto("/practice")
    assert violations(page) == []
    tab_to(page, "Next case")
    page.keyboard.press("Enter")
    page.wait_for_url("**/practice/cases/**")
    page.goto(ADDRESS)
    assert violations(page) == []
    add(page, "R18 K70.3", "K70.3")
    add(page, "i10", "I10.X")
    page.keyboard.type("diabetes")
    page.keyboard.press("Enter")
    expect(page.locator(".app-hit").first).to_be_visible()
    assert violations(page) == []
    for _ in range(20):
        page.keyboard.press("Tab")
        if "E11.9" in str(page.evaluate("document.activeElement.textContent")):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Diagnoses")).to_contain_text("E11.9")
    tab_to(page, "⤒First: K70.3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Diagnoses").get_by_role("listitem").first).to_contain_text("K70.3")
    tab_to(page, "✕Remove: I10.X")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Diagnoses")).not_to_contain_text("I10.X")
    tab_to(page, "Hand in and see")
    page.keyboard.press("Enter")
    page.wait_for_url("**/practice/attempts/**")
    expect(page.get_by_role("heading", name="3 of 6 codes found")).to_be_visible()
    expect(page.locator("mark.app-mark--standing").first).to_be_visible()
    assert violations(page) == []
    page.goto("/practice")
    expect(page.get_by_text("(3 of 6)")).to_be_visible()
    assert violations(page) == []


def test_a_problem_is_told_and_the_coding_stays(sign_in: SignIn) -> None:
    page = sign_in("trainee-a")
    page.goto(ADDRESS)
    page.get_by_role("button", name="Hand in and see").click()
    expect(page.get_by_role("alert")).to_contain_text("at least a primary diagnosis")
    assert violations(page) == []


def test_suggestions_by_choice_are_taken_into_the_coding(sign_in: SignIn) -> None:
    page = sign_in("trainee-a")
    page.goto("/practice/cases/uk-a1-002?suggestions=1")
    assert violations(page) == []
    take = page.get_by_role("button", name="Take")
    if take.count():
        take.first.click()
        expect(page.locator(".app-sheet__codes")).to_be_visible()
        assert page.url.endswith("?suggestions=1")


def test_practice_works_without_script(sign_in: SignIn) -> None:
    """As another person than above, whose first attempt is counted."""
    page = sign_in("trainee-b", script=False)
    page.goto(ADDRESS)
    page.get_by_label("Add a diagnosis", exact=True).fill("K70.3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Diagnoses")).to_contain_text("K70.3")
    page.get_by_role("button", name="Hand in and see").click()
    expect(page.get_by_text("1 of 6 codes found")).to_be_visible()
