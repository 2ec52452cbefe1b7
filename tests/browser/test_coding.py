"""An episode coded in a browser: by mouse, by keys, without script, by two people at once."""

import itertools
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from service.identity import UserRole
from tests.browser.conftest import SignIn, Site, signing_in
from tests.fakes import NOTE
from tests.patience import PATIENCE_SECONDS

SPELLS = itertools.count(1)


def new_episode(site: Site, text: str = NOTE) -> Any:
    return site.stage.post_episode(f"B{next(SPELLS)}", text)


def opened(page: Page, episode: Any) -> Page:
    page.goto(f"/episodes/{episode['id']}")
    return page


def card(page: Page, code: str) -> Any:
    return page.locator(".app-line").filter(has=page.locator(".app-code", has_text=code))


def accept(page: Page, code: str) -> None:
    card(page, code).get_by_role("button", name="Accept").click()
    expect(page.locator("#diagnoses")).to_contain_text(code)


def select_words(page: Page, words: str) -> None:
    """Drags the mouse over the first place of these words."""
    start, end = page.evaluate(
        """words => {
            const text = document.querySelector(".app-text-as-sent");
            const places = [];
            const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                for (let at = 0; at < walker.currentNode.length; at++) places.push([walker.currentNode, at]);
            }
            const from = text.textContent.indexOf(words), range = document.createRange();
            const [last, at] = places[from + words.length - 1];
            range.setStart(...places[from]);
            range.setEnd(last, at + 1);
            const boxes = [...range.getClientRects()], first = boxes[0], final = boxes[boxes.length - 1];
            return [[first.left, first.top + first.height / 2], [final.right, final.top + final.height / 2]];
        }""",
        words,
    )
    page.mouse.move(start[0] + 0.5, start[1])
    page.mouse.down()
    page.mouse.move(*end, steps=3)
    page.mouse.up()
    expect(page.locator("#evidence-words")).to_have_text(words)


def evidence(site: Site, episode: Any, code: str) -> list[tuple[int, str]]:
    now: Any = site.stage.client.get(f"/v1/episodes/{episode['id']}", headers=site.stage.headers()).json()
    lines = now["coding"]["diagnoses"] + now["coding"]["procedures"]
    return [(e["start"], e["text"]) for line in lines if line["code"] == code for e in line["evidence"]]


def test_episode_is_coded_from_worklist_to_finalised(sign_in: SignIn, site: Site) -> None:
    text = f"{NOTE} Old gout, 😀 no flare."
    episode = new_episode(site, text)
    page = sign_in()
    page.get_by_role("link", name=episode["spell_number"]).first.click()
    accept(page, "J44.0")
    expect(card(page, "J44.0").get_by_text("Primary")).to_be_visible()

    card(page, "E11.9").locator(".app-line__title").click()
    card(page, "E11.9").get_by_role("link", name="Change E11.9").click()
    page.get_by_role("button", name="history only").click()
    expect(page.get_by_text("Rejected (1)")).to_be_visible()

    select_words(page, "gout, 😀 no flare")
    page.get_by_label("Add a code").fill("gout, unspecified")
    page.locator(".app-hit").filter(has_text="M10.9").click()
    expect(page.locator("#diagnoses")).to_contain_text("M10.9")
    assert evidence(site, episode, "M109") == [(text.index("gout"), "gout, 😀 no flare")]
    expect(page.locator("#evidence-chosen")).to_be_hidden()
    expect(page.get_by_label("Add a code")).to_have_value("")

    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#diagnoses")).not_to_contain_text("M10.9")
    page.get_by_role("button", name="Finalise").click()
    expect(page.get_by_role("alert")).to_contain_text("Decide on every suggestion first")
    page.get_by_role("button", name="Reject the remaining 3 suggestions and finalise").click()
    expect(page.get_by_role("button", name="Next episode")).to_be_visible()
    expect(page.locator(".app-episode__state")).to_contain_text("Finalised")


