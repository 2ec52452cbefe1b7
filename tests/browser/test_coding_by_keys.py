"""Every flow of the episode page by keys alone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.identity import UserRole
from tests.browser.conftest import SignIn, Site, signing_in
from tests.browser.test_accessibility import violations
from tests.browser.test_coding import card, expect_focus, new_episode, opened


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def now(site: Site, episode: Any) -> Any:
    return site.stage.client.get(f"/v1/episodes/{episode['id']}", headers=site.stage.headers()).json()


def codes(site: Site, episode: Any, role: str = "diagnoses") -> list[str]:
    return [line["code"] for line in now(site, episode)["coding"][role]]


def settled(page: Page) -> None:
    page.wait_for_function("() => document.body.dataset.busy !== 'true'")


@pytest.fixture
def episode(site: Site) -> Any:
    return new_episode(site)


@pytest.fixture
def page(sign_in: SignIn, episode: Any) -> Page:
    return opened(sign_in(), episode)


def test_typed_codes_are_added_in_order_and_unknown_ones_named(page: Page, site: Site, episode: Any) -> None:
    press(page, "/")
    page.keyboard.type("i10 F05.9 Q00.99 / W371 Z942 G451")
    press(page, "Enter")
    settled(page)
    assert codes(site, episode) == ["I10X", "F059"]
    lines = now(site, episode)["coding"]["procedures"]
    assert [(line["code"], line["group"]) for line in lines] == [("W371", 1), ("Z942", 1), ("G451", 2)]
    expect(page.get_by_role("alert")).to_contain_text("No such code for a coding here: Q00.99")
    assert violations(page) == []


def test_keys_are_not_lost_while_an_answer_is_awaited(page: Page, site: Site, episode: Any) -> None:
    press(page, "a", "r", "a", "a", "r")
    expect(page.get_by_text("Every suggestion is decided")).to_be_visible()
    assert codes(site, episode) == ["J440", "I10X", "Z864"]


def test_fourth_character_is_changed_in_two_keys(page: Page, site: Site, episode: Any) -> None:
    press(page, "j", "c", "4")
    settled(page)
    assert codes(site, episode) == ["E114"]
    expect(card(page, "E11.4")).to_contain_text("Replaced: E11.9 was suggested")
    press(page, "u")
    settled(page)
    press(page, "k", "c")
    expect(page.get_by_role("heading", name="Change E11.9")).to_be_visible()
    expect(page.get_by_role("button", name="E11.5")).to_be_visible()
    assert violations(page) == []
    press(page, "Escape")
    expect(page.get_by_role("heading", name="Change E11.9")).to_have_count(0)


def test_fifth_character_is_given_in_two_keys(page: Page, site: Site, episode: Any) -> None:
    press(page, "/")
    page.keyboard.type("s72.0 w01.0")
    press(page, "Enter")
    settled(page)
    press(page, "Escape", "e", "1", ".")
    expect(page.get_by_role("button", name="S72.01 open")).to_be_visible()
    assert violations(page) == []
    press(page, "1")
    settled(page)
    expect(card(page, "S72.01")).to_be_visible()
    assert codes(site, episode) == ["S720", "W010"]
    press(page, "e", "1", ".", ".")
    settled(page)
    assert now(site, episode)["coding"]["diagnoses"][0]["fifth"] is None


def test_lines_are_reordered_and_made_primary(page: Page, site: Site, episode: Any) -> None:
    press(page, "a", "a", "a", "p")
    settled(page)
    assert codes(site, episode) == ["Z864", "J440", "E119", "I10X"]
    press(page, "e", "3", "[")
    settled(page)
    assert codes(site, episode) == ["Z864", "E119", "J440", "I10X"]
    expect_focus(card(page, "E11.9"))
    press(page, "p")
    settled(page)
    assert codes(site, episode) == ["E119", "Z864", "J440", "I10X"]
    press(page, "]")
    settled(page)
    assert codes(site, episode) == ["Z864", "E119", "J440", "I10X"]


def test_line_is_dragged_to_another_place(page: Page, site: Site, episode: Any) -> None:
    press(page, "a", "a", "a")
    expect(page.locator("#diagnoses > li")).to_have_count(3)
    settled(page)
    card(page, "I10.X").locator(".app-line__title").drag_to(card(page, "J44.0").locator(".app-line__title"))
    expect(page.locator("#diagnoses > li").first).to_contain_text("I10.X")
    assert codes(site, episode) == ["I10X", "J440", "E119"]


def test_likely_suggestions_are_accepted_together_and_undone_together(
    page: Page, site: Site, episode: Any
) -> None:
    press(page, "b")
    settled(page)
    assert codes(site, episode) == ["J440", "E119"]
    kinds = [(one["kind"], one["content"]["batch"]) for one in now(site, episode)["decisions"]]
    assert [kind for kind, _ in kinds] == ["accept", "accept"]
    assert len({batch for _, batch in kinds}) == 1
    press(page, "u")
    settled(page)
    assert codes(site, episode) == []
    expect(page.get_by_text("5 to decide")).to_be_visible()


def test_reject_is_given_a_reason_by_one_key_more(page: Page, site: Site, episode: Any) -> None:
    press(page, "w", "2")
    settled(page)
    (decision,) = now(site, episode)["decisions"]
    assert decision["content"]["reason"] == "negated_or_queried"
    assert decision["content"]["evidence"][0]["text"] == "exacerbation of COPD"
    expect_focus(card(page, "E11.9"))


def test_further_candidate_is_accepted_by_its_number(page: Page, site: Site, episode: Any) -> None:
    press(page, "m", "1")
    settled(page)
    assert codes(site, episode) == ["Z602"]


def test_finding_is_mended_by_one_key_and_undone_by_one(page: Page, site: Site, episode: Any) -> None:
    press(page, "/")
    page.keyboard.type("J449 J22")
    press(page, "Enter", "Escape")
    finding = card(page, "J44.9").locator(".app-finding--error").first
    expect(finding).to_contain_text("Error:")
    assert violations(page) == []
    press(page, "s")
    settled(page)
    assert codes(site, episode) == ["J440"]
    press(page, "u")
    settled(page)
    assert codes(site, episode) == ["J449", "J22X"]


def test_finalising_asks_once_where_suggestions_are_left_and_goes_on(
    page: Page, site: Site, episode: Any
) -> None:
    new_episode(site)
    press(page, "a", "f")
    expect(page.get_by_role("alert")).to_contain_text("Reject the remaining 4 suggestions and finalise")
    assert violations(page) == []
    press(page, "f")
    page.wait_for_url(lambda url: episode["id"] not in url)
    assert now(site, episode)["status"] == "finalised"
    following = {"id": page.url.rsplit("/", 1)[-1]}
    assert now(site, following)["status"] == "in_progress"


def test_two_at_once_see_both_versions_and_do_it_again_by_one_key(
    sign_in: SignIn, site: Site, episode: Any
) -> None:
    first, second = opened(sign_in("coder-a"), episode), opened(sign_in("manager-a"), episode)
    press(first, "a", "a")
    settled(first)
    expect(first.locator("#diagnoses > li")).to_have_count(2)
    press(second, "j", "j", "r")
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("Coder A accepted J44.0")
    expect(alert).to_contain_text("accepted E11.9")
    expect(alert).to_contain_text("reject I10.X")
    assert violations(second) == []
    assert len(now(site, episode)["decisions"]) == 2
    press(second, "y")
    settled(second)
    assert [one["kind"] for one in now(site, episode)["decisions"]] == ["accept", "accept", "reject"]


def test_words_are_selected_by_keys_and_become_evidence(page: Page, site: Site, episode: Any) -> None:
    press(page, "t", "ArrowRight", "/")
    words = page.locator("#evidence-words").text_content() or ""
    assert words.strip()
    page.keyboard.type("R05")
    press(page, "Enter")
    settled(page)
    (line,) = now(site, episode)["coding"]["diagnoses"]
    assert [one["text"] for one in line["evidence"]] == [words]


def test_search_result_is_taken_by_its_digit(page: Page, site: Site, episode: Any) -> None:
    press(page, "/")
    page.keyboard.type("gout")
    expect(page.locator("#hits .app-hit").first).to_be_visible()
    wanted = page.locator("#hits .app-hit").nth(1).get_attribute("value")
    press(page, "ArrowDown", "2")
    settled(page)
    assert codes(site, episode) == [wanted]


def test_what_was_left_out_is_shown_on_demand(page: Page) -> None:
    press(page, "v")
    expect(page.locator("#left-out li")).to_contain_text("negated")
    assert violations(page) == []


def test_other_episodes_of_the_spell_are_context(sign_in: SignIn, site: Site) -> None:
    facts = {"documents": [{"id": "ds", "text": "Hypertension."}], "local_patient_id": "P-context"}
    headers = site.stage.headers(UserRole.EPR)
    bodies = [{"spell_number": "CTX", "episode_number": number, **facts} for number in ("1", "2")]
    first, second = (site.stage.client.post("/v1/episodes", json=x, headers=headers).json() for x in bodies)
    page = opened(sign_in(), first)
    press(page, "/")
    page.keyboard.type("I10")
    press(page, "Enter")
    settled(page)
    opened(page, second)
    press(page, "Escape", "o")
    expect(page.get_by_text("For context only")).to_be_visible()
    expect(page.locator(".app-other")).to_contain_text("I10.X")
    assert violations(page) == []


def test_without_model_and_text_codes_are_typed_at_once(browser: Any, site_without_model: Site) -> None:
    site = site_without_model
    body = {"spell_number": "SCAN"}
    episode = site.stage.client.post(
        "/v1/episodes", json=body, headers=site.stage.headers(UserRole.EPR)
    ).json()
    with signing_in(browser, site) as sign_in:
        page = opened(sign_in(), episode)
        expect_focus(page.get_by_label("Add a code"))
        assert violations(page) == []
        page.keyboard.type("J440 I10")
        press(page, "Enter", "Escape", "f")
        page.wait_for_url(lambda url: episode["id"] not in url)
    assert now(site, episode)["status"] == "finalised"
    assert codes(site, episode) == ["J440", "I10X"]
