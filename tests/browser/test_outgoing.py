"""What goes out, in a browser: a destination added and paused, a parked message sent again; extracts."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn, Site
from tests.browser.opening import through_menu
from tests.browser.test_accessibility import violations
from tests.outgoing_fixtures import add_destination, finalised, outgoing
from tests.pas import Behaviour, running_pas
from tests.patience import PATIENCE_SECONDS


def deliver_until(site: Site, state: str, destination: str) -> None:
    """The site delivers by itself: after each try an hour passes, and it tries again."""
    deadline, tried = time.monotonic() + PATIENCE_SECONDS, -1
    while time.monotonic() < deadline:
        [message] = [one for one in outgoing(site.stage) if one["destination_id"] == destination]
        if message["state"] == state:
            return
        if message["attempts"] != tried:
            tried = message["attempts"]
            site.stage.clock.advance(hours=1)
        time.sleep(0.1)
    raise AssertionError(f"the message is not {state}")


def test_a_webhook_is_added_and_its_secret_shown_once(sign_in: SignIn) -> None:
    page = sign_in("admin-a")
    through_menu(page, "Outgoing")
    assert violations(page) == []
    page.get_by_role("button", name="Add destination").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Name of the system").fill("Warehouse")
    page.get_by_label("Kind").select_option("webhook")
    page.get_by_label("Address").fill("https://elsewhere.test/hook")
    page.get_by_role("button", name="Add destination").click()
    expect(page.get_by_role("alert")).to_contain_text("not among those")
    expect(page.get_by_label("Name of the system")).to_have_value("Warehouse")
    page.get_by_label("Address").fill("https://127.0.0.1:9/hook")
    page.get_by_role("button", name="Add destination").click()
    expect(page.locator("#secret")).to_contain_text("whsec_")
    assert violations(page) == []
    page.goto("/outgoing")
    expect(page.locator("#secret")).to_have_count(0)
    page.get_by_role("button", name="Pause Warehouse").click()
    expect(page.locator("#destinations")).to_contain_text("Paused")
    page.get_by_role("button", name="New secret of Warehouse").click()
    expect(page.locator("#destinations")).to_contain_text("two secrets sign")
    page.get_by_role("button", name="Retire the former secret of Warehouse").click()
    expect(page.locator("#destinations")).not_to_contain_text("two secrets sign")
    page.get_by_role("button", name="Switch off Warehouse").click()
    expect(page.locator("#destinations")).to_contain_text("Off")


@pytest.mark.parametrize("script", [True, False])
def test_a_parked_message_is_seen_with_its_reason_and_sent_again(
    sign_in: SignIn, site: Site, script: bool
) -> None:
    with running_pas() as pas:
        name = f"PAS {script}"
        address = f"mllp://127.0.0.1:{pas.port}"
        destination = add_destination(site.stage, "hl7_mllp", address, name)["destination"]["id"]
        pas.plan, pas.reason = [Behaviour.REFUSE] * 5, "visit not known"
        finalised(site.stage, f"S-{script}")
        deliver_until(site, "parked", destination)
        page = sign_in("manager-a", script=script)
        page.goto("/outgoing?state=parked")
        expect(page.locator("#messages")).to_contain_text("AE: visit not known")
        if script:
            assert violations(page) == []
        page.get_by_role("button", name=f"to {name}").click()
        deliver_until(site, "delivered", destination)
        page.goto("/outgoing?state=delivered")
        expect(page.locator("#messages")).to_contain_text(name)
        assert len(pas.taken) == 1


@pytest.mark.parametrize("width", [1366, 683])
def test_the_page_fits_narrow_screens(sign_in: SignIn, site: Site, width: int) -> None:
    page = sign_in("admin-a")
    page.set_viewport_size({"width": width, "height": 768})
    page.goto("/outgoing")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    wide = page.evaluate(
        "() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > "
        "document.documentElement.clientWidth + 1).map(e => e.tagName + '.' + e.className)"
    )
    assert overflow <= 0, wide


def test_an_extract_is_looked_at_and_downloaded(sign_in: SignIn, site: Site) -> None:
    finalised(site.stage, "S-extract")
    page = sign_in("manager-a")
    through_menu(page, "Extracts")
    assert violations(page) == []
    page.get_by_role("button", name="Show what it holds").click()
    page.get_by_label("First day").fill("2026-03-01")
    page.get_by_label("Last day").fill("2026-03-31")
    page.get_by_role("button", name="Show what it holds").click()
    expect(page.get_by_role("heading", name="What it holds")).to_be_visible()
    expect(page.get_by_text("SOURCE OF ADMISSION CODE")).to_be_visible()
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the extract").click()
    assert download.value.suggested_filename == "cds-csv-2026-03-01-2026-03-31.csv"
    page.get_by_label("Last day").fill("2026-02-01")
    page.get_by_role("button", name="Show what it holds").click()
    expect(page.get_by_role("alert")).to_contain_text("before the first")
    assert violations(page) == []
