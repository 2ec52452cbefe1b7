"""The second check in a browser: corrected, noted, returned and approved by keys alone, with axe."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site
from tests.browser.test_accessibility import violations
from tests.browser.test_coding import accept, new_episode, opened
from tests.browser.test_queries import tab_to


def submitted(sign_in: SignIn, site: Site) -> tuple[Page, str]:
    """The trainee's page, and the address of the check."""
    episode = new_episode(site)
    page = opened(sign_in("trainee-a"), episode)
    accept(page, "J44.0")
    accept(page, "E11.9")
    page.get_by_role("button", name="Reject the rest").click()
    expect(page.get_by_text("nothing left to decide")).to_be_visible()
    page.get_by_role("button", name="Finalise").click()
    expect(page.get_by_text("Awaiting check", exact=True).first).to_be_visible()
    return page, f"/checking/{episode['id']}"


def test_a_coding_is_corrected_returned_mended_and_approved(sign_in: SignIn, site: Site) -> None:
    trainee, address = submitted(sign_in, site)
    page = sign_in()
    page.goto("/checking")
    assert violations(page) == []
    page.goto(address)
    assert violations(page) == []

    tab_to(page, "Note on E11.9")
    page.keyboard.type("Look for complications.")
    tab_to(page, "Replace E11.9 with", most=120)
    page.keyboard.type("E11.4")
    page.keyboard.press("Enter")
    expect(page.locator(".app-check__table")).to_contain_text("Other code")
    expect(page.get_by_label("Note on E11.9")).to_have_value("Look for complications.")
    tab_to(page, "Add a diagnosis")
    page.keyboard.type("gout")
    page.keyboard.press("Enter")
    expect(page.locator(".app-hit").first).to_be_visible()
    assert violations(page) == []
    page.locator(".app-hit").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Added", exact=False).first).to_be_visible()
    tab_to(page, "↶ Undo your last correction", most=160)
    page.keyboard.press("Enter")
    expect(page.locator(".app-check__table tbody tr")).to_have_count(2)
    tab_to(page, "Return with the notes", most=160)
    page.keyboard.press("Enter")
    page.wait_for_url("**/checking")

    trainee.reload()
    expect(trainee.get_by_label("Returned")).to_contain_text("Look for complications.")
    assert violations(trainee) == []
    trainee.get_by_role("button", name="Finalise").click()
    expect(trainee.get_by_text("Awaiting check", exact=True).first).to_be_visible()

    page.goto(address)
    page.get_by_label("To Trainee A, of it all").fill("Good work.")
    tab_to(page, "Approve", most=160)
    page.keyboard.press("Enter")
    page.wait_for_url("**/checking")
    trainee.goto("/my-checks")
    expect(trainee.get_by_text("Good work.")).to_be_visible()
    assert violations(trainee) == []


def test_the_check_works_without_script_and_fits_narrow_screens(sign_in: SignIn, site: Site) -> None:
    _, address = submitted(sign_in, site)
    page = sign_in("auditor-a", script=False)
    page.goto(address)
    page.get_by_label("Replace E11.9 with").fill("E11.4")
    page.keyboard.press("Enter")
    expect(page.locator(".app-check__table")).to_contain_text("Other code")
    for width in (1366, 683, 320):
        page.set_viewport_size({"width": width, "height": 768})
        button = page.get_by_role("button", name="Approve")
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport()
    button.click()
    page.wait_for_url("**/checking")


def test_a_check_that_is_gone_says_so(sign_in: SignIn, site: Site) -> None:
    page = sign_in()
    page.goto(f"/checking/{new_episode(site)['id']}")
    expect(page.get_by_text("does not wait for a check").first).to_be_visible()
    assert violations(page) == []
