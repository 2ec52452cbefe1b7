"""Decisions on the episode page, as a browser without script sends them, and as htmx does."""

import pytest

from tests.fakes import NOTE
from tests.page_client import Desk
from tests.service_fixtures import Stage


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def test_form_is_carried_out_and_answered_with_the_way_to_the_page(desk: Desk) -> None:
    answer = desk.post("accept", line=desk.lines["J440"])
    assert (answer.status_code, answer.headers["location"]) == (303, desk.address)
    assert desk.standing() == ["J440"]


def test_htmx_gets_the_desk_alone(desk: Desk) -> None:
    answer = desk.post_by_htmx("accept", line=desk.lines["J440"])
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="desk"' in answer.text
    assert "Coder A accepted J44.0" in answer.text
    assert "HX-Request" in answer.headers["vary"]


def test_form_that_was_sent_twice_is_carried_out_once(desk: Desk) -> None:
    fields = desk.fields()
    for _ in range(2):
        assert desk.post("accept", **fields, line=desk.lines["J440"]).status_code == 303
    assert len(desk.now()["decisions"]) == 1


def test_stale_page_says_who_changed_what_and_shows_it(desk: Desk, stage: Stage) -> None:
    fields = desk.fields()
    Desk(stage, "manager-a", desk.episode).post("accept", line=desk.lines["J440"])
    answer = desk.post_by_htmx("reject", **fields, line=desk.lines["J440"])
    assert answer.status_code == 412
    assert "Changed by Manager A at 09:00 on 2 Mar 2026: accepted J44.0" in answer.text
    assert "Your decision was not recorded." in answer.text
    assert "1 to decide" not in answer.text
    assert desk.standing() == ["J440"]


def test_stale_page_says_when_it_was_no_person(desk: Desk, stage: Stage) -> None:
    fields = desk.fields()
    stage.post_episode(text=NOTE + " Addendum.")
    answer = desk.post("accept", **fields, line=desk.lines["J440"])
    assert answer.status_code == 412
    assert "The EPR sent something new for this episode" in answer.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "add", "role": "diagnosis", "code": "Q00.99"}, "has no such code"),
        ({"kind": "add", "role": "diagnosis", "code": ""}, "Give a code."),
        ({"kind": "reopen"}, "Give a reason."),
        ({"kind": "nonsense"}, "The form was not complete."),
        ({"kind": "finalise"}, "Decide on every suggestion first"),
        ({"kind": "move", "line": "x", "direction": "up"}, "The line is no longer in the coding."),
        ({"kind": "accept", "line": "x", "version": "many"}, "Load the page again."),
    ],
)
def test_page_says_why_a_decision_was_not_recorded(desk: Desk, fields: dict[str, str], words: str) -> None:
    answer = desk.pages.post(f"{desk.address}/decisions", {**desk.fields(), **fields})
    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert "Your decision was not recorded." in answer.text
    assert desk.now()["decisions"] == []


def test_lines_move_up_and_down(desk: Desk) -> None:
    for code in ("J440", "E119", "I10X"):
        desk.post("accept", line=desk.lines[code])
    desk.post("move", line=desk.lines["I10X"], direction="up")
    assert desk.standing() == ["J440", "I10X", "E119"]
    desk.post("move", line=desk.lines["J440"], direction="down")
    assert desk.standing() == ["I10X", "J440", "E119"]


def test_code_is_added_with_the_words_that_were_selected(stage: Stage) -> None:
    text = "Line one\r\nwith 😀 an emoji\r\nand gout in the toe."
    desk = Desk(stage, episode=stage.post_episode("S2", text))
    start = text.index("emoji")
    words = text[start : text.index(" in the")]
    span = {
        "evidence_document": "ds",
        "evidence_version": "1",
        "evidence_start": str(start),
        "evidence_end": str(start + len(words)),
        "evidence_text": words.replace("\r\n", "\n"),  # browsers change line ends in forms
    }
    assert desk.post("add", role="diagnosis", code="M10.9", **span).status_code == 303
    (line,) = desk.now()["coding"]["diagnoses"]
    assert [(e["start"], e["text"]) for e in line["evidence"]] == [(start, words)]


