"""The second check of a trainee's coding: both side by side, corrected on top, approved or returned."""

from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from service.identity import UserRole
from service.tables import Account
from tests.page_client import Desk, PageClient, hidden_fields
from tests.service_fixtures import Stage
from training.decisions import DecisionSource, read_decisions


class Checker:
    """Somebody qualified before the check of one episode."""

    def __init__(self, stage: Stage, episode: Any, username: str = "coder-a") -> None:
        self.stage = stage
        self.pages = PageClient(stage)
        self.pages.sign_in(username)
        self.address = f"/checking/{episode['id']}"

    def page(self) -> str:
        return unescape(self.pages.get(self.address).text)

    def post(self, do: str, **more: str) -> Any:
        wanted = ("csrf_token", "version")
        page = self.pages.get(self.address).text
        hidden = {name: value for name, value in hidden_fields(page) if name in wanted}
        return self.pages.post(self.address, {**hidden, "do": do, **more})


@pytest.fixture
def trainee(stage: Stage) -> Desk:
    """Has submitted J44.0 and E11.9, and rejected the rest."""
    desk = Desk(stage, "trainee-a")
    for code in ("J440", "E119"):
        assert desk.post("accept", line=desk.lines[code]).status_code == 303
    desk.pages.post(f"{desk.address}/reject-remaining", desk.fields())
    assert desk.post("finalise").status_code == 303
    return desk


def learned(stage: Stage) -> list[str]:
    url = stage.services.db.url.render_as_string(hide_password=False)
    found = read_decisions(DecisionSource(url), lambda *_: None)
    return [line.code for one in found.episodes for line in one.diagnoses]


def test_the_list_names_what_waits_and_who_submitted_it(stage: Stage, trainee: Desk) -> None:
    pages = PageClient(stage)
    pages.sign_in("manager-a")
    page = pages.get("/checking").text
    assert "Trainee A" in page
    assert f"/checking/{trainee.episode['id']}" in page
    other = PageClient(stage)
    other.sign_in("coder-b")
    assert "Nothing waits" in other.get("/checking").text
    assert other.get(f"/checking/{trainee.episode['id']}").status_code == 404


def test_both_codings_and_the_suggestions_stand_side_by_side(trainee: Desk) -> None:
    page = Checker(trainee.stage, trainee.episode).page()
    assert "Submitted by Trainee A" in page
    assert "As submitted" in page
    assert "2 of 2 lines as submitted" in page
    assert "Suggestions that were not taken (3)" in page
    assert "95% very likely" in page


def test_corrections_are_the_checkers_own_decisions_and_the_trainees_stand(trainee: Desk) -> None:
    checker = Checker(trainee.stage, trainee.episode)
    e119, j440 = trainee.lines["E119"], trainee.lines["J440"]
    replaced = checker.post("add", **{f"code_{e119}": "E11.4"})
    assert replaced.status_code == 200
    assert "Other code" in replaced.text
    assert "Now primary" in checker.post(f"first:{e119}").text
    assert "Removed" in checker.post(f"remove:{j440}").text
    assert "Added" in checker.post("add", add_diagnosis="I50.0").text
    assert "+ </span>Added" in checker.post(f"accept:{trainee.lines['I10X']}").text
    now = trainee.now()
    assert now["status"] == "awaiting_check"
    assert trainee.standing() == ["E114", "I500", "I10X"]
    actors = [decision["actor"] for decision in now["decisions"]]
    assert actors.count("Trainee A") == 6
    assert actors[6:] == ["Coder A"] * 5
    assert checker.post("approve").status_code == 303
    assert trainee.now()["status"] == "finalised"


def test_words_are_searched_and_the_hit_is_taken(trainee: Desk) -> None:
    checker = Checker(trainee.stage, trainee.episode)
    found = checker.post("add", add_diagnosis="gout", **{f"note_{trainee.lines['E119']}": "look again"})
    assert "M10.9" in found.text
    assert "look again" in found.text
    assert 'value="take:add:diagnosis:M109"' in found.text
    checker.post("take:add:diagnosis:M109")
    assert trainee.standing() == ["J440", "E119", "M109"]
    line = trainee.lines["E119"]
    assert f'value="take:replace:{line}:' in checker.post("add", **{f"code_{line}": "type 1 diabetes"}).text
    assert "Nothing found" in checker.post("add", add_diagnosis="zzzzzz").text
    assert checker.post("add").status_code == 422


def test_a_checker_undoes_corrections_and_never_the_trainees_decisions(trainee: Desk) -> None:
    checker = Checker(trainee.stage, trainee.episode)
    assert "undo:" not in checker.page()
    checker.post(f"remove:{trainee.lines['E119']}")
    (undo,) = {part.split('"')[0] for part in checker.page().split('value="undo:')[1:]}
    assert checker.post(f"undo:{undo}").status_code == 200
    assert trainee.standing() == ["J440", "E119"]
    last_of_trainee = [d for d in trainee.now()["decisions"] if d["kind"] == "reject"][-1]["id"]
    assert checker.post(f"undo:{last_of_trainee}").status_code == 409


