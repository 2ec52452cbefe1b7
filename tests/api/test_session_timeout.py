"""When a session ends in the middle of work: the way back leads to the same page, and nothing is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from service.identity import UserRole
from service.kept_forms.store import KEPT_MINUTES
from service.kept_forms.tables import KeptForm
from service.sessions import COOKIE
from tests.page_client import BY_HTMX, Desk, PageClient
from tests.service_fixtures import Stage


@contextmanager
def ended(stage: Stage) -> Iterator[None]:
    """Every session is too old meanwhile."""
    sessions = stage.services.sessions
    idle, sessions._idle_seconds = sessions._idle_seconds, -1
    yield
    sessions._idle_seconds = idle


def sent_too_late(desk: Desk, address: str, fields: dict[str, str], **headers: str) -> Any:
    sent = {**desk.fields(), **fields}
    with ended(desk.stage):
        return desk.pages.post(address, sent, **headers)


def way_back(answer: Any) -> str:
    """Where signing in leads."""
    (wanted,) = parse_qs(urlsplit(str(answer.headers["location"])).query)["next"]
    return wanted


def kept_forms(stage: Stage) -> int:
    with stage.services.db.read() as session:
        return session.scalar(select(func.count()).select_from(KeptForm)) or 0


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def test_an_action_leads_to_sign_in_back_to_its_episode_and_can_be_done_then(desk: Desk) -> None:
    fields = {"kind": "accept", "line": desk.lines["J440"]}
    late = sent_too_late(desk, f"{desk.address}/decisions", fields)
    assert late.status_code == 303
    assert desk.standing() == []
    target = way_back(late)
    assert target.startswith(f"{desk.address}?kept=")
    signed_in = desk.pages.sign_in(next=target)
    assert signed_in.headers["location"] == target
    page = desk.pages.get(target).text
    assert "Your session had ended when you wanted to accept a suggestion" in page
    again = {**dict(areas(page)), **desk.fields()}
    assert desk.pages.post(f"{desk.address}/decisions", again).status_code == 303
    assert desk.standing() == ["J440"]


def areas(page: str) -> list[tuple[str, str]]:
    """The fields of the kept form."""
    parts = page.split('<textarea name="')[1:]
    return [
        (part.split('"')[0], unescape(part.split(">\n", 1)[1].split("</textarea>")[0]))
        for part in parts
        if " hidden readonly" in part.split(">")[0]
    ]


def test_typed_words_are_kept_by_the_service_and_stand_in_no_address(desk: Desk) -> None:
    question = "What do the words shown mean, Mrs Jones?"
    late = sent_too_late(desk, f"{desk.address}/queries", {"question": question, "words": "type 2 diabetes"})
    assert "Jones" not in late.headers["location"]
    assert "Jones" not in late.text
    desk.pages.sign_in()
    page = unescape(desk.pages.get(way_back(late)).text)
    assert "wanted to put a query" in page
    assert question in page
    assert dict(areas(page))["question"] == question


def test_htmx_shows_a_notice_beside_the_work_with_the_way_back(desk: Desk) -> None:
    fields = {"kind": "reject", "line": desk.lines["J440"]}
    late = sent_too_late(desk, f"{desk.address}/decisions", fields, **BY_HTMX)
    assert (late.status_code, late.headers["hx-retarget"]) == (401, "#notice")
    assert "Your session has ended." in late.text
    assert f"kept for {KEPT_MINUTES} minutes" in late.text
    assert "/sign-in?next=/episodes/" in late.text
    assert "<html" not in late.text


def test_a_page_that_stayed_open_goes_on_after_the_same_person_signs_in_again(desk: Desk) -> None:
    fields = desk.fields()
    with ended(desk.stage):
        assert desk.pages.get("/worklist").status_code == 303
    desk.pages.sign_in()
    sent = {**fields, "kind": "accept", "line": desk.lines["J440"]}
    assert desk.pages.post(f"{desk.address}/decisions", sent).status_code == 303
    assert desk.standing() == ["J440"]


def test_a_page_of_somebody_else_does_not_go_on(desk: Desk) -> None:
    fields = desk.fields()
    with ended(desk.stage):
        desk.pages.get("/worklist")
    desk.pages.sign_in("manager-a")
    sent = {**fields, "kind": "accept", "line": desk.lines["J440"]}
    assert desk.pages.post(f"{desk.address}/decisions", sent).status_code == 403


def test_what_was_kept_is_for_its_sender_only(desk: Desk) -> None:
    late = sent_too_late(desk, f"{desk.address}/decisions", {"kind": "hold", "reason": "notes"})
    other = PageClient(desk.stage)
    other.sign_in("manager-a")
    assert "Your session had ended" not in other.get(way_back(late)).text
    kept_id = way_back(late).split("kept=")[1]
    token = other.hidden_fields("/worklist")["csrf_token"]
    assert other.post(f"/kept/{kept_id}/drop", {"csrf_token": token}).headers["location"] == "/"
    assert kept_forms(desk.stage) == 1


def test_what_was_kept_can_be_left(desk: Desk) -> None:
    late = sent_too_late(desk, f"{desk.address}/decisions", {"kind": "hold", "reason": "notes"})
    desk.pages.sign_in()
    kept_id = way_back(late).split("kept=")[1]
    token = desk.fields()["csrf_token"]
    left = desk.pages.post(f"/kept/{kept_id}/drop", {"csrf_token": token})
    assert left.headers["location"] == desk.address
    assert kept_forms(desk.stage) == 0
    assert "Your session had ended" not in desk.pages.get(way_back(late)).text


def test_what_was_kept_is_forgotten_after_a_while(desk: Desk) -> None:
    late = sent_too_late(desk, f"{desk.address}/decisions", {"kind": "hold", "reason": "notes"})
    desk.stage.clock.instant += timedelta(minutes=KEPT_MINUTES)
    desk.pages.sign_in()
    assert kept_forms(desk.stage) == 0
    assert "Your session had ended" not in desk.pages.get(way_back(late)).text


@pytest.mark.parametrize(
    "changed",
    [
        {"csrf_token": "forged"},
        {"csrf_token": ""},
        {"query": "a\x00b"},
        {"query": "x" * 60_000},
    ],
)
def test_what_is_not_of_its_own_page_or_cannot_be_stored_is_not_kept(
    desk: Desk, changed: dict[str, str]
) -> None:
    late = sent_too_late(desk, f"{desk.address}/search", changed)
    assert late.status_code == 303
    assert kept_forms(desk.stage) == 0


def test_without_a_genuine_cookie_nothing_is_kept(desk: Desk) -> None:
    fields = {**desk.fields(), "kind": "claim"}
    desk.pages.client.cookies.clear()
    desk.pages.client.cookies.set(COOKIE, "forged")
    assert desk.pages.post(f"{desk.address}/decisions", fields).status_code == 303
    assert kept_forms(desk.stage) == 0


def test_after_signing_out_nothing_is_kept(desk: Desk) -> None:
    fields = {**desk.fields(), "kind": "claim"}
    cookie = desk.pages.client.cookies[COOKIE]
    desk.pages.post("/sign-out", {"csrf_token": fields["csrf_token"]})
    desk.pages.client.cookies.set(COOKIE, cookie)
    assert desk.pages.post(f"{desk.address}/decisions", fields).status_code == 303
    assert kept_forms(desk.stage) == 0


def test_forms_with_passwords_are_never_kept(stage: Stage) -> None:
    pages = PageClient(stage)
    pages.sign_in("admin-a")
    token = pages.hidden_fields("/administration")["csrf_token"]
    sent = {"csrf_token": token, "username": "new", "password": "a long new password", "role": "coder"}
    with ended(stage):
        assert pages.post("/administration/accounts", sent).status_code == 303
    assert kept_forms(stage) == 0


def test_every_signed_in_page_can_warn_and_stay(desk: Desk) -> None:
    page = desk.pages.get("/worklist").text
    assert 'data-seconds="3600"' in page
    assert "Stay signed in" in page
    token = desk.fields()["csrf_token"]
    assert desk.pages.post("/session", {"csrf_token": token}).status_code == 204
    assert desk.pages.get("/session").status_code == 200
    assert "data-seconds" not in PageClient(desk.stage).get("/sign-in").text


def test_systems_are_answered_as_before(desk: Desk) -> None:
    headers = desk.stage.headers(UserRole.EPR)
    assert desk.stage.client.get("/v1/episodes", headers=headers).status_code == 200
    assert desk.stage.client.get("/v1/episodes").status_code == 401
