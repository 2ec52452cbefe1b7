"""Files in place of text over JSON: what is read of them is stored; what cannot be read is refused."""

import base64
import hashlib
from typing import Any

import pytest

from service.identity import UserRole
from tests import files
from tests.page_client import PageClient
from tests.service_fixtures import Stage

PDF = "application/pdf"


def posted(stage: Stage, content: bytes | str, kind: str = PDF, **more: Any) -> Any:
    data = content if isinstance(content, str) else base64.b64encode(content).decode()
    document = {"id": "ds", "content_type": kind, "data": data, **more}
    body = {"spell_number": "S1", "episode_number": "1", "documents": [document]}
    return stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.pdf("Diagnosis: exacerbation of COPD."), PDF),
        (files.RTF, "application/rtf"),
        (files.RTF, "text/rtf"),
        ("Diagnosis: exacerbation of COPD. – é".encode("cp1252"), "text/plain"),
    ],
)
def test_evidence_points_into_the_text_that_was_taken_from_the_file(
    stage: Stage, content: bytes, kind: str
) -> None:
    answer = posted(stage, content, kind)
    assert answer.status_code == 201, answer.text
    [document] = answer.json()["documents"]
    assert document["content_type"] == kind
    assert document["original_digest"] == hashlib.sha256(content).hexdigest()
    span = answer.json()["suggestions"]["undecided"][0]["evidence"][0]
    assert document["text"][span["start"] : span["end"]] == span["text"] == "exacerbation of COPD"
    again = posted(stage, content, kind)
    assert (again.status_code, again.json()["documents"][0]["version"]) == (200, 1)


def test_suggestions_are_made_of_files_too(stage: Stage) -> None:
    data = base64.b64encode(files.pdf("Diagnosis: hypertension.")).decode()
    body = {"documents": [{"content_type": PDF, "data": data}]}
    answer = stage.client.post("/v1/suggestions", json=body, headers=stage.headers(UserRole.EPR))
    assert answer.json()["diagnoses"][0]["code"] == "I10X"


def test_a_scan_is_ready_to_be_coded_by_hand_and_the_page_says_so(stage: Stage) -> None:
    episode = posted(stage, files.pdf()).json()
    assert (episode["status"], episode["suggestions"], episode["suggestions_reason"]) == ("ready", None, None)
    assert episode["no_electronic_text"]
    assert episode["documents"][0]["no_electronic_text"]
    pages = PageClient(stage)
    pages.sign_in("coder-a")
    shown = pages.get(f"/episodes/{episode['id']}").text
    assert 'id="no-electronic-text"' in shown
    assert "No suggestions: there is no electronic text" in shown
    text = {"id": "ds", "text": "Diagnosis: hypertension."}
    body = {"spell_number": "S1", "episode_number": "1", "documents": [text]}
    mended = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR)).json()
    assert (mended["no_electronic_text"], mended["suggestions"] is None) == (False, False)


def test_text_beside_a_scan_is_suggested_for_and_never_automated(stage: Stage) -> None:
    scan = base64.b64encode(files.pdf()).decode()
    documents = [
        {"id": "ds", "text": "Diagnosis: hypertension."},
        {"id": "scan", "content_type": PDF, "data": scan},
    ]
    body = {"spell_number": "S1", "documents": documents}
    episode = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR)).json()
    assert "there is no text" in episode["suggestions"]["shadow"]["reasons"]


def test_spell_level_text_is_said_by_the_sender_and_shown(stage: Stage) -> None:
    episode = posted(stage, b"Diagnosis: hypertension.", "text/plain", spell_level=True).json()
    assert (episode["spell_level_text"], episode["documents"][0]["spell_level"]) == (True, True)
    reasons = episode["suggestions"]["shadow"]["reasons"]
    assert "the text tells of more than one consultant episode" in reasons
    pages = PageClient(stage)
    pages.sign_in("coder-a")
    assert 'id="spell-level-text"' in pages.get(f"/episodes/{episode['id']}").text


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("bm90IGEgcGRm", PDF, "it is not application/pdf"),
        ("%%%%", PDF, "pattern"),
        ("QUJD=QUJD", PDF, "not base64"),
        (files.RTF, PDF, "it is not application/pdf"),
        (files.pdf("a"), "text/plain", "it is not text/plain"),
        (files.pdf("a")[:300], PDF, "damaged"),
        (b"\x00\x01", "text/plain", "neither PDF nor RTF nor text"),
        (files.pdf("a", pages=201), PDF, "200 pages"),
        (files.RTF, "image/png", "content_type"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(
    stage: Stage, content: bytes | str, kind: str, said: str
) -> None:
    answer = posted(stage, content, kind)
    assert answer.status_code == 422
    assert said in answer.text


def test_either_text_or_data_is_sent(stage: Stage) -> None:
    assert posted(stage, b"x", "text/plain", text="x").status_code == 422
    body = {"spell_number": "S1", "documents": [{"id": "ds"}]}
    headers = stage.headers(UserRole.EPR)
    assert stage.client.post("/v1/episodes", json=body, headers=headers).status_code == 422
    wrong = {"id": "ds", "text": "x", "content_type": PDF}
    body = {"spell_number": "S1", "documents": [wrong]}
    assert stage.client.post("/v1/episodes", json=body, headers=headers).status_code == 422


def test_a_wrong_check_digit_is_shown_as_a_warning(stage: Stage) -> None:
    body = {"spell_number": "S1", "nhs_number": "9333333333", "sex": "F", "documents": []}
    episode = stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR)).json()
    assert episode["patient"]["nhs_number_holds"] is False
    pages = PageClient(stage)
    pages.sign_in("coder-a")
    shown = pages.get(f"/episodes/{episode['id']}").text
    assert "Check digit is wrong" in shown
    assert "<dd>Female</dd>" in shown