def test_a_return_carries_notes_to_the_trainee_who_submits_again(trainee: Desk) -> None:
    checker = Checker(trainee.stage, trainee.episode)
    assert checker.post("return").status_code == 422
    note = {f"note_{trainee.lines['E119']}": "Look for complications."}
    assert checker.post("return", reason="Nearly there.", **note).status_code == 303
    assert trainee.now()["status"] == "in_progress"
    page = unescape(trainee.pages.get(trainee.address).text)
    for words in ("Returned by Coder A", "Nearly there.", "Look for complications.", "E11.9"):
        assert words in page
    own = unescape(trainee.pages.get("/my-checks").text)
    for words in ("Returned", "2 of 2 lines as you submitted them (100%)", "Look for complications."):
        assert words in own
    assert trainee.post("finalise").status_code == 303
    assert "Returned by" not in trainee.pages.get(trainee.address).text
    assert "Waits for its check" in trainee.pages.get("/my-checks").text


def test_feedback_shows_what_the_check_changed_and_how_much_agreed(trainee: Desk) -> None:
    checker = Checker(trainee.stage, trainee.episode)
    checker.post("add", **{f"code_{trainee.lines['E119']}": "E11.4"})
    note = {f"note_{trainee.lines['E119']}": "Neuropathy is documented."}
    assert checker.post("approve", reason="Good work.", **note).status_code == 303
    own = unescape(trainee.pages.get("/my-checks").text)
    for words in ("Approved", "1 of 2 lines", "(50%)", "Other code", "E11.4", "Good work.", "Neuropathy"):
        assert words in own
    other = PageClient(trainee.stage)
    other.sign_in("coder-a")
    assert "You have submitted nothing" in other.get("/my-checks").text


@pytest.mark.parametrize("username", ["trainee-a", "clinician-a", "admin-a"])
def test_only_the_qualified_check(trainee: Desk, username: str) -> None:
    pages = PageClient(trainee.stage)
    pages.sign_in(username)
    assert pages.get("/checking").status_code == 403
    assert pages.get(f"/checking/{trainee.episode['id']}").status_code == 403


def test_nobody_checks_their_own_coding_whatever_they_have_become(trainee: Desk) -> None:
    with trainee.stage.services.db.write() as session:
        promoted = update(Account).where(Account.username == "trainee-a").values(role=UserRole.CODER)
        session.execute(promoted)
    checker = Checker(trainee.stage, trainee.episode, "trainee-a")
    assert "You submitted this coding yourself" in checker.page()
    assert "your own: somebody else checks it" in checker.pages.get("/checking").text
    for do in ("approve", f"remove:{trainee.lines['E119']}"):
        refused = checker.post(do)
        assert refused.status_code == 403
        assert "nobody checks" in refused.text.lower()
    assert trainee.now()["status"] == "awaiting_check"


def test_a_trainee_cannot_change_what_waits(trainee: Desk) -> None:
    version = str(trainee.now()["version"])
    answer = trainee.post("remove", line=trainee.lines["E119"], version=version)
    assert answer.status_code == 403
    assert 'id="remove-' not in trainee.pages.get(trainee.address).text


def test_a_check_on_an_older_state_is_refused_and_the_notes_stay(trainee: Desk) -> None:
    checker = Checker(trainee.stage, trainee.episode)
    fields = dict(hidden_fields(checker.pages.get(checker.address).text))
    Checker(trainee.stage, trainee.episode, "auditor-a").post(f"remove:{trainee.lines['E119']}")
    note = {f"note_{trainee.lines['J440']}": "Keep this note."}
    stale = checker.pages.post(checker.address, {**fields, "do": "approve", **note})
    assert stale.status_code == 412
    assert "Keep this note." in stale.text
    assert trainee.now()["status"] == "awaiting_check"


def test_what_does_not_wait_has_no_check(stage: Stage) -> None:
    checker = Checker(stage, stage.post_episode())
    assert checker.pages.get(checker.address).status_code == 409
    assert "does not wait for a check" in checker.page()


def test_training_reads_a_trainees_decisions_after_their_check_only(trainee: Desk) -> None:
    assert learned(trainee.stage) == []
    checker = Checker(trainee.stage, trainee.episode)
    checker.post("add", **{f"code_{trainee.lines['E119']}": "E11.4"})
    assert learned(trainee.stage) == []
    checker.post("return", reason="Again, please.")
    assert learned(trainee.stage) == []
    trainee.post("finalise")
    assert learned(trainee.stage) == []
    checker.post("approve")
    assert learned(trainee.stage) == ["J440", "E114"]


def test_notes_over_the_api_are_kept_with_the_decision(trainee: Desk) -> None:
    headers = trainee.stage.headers() | {"If-Match": f'"{trainee.now()["version"]}"'}
    path = f"/v1{trainee.address}/decisions"
    wrong = {"kind": "return", "reason": "x", "notes": [{"line": "none", "text": "y"}]}
    assert trainee.stage.client.post(path, json=wrong, headers=headers).status_code == 422
    notes = [{"line": trainee.lines["E119"], "text": "Look again."}]
    sent = {"kind": "return", "reason": "Nearly.", "notes": notes}
    answer = trainee.stage.client.post(path, json=sent, headers=headers)
    assert answer.status_code == 201
    told = [{"line": trainee.lines["E119"], "code": "E119", "note": "Look again."}]
    assert answer.json()["decision"]["content"] == {"reason": "Nearly.", "notes": told}
