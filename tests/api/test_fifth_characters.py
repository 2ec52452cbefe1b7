"""Fifth characters of diagnoses: recorded, checked, mended, taken back and sent on; learning sees four."""

from typing import Any

import pytest

from data.episodes import Role
from service.automation.standing import gate_actor
from service.episodes import schemas as s
from service.episodes.deciding import decide as decide_as
from service.identity import UserRole
from service.tables import EpisodeRow
from tests.api.test_decisions import Desk, cleared, codes
from tests.outgoing_fixtures import add_destination, decide, deliver, finalised
from tests.page_client import Desk as Page
from tests.pas import running_pas
from tests.service_fixtures import Stage

OPEN = "Diagnosis: compound fracture of shaft of left tibia after a fall on stairs."


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return cleared(stage)


def add(desk: Desk, code: str, **more: Any) -> Any:
    answer = desk.decide("add", role="diagnosis", code=code, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()["coding"]["diagnoses"][-1]


def finding(desk: Desk, rule: str) -> Any:
    return next((one for one in desk.read()["findings"] if one["rule"] == rule), None)


def quoted(text: str, words: str) -> list[dict[str, Any]]:
    start = text.index(words)
    return [{"document": "ds", "start": start, "end": start + len(words)}]


class TestRecorded:
    @pytest.mark.parametrize("written", ["S72.01", "s7201", "S720 1"])
    def test_as_the_code_is_written(self, desk: Desk, written: str) -> None:
        line = add(desk, written)
        assert (line["code"], line["fifth"], line["display"]) == ("S720", "1", "S72.01")

    def test_beside_the_code(self, desk: Desk) -> None:
        assert add(desk, "S720", fifth="0")["display"] == "S72.00"

    def test_later_and_taken_away_again(self, desk: Desk) -> None:
        line = add(desk, "M139")
        assert line["fifth"] is None
        answer = desk.decide("set_fifth", line=line["id"], fifth="5").json()
        assert answer["coding"]["diagnoses"][0]["display"] == "M13.95"
        answer = desk.decide("set_fifth", line=line["id"], fifth=None).json()
        assert answer["coding"]["diagnoses"][0]["display"] == "M13.9"

    def test_another_code_has_none_until_it_is_given(self, desk: Desk) -> None:
        line = add(desk, "S72.01")
        answer = desk.decide("replace", line=line["id"], code="S722").json()
        assert answer["coding"]["diagnoses"][0]["fifth"] is None

    def test_by_writing_the_same_code_with_it(self, stage: Stage) -> None:
        desk = Desk(stage, text="Compound fracture; exacerbation of COPD.", spell="S9")
        line = add(desk, "S720")
        answer = desk.decide("replace", line=line["id"], code="S72.01").json()
        assert answer["coding"]["diagnoses"][0]["display"] == "S72.01"
        assert answer["coding"]["diagnoses"][0]["state"] == "added"
        assert desk.decide("replace", line=line["id"], code="S72.01").status_code == 422

    def test_undo_takes_it_back(self, desk: Desk) -> None:
        line = add(desk, "S720")
        made = desk.decide("set_fifth", line=line["id"], fifth="1").json()["decision"]["id"]
        answer = desk.decide("undo", decision=made).json()
        assert answer["coding"]["diagnoses"][0]["display"] == "S72.0"

    def test_it_stands_in_what_was_finalised_beside_four_characters(self, desk: Desk) -> None:
        line = add(desk, "S72.00")
        add(desk, "W01.0")
        content = desk.decide("finalise").json()["decision"]["content"]
        assert content["lines"][0] == [line["id"], "S720"]
        assert content["fifths"] == {line["id"]: "0"}


class TestRefused:
    @pytest.mark.parametrize(
        ("code", "said"),
        [("S72.05", "S72.0 has these fifth characters: 0, 1"), ("E11.93", "E11.9 has no fifth character")],
    )
    def test_one_that_the_code_has_not(self, desk: Desk, code: str, said: str) -> None:
        answer = desk.decide("add", role="diagnosis", code=code)
        assert answer.status_code == 422
        assert said in answer.json()["detail"]

    def test_on_a_procedure(self, desk: Desk) -> None:
        answer = desk.decide("add", role="procedure", code="W371", fifth="1")
        assert answer.status_code == 422

    def test_the_one_that_it_has(self, desk: Desk) -> None:
        line = add(desk, "S72.01")
        assert desk.decide("set_fifth", line=line["id"], fifth="1").status_code == 422

    def test_what_is_no_digit(self, desk: Desk) -> None:
        line = add(desk, "S72.01")
        assert desk.decide("set_fifth", line=line["id"], fifth="12").status_code == 422


class TestStandards:
    def test_a_missing_one_is_a_warning_with_a_fix(self, desk: Desk, stage: Stage) -> None:
        add(desk, "S720")
        found = finding(desk, "fracture-fifth")
        assert (found["severity"], found["fix"][0]["fifth"]) == ("warning", "0")
        mended(desk, stage, found)
        assert desk.read()["coding"]["diagnoses"][0]["display"] == "S72.00"
        assert finding(desk, "fracture-fifth") is None

    def test_the_fix_is_what_the_text_says(self, stage: Stage) -> None:
        desk = Desk(stage, spell="S2", text=OPEN)
        add(desk, "S822", evidence=quoted(OPEN, "fracture of shaft of left tibia"))
        assert finding(desk, "fracture-fifth")["fix"][0]["fifth"] == "1"

    def test_a_site_not_stated_is_doubted_where_the_text_names_one(self, stage: Stage) -> None:
        text = "Gout of the left ankle."
        desk = Desk(stage, spell="S3", text=text)
        add(desk, "M10.99", evidence=quoted(text, "Gout"))
        assert finding(desk, "joint-site-named")["fix"][0]["fifth"] == "7"

    def test_a_policy_makes_it_an_error(self, desk: Desk, stage: Stage) -> None:
        policy = 'role = "diagnosis"\n[[switch]]\nrule = "fracture-fifth"\nseverity = "error"\n'
        body = {"text": policy}
        sent = stage.client.put("/v1/standards-policy", json=body, headers=stage.headers(UserRole.MANAGER))
        assert sent.status_code == 200, sent.text
        add(desk, "S720")
        add(desk, "W010")
        assert desk.decide("finalise").status_code == 409

    def test_it_is_no_error_for_the_gate_even_then(self, desk: Desk, stage: Stage) -> None:
        """Until a person decides on the line."""
        body = {"text": 'role = "diagnosis"\n[[switch]]\nrule = "fracture-fifth"\nseverity = "error"\n'}
        stage.client.put("/v1/standards-policy", json=body, headers=stage.headers(UserRole.MANAGER))
        services, episode_id = stage.services, desk.path.rsplit("/", 1)[-1]
        with services.db.write() as session:
            row = session.get_one(EpisodeRow, episode_id)
            gate = gate_actor(row.provider_id)
            for code in ("S720", "W010"):
                added = s.Add(kind="add", role=Role.DIAGNOSIS, code=code)
                decide_as(session, services.tables, gate, row.id, row.version, added, at=stage.clock.now())
            desk.version = row.version
        assert finding(desk, "fracture-fifth")["severity"] == "warning"
        line = desk.read()["coding"]["diagnoses"][0]["id"]
        desk.decide("set_fifth", line=line, fifth="1")
        desk.decide("set_fifth", line=line, fifth=None)
        assert finding(desk, "fracture-fifth")["severity"] == "error"


def mended(desk: Desk, stage: Stage, found: Any) -> None:
    form = {"version": str(desk.version), "rule": found["rule"], "lines": " ".join(found["lines"])}
    path = f"{desk.path.removeprefix('/v1')}/fix"
    answer = stage.client.post(path, data=form, headers=stage.headers(), follow_redirects=False)
    assert answer.status_code == 303, answer.text


class TestSent:
    def test_to_the_pas_with_the_code(self, desk: Desk, stage: Stage) -> None:
        with running_pas() as pas:
            add_destination(stage, "hl7_mllp", f"mllp://127.0.0.1:{pas.port}")
            add(desk, "S72.01")
            add(desk, "W01.0")
            desk.decide("finalise")
            deliver(stage)
            assert pas.codes() == ["S72.01", "W01.0"]

    def test_in_the_commissioning_extract(self, stage: Stage) -> None:
        episode_id = finalised(stage)
        decide(stage, episode_id, kind="reopen", reason="a fall was missed")
        decide(stage, episode_id, kind="add", role="diagnosis", code="S72.01")
        decide(stage, episode_id, kind="add", role="diagnosis", code="W01.0")
        decide(stage, episode_id, kind="finalise")
        days = {"from": "2026-03-01", "to": "2026-03-31", "format": "cds-csv"}
        answer = stage.client.get("/v1/extracts", params=days, headers=stage.headers(UserRole.MANAGER))
        assert "E119;I10X;Z864;S7201;W010" in answer.text

    def test_learning_and_scoring_see_four_characters(self, desk: Desk) -> None:
        add(desk, "S72.01")
        add(desk, "W01.0")
        assert codes(desk.read()) == ["S720", "W010"]


class TestPage:
    def test_choices_stand_beside_the_line_and_one_is_taken(self, stage: Stage) -> None:
        page = Page(stage)
        page.pages.post(f"{page.address}/codes", {**page.fields(), "role": "diagnosis", "query": "S72.0"})
        line = page.now()["coding"]["diagnoses"][0]["id"]
        shown = page.pages.get(page.address).text
        assert "Fifth character" in shown
        assert "S72.01" in shown
        do = {**page.fields(), "do": f"fifth {line} 1"}
        assert page.pages.post(f"{page.address}/decisions", do).status_code == 303
        shown = page.pages.get(page.address).text
        assert '<span class="app-code">S72.01</span>' in shown
        assert "gave the fifth character: S72.01" in shown
        do = {**page.fields(), "do": f"fifth {line}"}
        assert page.pages.post(f"{page.address}/decisions", do).status_code == 303
        assert page.now()["coding"]["diagnoses"][0]["fifth"] is None

    def test_codes_are_typed_with_it(self, stage: Stage) -> None:
        page = Page(stage)
        sent = {**page.fields(), "role": "diagnosis", "query": "S7201 W01.0 / W371"}
        assert page.pages.post(f"{page.address}/codes", sent).status_code == 303
        shown = [line["display"] for line in page.now()["coding"]["diagnoses"]]
        assert shown == ["S72.01", "W01.0"]
