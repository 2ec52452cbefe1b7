"""The episode page as a browser without script uses it, and as htmx does."""

from typing import Any, cast

import pytest

from service.identity import UserRole
from tests.fakes import NOTE
from tests.page_client import PageClient
from tests.service_fixtures import Stage

BY_HTMX = {"HX-Request": "true", "HX-Target": "div#desk"}


class Desk:
    """Someone before the page of one episode."""

    def __init__(self, stage: Stage, username: str = "coder-a", episode: Any = None) -> None:
        self.stage = stage
        self.pages = PageClient(stage)
        self.pages.sign_in(username)
        self.episode = episode or cast("Any", stage.post_episode())
        self.address = f"/episodes/{self.episode['id']}"
        self.lines = {line["code"]: line["id"] for line in self.episode["suggestions"]["undecided"]}

    def fields(self) -> dict[str, str]:
        return self.pages.hidden_fields(self.address)

    def post(self, kind: str, **more: str) -> Any:
        """Named fields win over those of the page."""
        return self.pages.post(f"{self.address}/decisions", {**self.fields(), "kind": kind, **more})

    def post_by_htmx(self, kind: str, **more: str) -> Any:
        sent = {**self.fields(), "kind": kind, **more}
        return self.pages.post(f"{self.address}/decisions", sent, **BY_HTMX)

    def search(self, query: str, role: str = "diagnosis", **more: str) -> Any:
        sent = {**self.fields(), "role": role, "query": query, **more}
        return self.pages.post(f"{self.address}/search", sent, **BY_HTMX)

    def now(self) -> Any:
        return self.stage.client.get(f"/v1{self.address}", headers=self.stage.headers()).json()

    def standing(self, role: str = "diagnoses") -> list[str]:
        return [line["code"] for line in self.now()["coding"][role]]


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
