"""What the episode page shows, and what it keeps to itself."""

import pytest

from service.identity import UserRole
from tests.fakes import NOTE
from tests.page_client import Desk, PageClient
from tests.service_fixtures import Stage


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def test_history_is_told_in_plain_words(desk: Desk) -> None:
    desk.post("accept", line=desk.lines["J440"])
    desk.post("reject", line=desk.lines["E119"], reason="history_only")
    desk.post("replace", line=desk.lines["I10X"], code="I11.9")
    undoable = desk.now()["decisions"][-1]["id"]
    desk.post("undo", decision=undoable)
    desk.post("hold", reason="histology", review_date="2026-04-01")
    page = desk.pages.get(desk.address).text
    for words in (
        "accepted J44.0 Chronic obstructive",
        "rejected E11.9 Type 2 diabetes mellitus without complications: history only",
        "replaced I10.X Essential",
        "undid a replace",
        "put the episode on hold: waiting for histology, to be looked at on 2026-04-01",
    ):
        assert words in page


def test_every_text_stands_on_the_page_exactly_as_sent(stage: Stage) -> None:
    text = "<script>alert(1)</script>\r\nA & B\ttab 😀 'quote' \"double\" exacerbation of COPD"
    desk = Desk(stage, episode=stage.post_episode("S3", text))
    page = desk.pages.get(desk.address).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#13;\nA &amp; B\ttab 😀" in page


def test_patient_stands_on_the_page_but_not_in_its_title_or_addresses(stage: Stage) -> None:
    body = {
        "spell_number": "S9",
        "family_name": "Zwyx",
        "nhs_number": "9990001234",
        "documents": [{"id": "ds", "text": NOTE}],
    }
    episode = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR)).json()
    page = Desk(stage, episode=episode).pages.get(f"/episodes/{episode['id']}").text
    assert "ZWYX" in page
    assert "999 000 1234" in page
    assert "zwyx" not in page.split("</title>")[0].lower()
    assert page.lower().count("zwyx") == 1
    pages = PageClient(stage)
    pages.sign_in()
    assert "zwyx" not in pages.get("/worklist").text.lower()


def test_coding_by_hand_works_without_model_and_without_documents(stage: Stage) -> None:
    stage.source.coder, stage.source.name = None, "gone"
    body = {"spell_number": "S5"}
    episode = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR)).json()
    pages = PageClient(stage)
    pages.sign_in()
    address = f"/episodes/{episode['id']}"
    assert "No document has arrived" in pages.get(address).text
    for fields in ({"kind": "add", "role": "diagnosis", "code": "J18.9"}, {"kind": "finalise"}):
        assert (
            pages.post(f"{address}/decisions", {**pages.hidden_fields(address), **fields}).status_code == 303
        )
    now = stage.client.get(f"/v1{address}", headers=stage.headers()).json()
    assert now["status"] == "finalised"


def test_episode_of_another_provider_is_not_found(stage: Stage) -> None:
    episode = stage.post_episode(provider="B")
    pages = PageClient(stage)
    pages.sign_in()
    answer = pages.get(f"/episodes/{episode['id']}")
    assert answer.status_code == 404
    assert "There is no such thing here" in answer.text
    for form in ("decisions", "search", "reject-remaining"):
        token = pages.hidden_fields("/worklist")
        sent = {**token, "version": "1", "kind": "claim"}
        assert pages.post(f"/episodes/{episode['id']}/{form}", sent).status_code == 404


def test_evidence_is_found_again_in_a_newer_version_or_told_to_be_lost(desk: Desk, stage: Stage) -> None:
    for code in ("J440", "E119"):
        desk.post("accept", line=desk.lines[code])
    stage.post_episode(text=NOTE.replace("type 2 diabetes", "T2DM").replace("Diagnosis:", "Main diagnosis:"))
    page = desk.pages.get(desk.address).text
    assert "Found again in version 2" in page
    assert "No longer in the document" in page
    assert "Version 2 of 2" in page


def test_document_that_was_entered_in_error_says_so(stage: Stage) -> None:
    body = {
        "spell_number": "E1",
        "documents": [
            {"id": "ds", "text": NOTE},
            {"id": "wrong", "text": "Of another patient", "status": "entered_in_error"},
        ],
    }
    episode = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR)).json()
    assert (
        "Entered in error: not used for coding"
        in Desk(stage, episode=episode).pages.get(f"/episodes/{episode['id']}").text
    )


def test_words_of_a_document_that_was_withdrawn_are_told_and_not_marked(desk: Desk, stage: Stage) -> None:
    desk.post("accept", line=desk.lines["J440"])
    body = {
        "spell_number": "S1",
        "episode_number": "1",
        "documents": [{"id": "ds", "text": NOTE, "status": "entered_in_error"}],
    }
    stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR))
    page = desk.pages.get(desk.address).text
    assert "Document entered in error" in page
    assert "<mark" not in page


def test_procedure_is_dated(desk: Desk) -> None:
    desk.post("accept", line=desk.lines["G459"])
    assert desk.post("set_date", line=desk.lines["G459"], date="2026-02-20").status_code == 303
    page = desk.pages.get(desk.address).text
    assert "done 20 Feb 2026" in page
    assert "dated a procedure 2026-02-20" in page


def test_episode_is_claimed_released_and_held(desk: Desk) -> None:
    desk.post("claim")
    assert "Claimed by" in desk.pages.get(desk.address).text
    desk.post("release")
    desk.post("hold", reason="query")
    page = desk.pages.get(desk.address).text
    assert "query to the clinician" in page
    assert "Release or claim it to go on coding" in page
