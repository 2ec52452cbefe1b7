"""Signing in and out, and what a page refuses to whoever did not."""

import pytest

from service.identity import UserRole
from service.sessions import COOKIE
from tests.page_client import PageClient
from tests.service_fixtures import Stage, build_stage, settings_for


@pytest.fixture
def pages(stage: Stage) -> PageClient:
    return PageClient(stage)


def test_page_leads_signed_out_people_to_sign_in_and_back(pages: PageClient) -> None:
    answer = pages.get("/worklist")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/worklist")
    signed_in = pages.sign_in(next="/worklist")
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/worklist")
    assert pages.get("/worklist").status_code == 200


def test_interface_for_systems_keeps_its_problem_document(pages: PageClient) -> None:
    answer = pages.get("/v1/episodes", accept="text/html")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_form_of_someone_signed_out_leads_back_to_its_page(pages: PageClient) -> None:
    answer = pages.post("/episodes/3f1e9d3c-0000-4000-8000-000000000000/decisions", {"kind": "claim"})
    assert answer.headers["location"] == "/sign-in?next=/episodes/3f1e9d3c-0000-4000-8000-000000000000"


def test_htmx_gets_a_notice_with_the_way_to_sign_in_instead_of_a_page_to_swap(pages: PageClient) -> None:
    answer = pages.get("/worklist", **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-retarget"]) == (401, "#notice")
    assert 'href="/sign-in?next=/worklist"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http://[", "x"],
)
def test_sign_in_never_leads_to_another_site(pages: PageClient, elsewhere: str) -> None:
    assert pages.sign_in(next=elsewhere).headers["location"] == "/"


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(pages: PageClient) -> None:
    cookie = pages.sign_in().headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_session_cookie_travels_over_https_only_outside_the_demonstration(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = settings_for(tmp_path_factory.mktemp("secure")).model_copy(update={"secure_cookies": True})
    stage = build_stage(settings)
    assert "secure" in PageClient(stage).sign_in().headers["set-cookie"].lower()
    stage.services.db.close()


@pytest.mark.parametrize(("username", "password"), [("coder-a", "wrong"), ("nobody", "wrong"), ("", "")])
def test_sign_in_does_not_tell_which_part_was_wrong(pages: PageClient, username: str, password: str) -> None:
    answer = pages.sign_in(username, password)
    assert answer.status_code == 401
    assert "The user name or the password is not right." in answer.text
    assert "set-cookie" not in answer.headers


def test_what_was_typed_is_not_repeated(pages: PageClient) -> None:
    answer = pages.sign_in("<b>Mrs Jones</b>", "mrs jones' password")
    assert "Jones" not in answer.text
    assert "jones" not in answer.text


def test_guessing_a_password_is_slowed_down(pages: PageClient) -> None:
    answers = [pages.sign_in("coder-a", f"guess {number}").status_code for number in range(11)]
    assert answers == [401] * 10 + [429]
    refused = pages.sign_in()
    assert refused.status_code == 429
    assert "Too many tries to sign in" in refused.text
    assert pages.sign_in("manager-a").status_code == 303  # others still get in


def test_right_password_forgives_earlier_slips(pages: PageClient) -> None:
    for _ in range(3):
        for number in range(8):
            pages.sign_in("coder-a", f"slip {number}")
        assert pages.sign_in().status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_form_of_another_site_signs_nobody_in(pages: PageClient, headers: dict[str, str]) -> None:
    answer = pages.post("/sign-in", {"username": "coder-a", "password": "x"}, **headers)
    assert answer.status_code == 403
    assert "The form was not sent from a page of this service" in answer.text


def test_form_without_the_token_of_its_page_is_refused(stage: Stage, pages: PageClient) -> None:
    episode = stage.post_episode()
    pages.sign_in()
    address = f"/episodes/{episode['id']}"
    fields = pages.hidden_fields(address)
    answer = pages.post(f"{address}/decisions", {**fields, "kind": "claim", "csrf_token": "forged"})
    assert answer.status_code == 403
    assert "<h1" in answer.text
    assert pages.post(f"{address}/decisions", {**fields, "kind": "claim"}).status_code == 303


def test_token_of_another_session_is_refused(stage: Stage, pages: PageClient) -> None:
    other = PageClient(stage)
    other.sign_in("manager-a")
    pages.sign_in()
    token = other.hidden_fields("/worklist")["csrf_token"]
    assert pages.post("/sign-out", {"csrf_token": token}).status_code == 403


def test_signing_out_ends_a_copied_session_too(stage: Stage, pages: PageClient) -> None:
    pages.sign_in()
    copied = PageClient(stage)
    copied.client.cookies.set(COOKIE, pages.client.cookies[COOKIE])
    assert copied.get("/worklist").status_code == 200
    token = pages.hidden_fields("/worklist")["csrf_token"]
    out = pages.post("/sign-out", {"csrf_token": token})
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert pages.get("/worklist").status_code == 303
    assert copied.get("/worklist").status_code == 303


def test_session_is_renewed_while_it_is_used(
    stage: Stage, pages: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.sign_in()
    assert "set-cookie" not in pages.get("/worklist").headers
    monkeypatch.setattr("service.sessions._RENEW_AFTER_SECONDS", -1)
    before = pages.client.cookies[COOKIE]
    renewed = pages.get("/worklist")
    assert COOKIE in renewed.headers["set-cookie"]
    assert "HttpOnly" in renewed.headers["set-cookie"]
    token = pages.hidden_fields("/worklist")["csrf_token"]
    assert before
    assert "Max-Age=0" in pages.post("/sign-out", {"csrf_token": token}).headers["set-cookie"]


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (UserRole.CODER, "/worklist"),
        (UserRole.TRAINEE, "/worklist"),
        (UserRole.MANAGER, "/worklist"),
        (UserRole.ADMIN, "/administration"),
        (UserRole.CLINICIAN, "/queries"),
    ],
)
def test_everyone_has_a_first_page(pages: PageClient, role: UserRole, home: str) -> None:
    pages.sign_in(f"{role}-a")
    assert pages.get("/").headers["location"] == home


def test_a_role_without_pages_is_told_so(pages: PageClient) -> None:
    pages.sign_in(f"{UserRole.ENGINEER}-a")
    assert "Nothing to do here for your role" in pages.get("/").text
    assert pages.get("/worklist").status_code == 403


def test_demonstration_accounts_are_named_in_the_demonstration_only(
    pages: PageClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert "Demonstration accounts" not in pages.get("/sign-in").text
    settings = settings_for(tmp_path_factory.mktemp("demonstration")).model_copy(
        update={"demonstration": True}
    )
    stage = build_stage(settings)
    page = PageClient(stage).get("/sign-in").text
    assert "Demonstration accounts" in page
    assert "Every patient here is invented" in page
    stage.services.db.close()