def test_words_that_do_not_stand_there_are_no_evidence(desk: Desk) -> None:
    span = {"evidence_document": "ds", "evidence_version": "1", "evidence_start": "0", "evidence_end": "4"}
    answer = desk.post("add", role="diagnosis", code="M10.9", evidence_text="gout", **span)
    assert answer.status_code == 422
    assert "Other words stand at that place" in answer.text


def test_added_procedures_get_groups_that_others_can_join(desk: Desk) -> None:
    desk.post("add", role="procedure", code="W37.1")
    group = str(desk.now()["coding"]["procedures"][0]["group"])
    desk.post("add", role="procedure", code="Z94.3", group=group)
    desk.post("add", role="procedure", code="G45.9", group="")
    assert [line["group"] for line in desk.now()["coding"]["procedures"]] == [1, 1, 2]


def test_search_finds_codes_by_words_and_by_code(desk: Desk) -> None:
    assert "J18.9" in desk.search("pneumonia").text
    found = desk.search("g45.9", "procedure").text
    assert 'value="G459"' in found


def test_search_of_a_category_offers_the_codes_below_it(desk: Desk) -> None:
    found = desk.search("E11").text
    assert '<button class="app-hit" name="code" value="E119"' in found
    assert '<button class="app-hit" name="code" value="E11"' not in found


def test_search_marks_a_diagnosis_that_stands_already(desk: Desk) -> None:
    desk.post("accept", line=desk.lines["E119"])
    assert "in the coding" in desk.search("E119").text


def test_search_without_script_shows_the_page_with_what_was_found(desk: Desk) -> None:
    sent = {**desk.fields(), "role": "diagnosis", "query": "pneumonia"}
    answer = desk.pages.post(f"{desk.address}/search", sent)
    assert "<html" in answer.text
    assert 'value="J189"' in answer.text


def test_what_is_searched_for_a_patient_stands_in_no_address(desk: Desk) -> None:
    page = desk.pages.get(desk.address).text
    assert 'hx-get="' not in page
    assert desk.pages.get(f"{desk.address}/search?query=hiv").status_code == 405


def test_remaining_suggestions_are_rejected_together_and_the_coding_finalised(desk: Desk) -> None:
    desk.post("accept", line=desk.lines["J440"])
    answer = desk.pages.post(f"{desk.address}/reject-remaining", desk.fields())
    assert answer.status_code == 303
    assert [d["kind"] for d in desk.now()["decisions"]] == ["accept"] + ["reject"] * 4
    assert desk.post("finalise").status_code == 303
    page = desk.pages.get(desk.address).text
    assert "Next episode" in page
    assert "Reopen" in page


def test_stale_page_does_not_reject_the_rest(desk: Desk, stage: Stage) -> None:
    fields = desk.fields()
    Desk(stage, "manager-a", desk.episode).post("accept", line=desk.lines["J440"])
    answer = desk.pages.post(f"{desk.address}/reject-remaining", fields)
    assert answer.status_code == 412
    assert len(desk.now()["decisions"]) == 1


def test_coding_of_a_trainee_is_approved_by_someone_qualified(stage: Stage) -> None:
    trainee = Desk(stage, "trainee-a")
    trainee.post("accept", line=trainee.lines["J440"])
    trainee.pages.post(f"{trainee.address}/reject-remaining", trainee.fields())
    trainee.post("finalise")
    assert "waits for someone qualified" in trainee.pages.get(trainee.address).text
    version = str(trainee.now()["version"])
    assert trainee.post("approve", version=version).status_code == 403
    checker = Desk(stage, "auditor-a", trainee.episode)
    assert "Return to the trainee" in checker.pages.get(checker.address).text
    assert checker.post("approve").status_code == 303
    assert checker.now()["status"] == "finalised"
