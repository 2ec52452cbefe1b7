"""Register, attributions and declarations in a browser, each state through axe."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site
from tests.browser.opening import through_menu
from tests.browser.test_accessibility import violations
from tests.clinician_fixtures import CONSULTANT, SPECIALIST, operated, post, record, record_people, specialist


@pytest.fixture(scope="module")
def people(site: Site) -> None:
    record_people(site.stage)


def fill_scope(page: Page) -> None:
    page.get_by_label("Autonomy", exact=True).select_option("partial")
    page.get_by_label("Policy", exact=True).select_option("2025-1")
    page.get_by_label("Signed off by").fill("Medical director")
    page.get_by_label("On", exact=True).fill("2025-03-20")
    page.get_by_label("Scope 1: treatment function").fill("100")
    page.get_by_label("Activity").first.select_option("daycase")


def test_a_manager_adds_a_clinician_changes_them_and_reads_the_history(sign_in: SignIn, people: None) -> None:
    page = sign_in("manager-a")
    through_menu(page, "Clinicians")
    assert violations(page) == []
    page.get_by_label("Number", exact=True).fill("12")
    page.get_by_role("button", name="Add clinician").click()
    expect(page.get_by_role("alert")).to_contain_text("seven digits")
    assert violations(page) == []
    page.get_by_label("Number", exact=True).fill("7000001")
    page.get_by_label("Name", exact=True).fill("Dr New Doctor")
    page.get_by_label("Grade").select_option("specialty_doctor")
    page.get_by_label("Main specialty").fill("100")
    page.locator("#starts").fill("2025-04-01")
    fill_scope(page)
    page.get_by_role("button", name="Add clinician").click()
    expect(page.get_by_role("heading", name="Dr New Doctor")).to_be_visible()
    expect(page.locator("#history")).to_contain_text("Partial, policy 2025-1: 100 General Surgery")
    assert violations(page) == []
    page.get_by_label("Autonomy", exact=True).select_option("none")
    page.get_by_label("Policy", exact=True).select_option("")
    page.get_by_label("Scope 1: treatment function").fill("")
    page.get_by_label("Activity").first.select_option("")
    page.locator("#starts").fill("2026-02-01")
    page.get_by_role("button", name="Record change").click()
    expect(page.locator("#history tbody tr")).to_have_count(2)
    expect(page.locator("#history tbody tr").first).to_contain_text("In force")


def test_a_file_is_imported_or_its_lines_are_named(sign_in: SignIn, people: None) -> None:
    page = sign_in("admin-a", script=False)
    page.goto("/clinicians")
    page.get_by_text("Import a CSV file").click()
    header = page.locator(".app-columns").inner_text()
    page.locator("#import-text").fill(f"{header}\ngmc,12,Dr A,consultant,100,none,,,,,2020-01-01,,,,")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert")).to_contain_text("line 2, number: a GMC number has seven digits")
    page.locator("#import-text").fill(f"{header}\ngmc,7000002,Dr A,consultant,100,none,,,,,2020-01-01,,,,")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status")).to_contain_text("1 added, 0 changed")


def test_a_policy_is_recorded(sign_in: SignIn, people: None) -> None:
    page = sign_in("manager-a")
    page.goto("/clinicians")
    page.get_by_label("Version", exact=True).fill("2027-1")
    page.locator("#policy-starts").fill("2027-04-01")
    page.get_by_role("button", name="Record policy").click()
    expect(page.locator("#policies")).to_contain_text("2027-1")


def test_proposals_are_accepted_dismissed_and_taken_back(sign_in: SignIn, site: Site, people: None) -> None:
    record(site.stage, SPECIALIST, **specialist(starts="2025-04-02"))
    episodes = [
        post(site.stage, f"ATT{number}", documents=[operated("Dr Full Specialist")]) for number in range(4)
    ]
    page = sign_in("manager-a")
    through_menu(page, "Clinicians")
    page.get_by_role("link", name="Attributions").click()
    page.get_by_role("button", name="Look for misattributions").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Episodes that ended from").fill("2026-01-01")
    page.get_by_label("To", exact=True).fill("2026-12-31")
    page.get_by_role("button", name="Look for misattributions").click()
    expect(page.get_by_role("status")).to_contain_text("4 new proposals")
    expect(page.locator("#proposals")).to_contain_text("named as operator in the note")
    assert violations(page) == []
    page.get_by_role("button", name="Dismiss for ATT0").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a reason")
    page.get_by_label("Why it is dismissed, ATT0").fill("supervised that day")
    page.get_by_role("button", name="Dismiss for ATT0").click()
    page.get_by_role("button", name="Accept for ATT1").click()
    page.get_by_label("Accept for ATT2").check()
    page.get_by_label("Accept for ATT3").check()
    page.get_by_role("button", name="Accept those that are ticked").click()
    expect(page.get_by_text("No proposal is waiting.")).to_be_visible()
    page.get_by_role("link", name="Accepted", exact=True).click()
    assert violations(page) == []
    page.get_by_role("button", name="Take back for ATT1").click()
    expect(page.locator("#proposals tbody tr")).to_have_count(2)
    page.goto(f"/episodes/{episodes[2]['id']}")
    page.locator(".app-attribution__why summary").click()
    expect(page.locator(".app-attribution__body")).to_contain_text("Dr Full Specialist treated the patient")
    expect(page.locator(".app-attribution")).to_contain_text("decided by a person")
    assert violations(page) == []
    page.goto(f"/episodes/{episodes[1]['id']}")
    expect(page.locator(".app-attribution summary")).to_contain_text(f"C{CONSULTANT}")


def test_a_clinician_declares_and_the_manager_sees_the_difference(
    sign_in: SignIn, site: Site, people: None
) -> None:
    page = sign_in("clinician-a")
    through_menu(page, "Declarations")
    expect(page.get_by_text("ask the coding manager")).to_be_visible()
    assert violations(page) == []
    record(site.stage, SPECIALIST, **specialist(account="clinician-a", starts="2025-04-03"))
    page.goto("/declarations")
    assert violations(page) == []
    page.get_by_role("button", name="Declare").click()
    expect(page.get_by_role("alert")).to_contain_text("at least one kind of work")
    page.get_by_label("From", exact=True).fill("2026-01-01")
    page.get_by_label("To", exact=True).fill("2026-12-31")
    page.get_by_label("Treatment function").first.fill("100")
    page.get_by_label("Patients, about").first.fill("120")
    page.get_by_role("button", name="Declare").click()
    expect(page.locator("#declarations")).to_contain_text(re.compile(r"\d+ fewer recorded than declared"))
    assert violations(page) == []
    page = sign_in("manager-a")
    page.goto("/attributions")
    page.get_by_role("link", name="Declarations").click()
    expect(page.locator("#declarations")).to_contain_text("Dr Full Specialist")
    assert violations(page) == []


@pytest.mark.parametrize("address", ["/clinicians", "/attributions", "/declarations"])
def test_pages_can_be_used_at_200_percent_without_script(sign_in: SignIn, people: None, address: str) -> None:
    page = sign_in("manager-a", script=False)
    page.set_viewport_size({"width": 683, "height": 384})
    page.goto(address)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 683
