"""The worklist with the keyboard alone, without script, and with axe in each of its states."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn, Site
from tests.browser.test_accessibility import violations
from tests.worklist_fixtures import HISTOLOGY, post, read


def filled(site: Site, name: str, count: int = 3) -> str:
    """Episodes at a site of their own; the address of their list."""
    for number in range(count):
        post(site.stage, f"{name}-{number}", site=name, episode_end=f"2026-02-{number + 1:02d}")
    return f"/worklist?site={name}"


def row(page: Page, spell: str) -> Locator:
    return page.locator("tr[data-episode]", has_text=spell)


def test_an_episode_is_claimed_selected_and_opened_with_the_keyboard(sign_in: SignIn, site: Site) -> None:
    page = sign_in()
    page.goto(filled(site, "KEYS"))
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="KEYS-0 / 1")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.get_by_text("1 episode claimed.")).to_be_visible()
    expect(row(page, "KEYS-1").get_by_role("button", name="Release")).to_be_visible()
    expect(page.get_by_role("link", name="KEYS-1 / 1")).to_be_focused()
    page.keyboard.press("r")
    expect(row(page, "KEYS-1").get_by_role("button", name="Claim")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("#selected")).to_have_text("2 selected")
    page.keyboard.press("Enter")
    page.wait_for_url("**/episodes/*")


def test_next_is_claimed_and_opened_by_one_key(sign_in: SignIn, site: Site) -> None:
    page = sign_in("auditor-a")
    page.goto(filled(site, "NEXT"))
    page.keyboard.press("n")
    page.wait_for_url("**/episodes/*")
    expect(page.get_by_role("button", name="Release")).to_be_visible()


def test_keys_can_be_switched_off_and_are_explained(sign_in: SignIn, site: Site) -> None:
    page = sign_in()
    page.goto(filled(site, "HELP"))
    page.keyboard.press("/")
    expect(page.locator("#site")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Use these single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="HELP-0 / 1")).not_to_be_focused()


def test_several_are_held_and_come_back_with_a_new_document(sign_in: SignIn, site: Site) -> None:
    page = sign_in()
    address = filled(site, "HOLD")
    page.goto(address)
    page.get_by_label("Select every episode of this page").check()
    expect(page.locator("#selected")).to_have_text("3 selected")
    page.locator("#hold-menu > summary").click()
    assert violations(page) == []
    page.get_by_label("Look at them again on").fill("2026-03-20")
    page.get_by_role("button", name="Put on hold").click()
    expect(page.get_by_text("3 episodes put on hold.")).to_be_visible()
    expect(page.get_by_role("heading", name="No episodes here")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{address}&status=on_hold")
    expect(page.get_by_text("Waiting for histology, review 20 Mar 2026").first).to_be_visible()
    assert violations(page) == []
    released = post(site.stage, "HOLD-1", HISTOLOGY)
    assert released["status"] == "ready"
    page.goto(f"{address}&histology=1")
    expect(page.locator("tr[data-episode]")).to_have_count(1)
    page.goto(f"/episodes/{released['id']}")
    expect(page.locator(".app-history")).to_contain_text("released the episode: a new document came")


def test_what_another_claimed_is_told_and_nothing_is_lost(sign_in: SignIn, site: Site) -> None:
    page, other = sign_in(), sign_in("auditor-a")
    address = filled(site, "TWO", 2)
    for one in (page, other):
        one.goto(address)
    row(other, "TWO-0").get_by_role("button", name="Claim").click()
    expect(other.get_by_text("1 episode claimed.")).to_be_visible()
    page.get_by_label("Select every episode of this page").check()
    page.locator(".app-bar").get_by_role("button", name="Claim").click()
    expect(page.get_by_role("alert")).to_contain_text("TWO-0 / 1: someone else has claimed this episode")
    expect(row(page, "TWO-1")).to_contain_text("Coder A")
    assert violations(page) == []


def test_the_enter_key_in_a_field_of_the_list_does_nothing(sign_in: SignIn, site: Site) -> None:
    page = sign_in()
    page.goto(filled(site, "ENTER", 1))
    page.get_by_label("Select ENTER-0 / 1").check()
    page.get_by_label("Select ENTER-0 / 1").press("Enter")
    page.wait_for_timeout(300)
    episode = post(site.stage, "ENTER-0")
    assert read(site.stage, episode)["decisions"] == []


def test_a_view_is_saved_chosen_renamed_and_deleted(sign_in: SignIn, site: Site) -> None:
    page = sign_in("trainee-a")
    page.goto(filled(site, "SAVED"))
    page.locator("#save-menu > summary").click()
    page.get_by_label("Name of the view").fill("My own site")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_text("View saved.")).to_be_visible()
    page.goto("/worklist")
    page.get_by_role("link", name="My own site").click()
    expect(page.locator("#site")).to_have_value("SAVED")
    page.locator("#view-menu > summary").click()
    page.get_by_label("New name").fill("Renamed")
    assert violations(page) == []
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("link", name="Renamed")).to_be_visible()
    page.locator("#view-menu > summary").click()
    page.get_by_role("button", name="Delete this view").click()
    expect(page.get_by_text("None saved yet")).to_be_visible()


def test_a_manager_assigns(sign_in: SignIn, site: Site) -> None:
    page = sign_in("manager-a")
    page.goto(filled(site, "ASSIGN", 1))
    page.get_by_label("Select ASSIGN-0 / 1").check()
    page.locator("#assign-menu > summary").click()
    assert violations(page) == []
    page.get_by_label("To whom").select_option(label="Coder A, coder")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(row(page, "ASSIGN-0")).to_contain_text("Coder A")


def test_without_script_everything_still_works(sign_in: SignIn, site: Site) -> None:
    page = sign_in(script=False)
    page.goto(filled(site, "PLAIN", 2))
    page.get_by_label("Select PLAIN-1 / 1").check()
    page.locator(".app-bar").get_by_role("button", name="Claim").click()
    expect(page.get_by_text("1 episode claimed.")).to_be_visible()
    page.get_by_label("Claimed by me").check()
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tr[data-episode]")).to_have_count(1)
    assert "site=PLAIN" in page.url


def test_at_twice_the_size_nothing_is_out_of_reach(sign_in: SignIn, site: Site) -> None:
    page = sign_in()
    page.set_viewport_size({"width": 683, "height": 384})
    page.goto(filled(site, "ZOOM", 2))
    for address in (page.url, "/worklist?status=finalised", "/progress"):
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, address
