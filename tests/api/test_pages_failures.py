"""Failures as pages, and what surrounds every page."""

import re

import pytest

from service.workbench import rendering
from tests.page_client import PageClient, without_tokens
from tests.service_fixtures import Stage


@pytest.fixture
def pages(stage: Stage) -> PageClient:
    client = PageClient(stage)
    client.sign_in()
    return client


PAGES = ("/sign-in", "/worklist", "/nowhere", "/administration")


@pytest.mark.parametrize("address", PAGES)
def test_every_page_carries_the_security_headers(pages: PageClient, address: str) -> None:
    headers = pages.get(address, accept="text/html").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", PAGES)
def test_no_page_needs_what_the_policy_forbids(pages: PageClient, address: str) -> None:
    html = pages.get(address, accept="text/html").text
    assert "<style" not in html
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nowhere", 404, "There is no such thing here"),
        ("/administration", 403, "Your role does not allow this"),
        ("/episodes/not-an-id", 422, "The request does not make sense"),
        ("/worklist?cursor=AAAA", 422, "The cursor is not one that this service gave"),
    ],
)
def test_failure_is_a_page_with_the_problems_words(
    pages: PageClient, address: str, status: int, words: str
) -> None:
    answer = pages.get(address, accept="text/html")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert words in answer.text
    assert "Coder A" in answer.text or address == "/nowhere"  # the frame still says who is signed in


def test_failure_never_repeats_what_was_sent(pages: PageClient) -> None:
    for address in (
        "/Mrs-Jones",
        "/episodes/Mrs-Jones",
        "/worklist?cursor=Mrs-Jones%20",
        "/worklist?site=" + "Mrs" * 9,
    ):
        assert "Mrs" not in without_tokens(pages.get(address, accept="text/html").text)


def test_failure_of_an_htmx_request_goes_to_the_place_for_notices(pages: PageClient) -> None:
    headers = {"HX-Request": "true"}
    answer = pages.get("/episodes/3f1e9d3c-0000-4000-8000-000000000000", **headers)
    assert answer.status_code == 404
    assert answer.headers["hx-retarget"] == "#notice"
    assert "<html" not in answer.text


@pytest.fixture
def broken_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worklist that fails with a patient's name in the message."""

    def fail(*_args: object) -> str:
        raise RuntimeError("Mrs Jones")

    monkeypatch.setitem(rendering.environment().filters, "treatment_function", fail)
    monkeypatch.setattr("service.workbench.worklist.shown.choices", fail)


@pytest.mark.usefixtures("broken_page")
def test_defect_is_a_page_with_headers_and_without_details(
    pages: PageClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = pages.get("/worklist", accept="text/html")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "content-security-policy" in answer.headers
    assert "Jones" not in answer.text + capsys.readouterr().err


def test_styles_and_scripts_are_kept_for_ever_under_their_own_digest(pages: PageClient) -> None:
    (address,) = re.findall(r'href="(/static/\w+/workbench.css)"', pages.get("/sign-in").text)
    answer = pages.get(address)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    stale = pages.get("/static/0000000000000000/workbench.css")
    assert stale.headers["cache-control"] == "no-cache"
    for outside in ("/../../rendering.py", "/%2e%2e/%2e%2e/rendering.py", "/..%2f..%2frendering.py"):
        assert "import" not in pages.get(address.replace("/workbench.css", outside)).text
