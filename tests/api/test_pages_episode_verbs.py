"""Buttons of the episode page: several decisions at once and undone together; context; older versions."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts.directory import new_id
from service.automation.tables import BlindAudit
from service.identity import UserRole
from service.tables import Account
from tests.fakes import NOTE
from tests.page_client import Desk, PageClient
from tests.service_fixtures import Stage


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def do(desk: Desk, what: str, **fields: str) -> Any:
    return desk.pages.post(f"{desk.address}/decisions", {**desk.fields(), **fields, "do": what})


def typed(desk: Desk, query: str, **fields: str) -> Any:
    sent = {**desk.fields(), "role": "diagnosis", "query": query, **fields}
    return desk.pages.post(f"{desk.address}/codes", sent)


def kinds(desk: Desk) -> list[str]:
    return [decision["kind"] for decision in desk.now()["decisions"]]


def test_likely_suggestions_are_accepted_in_one_transaction_and_undone_by_one_undo(desk: Desk) -> None:
    assert do(desk, "accept-from").status_code == 303
    assert desk.standing() == ["J440", "E119"]
    assert kinds(desk) == ["accept", "accept"]
    assert do(desk, "undo").status_code == 303
    assert desk.standing() == []
    assert kinds(desk) == ["accept", "accept", "undo", "undo"]
    assert do(desk, "undo").status_code == 409


def test_accepting_together_never_leads_to_an_error(stage: Stage) -> None:
    text = "Diagnosis: exacerbation of COPD. PMH: type 2 diabetes."
    desk = Desk(stage, episode=stage.post_episode("S7", text))
    typed(desk, "E109")
    do(desk, "accept-from")
    assert desk.standing() == ["E109", "J440"]
    errors = [one for one in desk.now()["findings"] if one["severity"] == "error"]
    assert errors == []
    assert desk.pages.get(desk.address).text.count("to decide") >= 1


def test_manager_sets_the_threshold_or_switches_it_off(desk: Desk, stage: Stage) -> None:
    pages = PageClient(stage)
    pages.sign_in("manager-a")
    token = dict(pages.hidden_fields("/worklist"))
    assert pages.post("/coding-settings", {**token, "accept_from": "85"}).status_code == 303
    assert "85%" in pages.get("/coding-settings").text
    assert "Accept the 3 of 85%+" in desk.pages.get(desk.address).text
    assert pages.post("/coding-settings", {**token, "accept_from": ""}).status_code == 303
    assert "Accept the" not in desk.pages.get(desk.address).text
    refused = do(desk, "accept-from")
    assert refused.status_code == 409
    assert "has not allowed" in refused.text
    other = Desk(stage, "coder-b", stage.post_episode("S1", provider="B"))
    assert "Accept the 2 of 90%+" in other.pages.get(other.address).text


@pytest.mark.parametrize("written", ["49", "101", "many", "9e1", "-5", "٩٠"])
def test_a_threshold_that_makes_no_sense_is_refused(stage: Stage, written: str) -> None:
    pages = PageClient(stage)
    pages.sign_in("manager-a")
    token = dict(pages.hidden_fields("/worklist"))
    assert pages.post("/coding-settings", {**token, "accept_from": written}).status_code == 422


def test_only_a_manager_sets_the_threshold(stage: Stage) -> None:
    pages = PageClient(stage)
    pages.sign_in()
    token = dict(pages.hidden_fields("/worklist"))
    assert pages.post("/coding-settings", {**token, "accept_from": "60"}).status_code == 403
    assert "A coding manager changes it" in pages.get("/coding-settings").text


def test_codes_in_one_line_are_added_in_order_with_groups(desk: Desk) -> None:
    assert typed(desk, "i10 F05.9,E11.9 / W371 Z942 G451").status_code == 303
    assert desk.standing() == ["I10X", "F059", "E119"]
    groups = [(line["code"], line["group"]) for line in desk.now()["coding"]["procedures"]]
    assert groups == [("W371", 1), ("Z942", 1), ("G451", 2)]
    do(desk, "undo")
    assert (desk.standing(), desk.standing("procedures")) == ([], [])


def test_a_code_of_the_other_classification_goes_there(desk: Desk) -> None:
    typed(desk, "J440 U051")
    assert (desk.standing(), desk.standing("procedures")) == (["J440"], ["U051"])


def test_a_code_that_stands_is_told_and_nothing_is_added(desk: Desk) -> None:
    typed(desk, "I10")
    answer = typed(desk, "I10")
    assert answer.status_code == 422
    assert "In the coding already: I10.X" in answer.text


def test_words_are_looked_for_and_not_added(desk: Desk) -> None:
    answer = typed(desk, "gout")
    assert answer.status_code == 200
    assert 'value="M109"' in answer.text
    assert kinds(desk) == []


def test_a_line_is_replaced_by_a_typed_code(desk: Desk) -> None:
    assert typed(desk, "E114", line=desk.lines["E119"]).status_code == 303
    assert desk.standing() == ["E114"]


def test_a_suggestion_is_accepted_as_primary_at_once(desk: Desk) -> None:
    do(desk, f"accept {desk.lines['J440']}")
    do(desk, f"primary {desk.lines['I10X']}")
    assert desk.standing() == ["I10X", "J440"]
    do(desk, "undo")
    assert desk.standing() == ["J440"]


def test_a_line_goes_before_another(desk: Desk) -> None:
    typed(desk, "I10 F059 E119")
    ids = [line["id"] for line in desk.now()["coding"]["diagnoses"]]
    do(desk, f"move {ids[2]} {ids[0]}")
    assert desk.standing() == ["E119", "I10X", "F059"]
    do(desk, f"move {ids[2]} last")
    assert desk.standing() == ["I10X", "F059", "E119"]


def test_finishing_rejects_the_rest_and_finalises(desk: Desk) -> None:
    do(desk, f"accept {desk.lines['J440']}")
    asked = do(desk, "finalise")
    assert asked.status_code == 409
    assert "Reject the remaining 4 suggestions and finalise" in asked.text
    assert do(desk, "finish").status_code == 303
    assert desk.now()["status"] == "finalised"


@pytest.mark.parametrize(
    "what", ["", "accept", "nonsense", "accept x y", "reject x nonsense", "move x up", "undo now", "\u0661"]
)
def test_what_makes_no_sense_is_refused(desk: Desk, what: str) -> None:
    assert do(desk, what).status_code in (409, 422)
    assert kinds(desk) == []


def test_a_stale_page_shows_both_versions_and_offers_it_again(desk: Desk, stage: Stage) -> None:
    fields = desk.fields()
    Desk(stage, "manager-a", desk.episode).post("accept", line=desk.lines["J440"])
    sent = {**fields, "do": f"reject {desk.lines['E119']} history_only"}
    answer = desk.pages.post(f"{desk.address}/decisions", sent)
    assert answer.status_code == 412
    assert "<strong>Manager A</strong> accepted J44.0" in answer.text
    assert "reject E11.9" in answer.text
    assert f'name="do" value="reject {desk.lines["E119"]} history_only"' in answer.text


def test_documents_are_not_sent_again_while_they_are_the_same(desk: Desk, stage: Stage) -> None:
    page = desk.pages.get(desk.address).text
    token = page.split('name="documents" value="')[1].split('"')[0]
    same = desk.post_by_htmx("accept", line=desk.lines["J440"], documents=token)
    assert "lives alone" not in same.text.split('id="documents"')[1].split("</section>")[0]
    stage.post_episode(text=NOTE + " Addendum.")
    new = desk.post_by_htmx("accept", line=desk.lines["E119"], documents=token)
    assert "Addendum." in new.text


def test_history_names_model_and_standards(desk: Desk) -> None:
    do(desk, f"accept {desk.lines['J440']}")
    assert "model fake 1, standards " in desk.pages.get(desk.address).text


def episode(stage: Stage, number: str, provider: str = "A", **facts: str) -> Any:
    body = {
        "spell_number": "CTX",
        "episode_number": number,
        "documents": [{"id": "ds", "text": NOTE}],
        **facts,
    }
    headers = stage.headers(UserRole.EPR, provider)
    return stage.client.post("/v1/episodes", json=body, headers=headers).json()


def test_context_shows_other_episodes_of_spell_and_patient_of_the_own_provider(stage: Stage) -> None:
    first = Desk(stage, episode=episode(stage, "1", nhs_number="9990001234"))
    typed(first, "F059")
    second = Desk(stage, episode=episode(stage, "2"))
    episode(stage, "3", "B")
    found = second.pages.get(f"{second.address}/context").text
    assert "For context only" in found
    assert "CTX / 1" in found
    assert "F05.9" in found
    assert "CTX / 3" not in found
    assert "F05.9" not in second.pages.get(second.address).text
    stranger = Desk(stage, "coder-b", episode(stage, "3", "B"))
    assert stranger.pages.get(f"{second.address}/context").status_code == 404


def test_older_version_of_a_document_can_be_read(desk: Desk, stage: Stage) -> None:
    stage.post_episode(text="Another text.")
    page = desk.pages.get(desk.address).text
    assert f'href="{desk.address}/document?number=1&amp;version=1"' in page
    older = desk.pages.get(f"{desk.address}/document?number=1&version=1").text
    assert "infective exacerbation of COPD" in older
    assert "A newer version replaces it" in older
    assert desk.pages.get(f"{desk.address}/document?number=1&version=9").status_code == 404
    assert desk.pages.get(f"{desk.address}/document?number=9&version=1").status_code == 404


def test_blind_auditor_sees_neither_page_nor_context(stage: Stage) -> None:
    first, second = episode(stage, "1"), episode(stage, "2")
    with stage.services.db.write() as session:
        session.add(_claimed_audit(session, first["id"], stage.clock.now()))
    desk = PageClient(stage)
    desk.sign_in("auditor-a")
    for address in ("", "/context", "/document?number=1&version=1"):
        assert desk.get(f"/episodes/{first['id']}{address}").status_code == 409
    assert "CTX / 1" not in desk.get(f"/episodes/{second['id']}/context").text


def _claimed_audit(session: Session, episode_id: str, at: datetime) -> BlindAudit:
    auditor = session.scalars(select(Account).where(Account.username == "auditor-a")).one()
    return BlindAudit(
        id=new_id(),
        provider_id=auditor.provider_id,
        episode_id=episode_id,
        share=1.0,
        drawn_at=at,
        status="claimed",
        claimed_by=auditor.id,
        claimed_name=auditor.name,
        claimed_at=at,
    )