def expect_focus(target: Locator) -> None:
    """Has the focus of its page; Playwright's own check also wants the window to have the system's."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not target.evaluate("element => document.activeElement === element"):
        assert time.monotonic() < deadline, "another element has the focus"
        time.sleep(0.1)


def test_episode_is_coded_by_keys_alone(sign_in: SignIn, site: Site) -> None:
    episode = new_episode(site)
    page = opened(sign_in(), episode)
    page.keyboard.press("a")
    expect(page.locator("#diagnoses")).to_contain_text("J44.0")
    expect_focus(card(page, "E11.9"))
    page.keyboard.press("r")
    expect(page.get_by_text("Rejected (1)")).to_be_visible()
    expect_focus(card(page, "I10.X"))
    page.keyboard.press("u")
    expect(card(page, "E11.9").get_by_role("button", name="Accept")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("/")
    expect_focus(page.get_by_label("Add a code"))
    page.keyboard.type("J18.9")
    expect(page.locator(".app-hit").first).to_contain_text("J18.9")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#diagnoses")).to_contain_text("J18.9")
    page.get_by_role("heading", name="Coding").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_single_keys_can_be_switched_off(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    page.keyboard.press("?")
    page.get_by_label("Use these single keys").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("a")
    page.reload()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    expect(page.get_by_text("5 to decide")).to_be_visible()


def test_line_and_its_evidence_show_each_other(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site, "\n" * 80 + NOTE))
    card(page, "Z86.4").locator(".app-line__title").click()
    shown = page.locator(".app-mark.is-shown")
    expect(shown).to_have_text("ex-smoker")
    expect(shown).to_be_in_viewport()
    page.locator(".app-mark", has_text="type 2 diabetes").click()
    expect(card(page, "E11.9")).to_have_class("app-line app-line--suggested is-selected")
    expect_focus(card(page, "E11.9"))


def test_overlapping_evidence_is_shown_for_each_line(sign_in: SignIn, site: Site) -> None:
    text = f"{NOTE} Severe hypertension crisis."
    episode = new_episode(site, text)
    page = opened(sign_in(), episode)
    for code, words in (("I15.0", "type 2 diabetes, hyper"), ("I67.4", "hypertension, ex-smoker")):
        select_words(page, words)
        page.get_by_label("Add a code").fill(code)
        page.locator(".app-hit").filter(has_text=code).click()
        expect(page.locator("#diagnoses")).to_contain_text(code)
        assert evidence(site, episode, code.replace(".", "")) == [(text.index(words), words)]
    assert page.locator(".app-text-as-sent").evaluate("element => element.textContent") == text
    card(page, "I15.0").locator(".app-line__title").click()
    assert "".join(page.locator(".app-mark.is-shown").all_text_contents()) == "type 2 diabetes, hyper"


def test_line_is_replaced_by_search(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    card(page, "E11.9").locator(".app-line__title").click()
    card(page, "E11.9").get_by_role("link", name="Change E11.9").click()
    expect_focus(page.get_by_label("Replace E11.9 with"))
    page.keyboard.type("E11.4")
    page.locator("#hits .app-hit").filter(has_text="E11.4").click()
    expect(page.locator("#diagnoses")).to_contain_text("E11.4")
    expect(page.locator("#diagnoses")).to_contain_text("Replaced: E11.9 was suggested")
    expect(page.get_by_label("Add a code")).to_be_visible()


def test_focus_stays_where_it_was_after_a_swap(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    accept(page, "J44.0")
    accept(page, "E11.9")
    down = card(page, "J44.0").get_by_role("button", name="Move J44.0 down")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#diagnoses > li").first).to_contain_text("E11.9")
    assert page.evaluate("document.activeElement.closest('.app-line')?.textContent.includes('J44.0')")


def test_two_coders_at_once_lose_nothing(sign_in: SignIn, site: Site) -> None:
    episode = new_episode(site)
    first, second = opened(sign_in("coder-a"), episode), opened(sign_in("manager-a"), episode)
    accept(first, "J44.0")
    card(second, "J44.0").get_by_role("button", name="Reject").click()
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("Changed by Coder A at")
    expect(alert).to_contain_text("Your decision was not recorded.")
    expect(second.locator("#diagnoses")).to_contain_text("J44.0")
    card(second, "E11.9").get_by_role("button", name="Accept").click()
    expect(second.locator("#diagnoses")).to_contain_text("E11.9")


def test_session_that_ended_leads_to_sign_in_and_back(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(), new_episode(site))
    page.context.clear_cookies()
    card(page, "J44.0").get_by_role("button", name="Accept").click()
    page.get_by_role("link", name="Sign in and go on").click()
    page.wait_for_url("**/sign-in?next=/episodes/**")


def test_everything_works_without_script(sign_in: SignIn, site: Site) -> None:
    page = opened(sign_in(script=False), new_episode(site))
    accept(page, "J44.0")
    page.get_by_label("Add a code").fill("gout")
    page.get_by_role("button", name="Add or find").click()
    page.locator(".app-hit").filter(has_text="M10.9").first.click()
    expect(page.locator("#diagnoses")).to_contain_text("M10.9")
    card(page, "E11.9").get_by_role("link", name="Change E11.9").click()
    page.get_by_label("Replace E11.9 with").fill("diabetes neuro")
    page.get_by_role("button", name="Find").click()
    page.locator("#hits .app-hit").filter(has_text="E11.4").first.click()
    page.get_by_role("button", name="Move M10.9 up").click()
    page.get_by_role("button", name="Reject the rest").click()
    page.get_by_role("button", name="Finalise").click()
    expect(page.get_by_role("button", name="Next episode")).to_be_visible()


def test_coding_by_hand_without_a_model(browser: Any, site_without_model: Site) -> None:
    episode = new_episode(site_without_model)
    with signing_in(browser, site_without_model) as sign_in:
        page = opened(sign_in(), episode)
        expect(page.get_by_role("region", name="Model")).to_contain_text("No model: coding by hand.")
        expect(page.get_by_text("No suggestions: no model is in use.")).to_be_visible()
        page.get_by_label("Add a code").fill("J44.0")
        page.locator(".app-hit").filter(has_text="J44.0").click()
        expect(page.locator("#diagnoses")).to_contain_text("J44.0")
        page.get_by_role("button", name="Finalise").click()
        expect(page.get_by_role("button", name="Next episode")).to_be_visible()


def test_wrong_password_is_explained_and_keeps_the_focus_on_the_problem(browser: Any, site: Site) -> None:
    page = browser.new_page(base_url=site.address)
    page.goto("/sign-in")
    page.get_by_label("User name").fill("coder-a")
    page.get_by_label("Password", exact=True).fill("wrong password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The user name or the password is not right.")
    expect_focus(page.locator(".nhsuk-error-summary"))
    assert page.title().startswith("Problem: ")
    page.close()


HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'><svg/onload=alert(3)>{{7*7}}"


@pytest.mark.parametrize("title", [HOSTILE, "</title><script>alert(4)</script>"])
def test_hostile_text_is_shown_and_never_run(sign_in: SignIn, site: Site, title: str) -> None:
    body: dict[str, Any] = {
        "spell_number": f"X{next(SPELLS)}<b>",
        "family_name": HOSTILE,
        "given_name": HOSTILE,
        "clinician": HOSTILE[:64],
        "site": "<b>\"'>",
        "treatment_function": "<i>",
        "documents": [
            {
                "id": HOSTILE,
                "title": title,
                "author": HOSTILE,
                "text": f"{HOSTILE} exacerbation of COPD {HOSTILE}",
            },
            {"id": "two", "title": title, "text": "hypertension"},
        ],
    }
    headers = site.stage.headers(UserRole.EPR)
    episode = site.stage.client.post("/v1/episodes", json=body, headers=headers).json()
    page = sign_in()
    page.goto("/worklist")
    expect(page.get_by_role("link", name=body["spell_number"])).to_be_visible()
    opened(page, episode)
    expect(page.locator(".app-text-as-sent").first).to_contain_text(HOSTILE)
    page.keyboard.press("a")
    expect(page.locator("#diagnoses")).to_contain_text("J44.0")
    page.locator("[data-tab='1']").click()
    select_words(page, "<script>alert(2)</script>")
    page.get_by_label("Add a code").fill(HOSTILE[:60])
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_label("Add a code").fill("I10")
    page.locator(".app-hit").first.click()
    expect(page.locator("#diagnoses")).to_contain_text("<script>alert(2)</script>")
    assert (
        page.evaluate("document.querySelectorAll('.app-desk script, .app-desk img, .app-desk svg').length")
        == 0
    )
