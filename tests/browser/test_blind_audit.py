"""A blind audit in a browser, by keys alone: codes typed, found, ordered and stored; axe on every state."""

from typing import Any

from playwright.sync_api import expect

from tests.automation_fixtures import post
from tests.browser.conftest import Site, signing_in
from tests.browser.test_accessibility import violations
from tests.browser.test_queries import tab_to
from tests.page_client import without_tokens


def test_an_audit_is_coded_by_keys_alone(browser: Any, site_with_gate: Site) -> None:
    post(site_with_gate.stage, "blind-by-keys")
    with signing_in(browser, site_with_gate) as sign_in:
        page = sign_in("auditor-a")
        page.goto("/audits")
        page.get_by_role("button", name="Claim audit").last.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/audits/*-*")
        expect(page.locator("#add-diagnosis")).to_be_focused()
        assert violations(page) == []
        source = without_tokens(page.content())
        assert "G45.9" not in source
        assert "I10" not in source
        page.keyboard.type("E11.9 i10")
        page.keyboard.press("Enter")
        diagnoses = page.get_by_role("list", name="Diagnoses")
        expect(diagnoses).to_contain_text("I10.X")
        expect(page.locator("#add-diagnosis")).to_be_focused()
        tab_to(page, "Add a procedure")
        page.keyboard.type("gastroscopy")
        page.keyboard.press("Enter")
        expect(page.locator(".app-hit").first).to_be_visible()
        assert violations(page) == []
        for _ in range(20):
            page.keyboard.press("Tab")
            if "G45.9" in str(page.evaluate("document.activeElement.textContent")):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("list", name="Procedures")).to_contain_text("G45.9")
        tab_to(page, "↑Up: I10.X")
        page.keyboard.press("Enter")
        expect(diagnoses.get_by_role("listitem").first).to_contain_text("I10.X")
        tab_to(page, "✕Remove: E11.9")
        page.keyboard.press("Enter")
        expect(diagnoses).not_to_contain_text("E11.9")
        tab_to(page, "Store the second coding")
        page.keyboard.press("Enter")
        expect(page.get_by_text("The suggestion is the same.")).to_be_visible()
        assert violations(page) == []


def test_documents_and_sheet_fit_any_screen(browser: Any, site_with_gate: Site) -> None:
    post(site_with_gate.stage, "blind-narrow")
    with signing_in(browser, site_with_gate) as sign_in:
        page = sign_in("manager-a")
        page.goto("/audits")
        page.get_by_role("button", name="Claim audit").last.click()
        page.wait_for_url("**/audits/*-*")
        for width in (1366, 683, 320):
            page.set_viewport_size({"width": width, "height": 768})
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0
            button = page.get_by_role("button", name="Store the second coding")
            button.scroll_into_view_if_needed()
            expect(button).to_be_in_viewport()
