"""Decisions: on lines, on the episode, with an optimistic lock and an append-only record."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update

from data.classifications import Classification
from service import audit
from service.identity import UserRole
from service.tables import EpisodeRow, SuggestionLineRow, SuggestionRow
from tests.fakes import NOTE
from tests.service_fixtures import Stage


class Desk:
    """A coder before one episode, always on its newest version."""

    def __init__(self, stage: Stage, role: UserRole = UserRole.CODER, spell: str = "S1", **text: str) -> None:
        self.stage, self.role = stage, role
        episode: Any = stage.post_episode(spell, **text)
        self.path = f"/v1/episodes/{episode['id']}"
        self.version = episode["version"]
        self.lines = {
            line["code"]: line["id"] for line in (episode["suggestions"] or {}).get("undecided", ())
        }
        self.candidates = {line["code"]: line["id"] for line in episode["suggestions"]["candidates"]}

    def decide(self, kind: str, *, by: UserRole | None = None, **fields: Any) -> Any:
        answer = self.stage.client.post(
            f"{self.path}/decisions",
            json={"kind": kind, **fields},
            headers=self.stage.headers(by or self.role) | {"If-Match": f'"{self.version}"'},
        )
        if answer.status_code == 201:
            self.version = answer.json()["version"]
        return answer

    def read(self) -> Any:
        return self.stage.client.get(self.path, headers=self.stage.headers()).json()


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def cleared(stage: Stage) -> Desk:
    """For a coding of our own: every suggestion is turned down."""
    made = Desk(stage)
    for line in made.lines.values():
        made.decide("reject", line=line)
    return made


def codes(answer: Mapping[str, Any], role: str = "diagnoses") -> list[str]:
    return [line["code"] for line in answer["coding"][role]]


def test_accepted_line_stands_and_the_first_diagnosis_is_primary(desk: Desk) -> None:
    desk.decide("accept", line=desk.lines["E119"])
    answer = desk.decide("accept", line=desk.lines["J440"]).json()
    assert codes(answer) == ["J440", "E119"]
    assert answer["undecided"] == 3
    assert answer["status"] == "in_progress"


def test_replace_add_remove_reorder_and_date(desk: Desk) -> None:
    desk.decide("accept", line=desk.lines["J440"])
    desk.decide("replace", line=desk.lines["E119"], code="e11.2")
    added = desk.decide("add", role="diagnosis", code="z60.2").json()
    assert codes(added) == ["J440", "E112", "Z602"]
    ids = [line["id"] for line in added["coding"]["diagnoses"]]
    assert codes(desk.decide("reorder", role="diagnosis", lines=ids[::-1]).json()) == ["Z602", "E112", "J440"]
    assert codes(desk.decide("remove", line=ids[2]).json()) == ["E112", "J440"]
    desk.decide("accept", line=desk.lines["G459"])
    dated = desk.decide("set_date", line=desk.lines["G459"], date="2026-02-01").json()
    assert dated["coding"]["procedures"][0]["date"] == "2026-02-01"


def test_added_line_carries_the_words_that_were_selected(desk: Desk) -> None:
    text = desk.read()["documents"][0]["text"]
    start = text.index("lives alone")
    span = {"document": "ds", "start": start, "end": start + 11}
    line = desk.decide("add", role="diagnosis", code="Z602", evidence=[span]).json()["coding"]["diagnoses"][0]
    assert line["evidence"][0]["text"] == "lives alone"


@pytest.mark.parametrize(
    ("start", "end", "extra"),
    [
        (5, 5, {}),
        (0, 99_999, {}),
        (0, 4, {"text": "other"}),
        (0, 4, {"document": "none"}),
        (0, 4, {"version": 9}),
    ],
)
def test_span_that_does_not_stand_there_is_refused(
    desk: Desk, start: int, end: int, extra: dict[str, Any]
) -> None:
    span = {"document": "ds", "start": start, "end": end} | extra
    answer = desk.decide("add", role="diagnosis", code="Z602", evidence=[span])
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:autocoder:problem:span-mismatch")


@pytest.mark.parametrize("code", ["I99.99", "E11", "XYZ", "i", "W19X"])
def test_code_that_the_classification_does_not_have_is_refused(desk: Desk, code: str) -> None:
    answer = desk.decide("add", role="diagnosis", code=code)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:autocoder:problem:unknown-code")


def test_diagnosis_code_stands_once(desk: Desk) -> None:
    desk.decide("reject", line=desk.lines["J440"])
    desk.decide("add", role="diagnosis", code="J440")
    answer = desk.decide("accept", line=desk.lines["J440"])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:autocoder:problem:code-stands-already")


def test_suggestion_that_stands_by_hand_needs_no_decision(desk: Desk) -> None:
    assert desk.decide("add", role="diagnosis", code="J440").json()["undecided"] == 4
    assert desk.decide("replace", line=desk.lines["E119"], code="I10").json()["undecided"] == 2
    for code in ("Z864", "G459"):
        desk.decide("accept", line=desk.lines[code])
    assert desk.decide("finalise").json()["status"] == "finalised"


def test_accepted_line_keeps_the_code_of_the_decision_whatever_becomes_of_the_suggestion(desk: Desk) -> None:
    desk.decide("accept", line=desk.lines["J440"])
    with desk.stage.services.db.write() as session:
        session.execute(
            update(SuggestionLineRow).where(SuggestionLineRow.id == desk.lines["J440"]).values(code="J441")
        )
    assert codes(desk.read()) == ["J440"]


def test_procedure_code_may_stand_twice(desk: Desk) -> None:
    desk.decide("add", role="procedure", code="G45.9", group=1)
    assert codes(desk.decide("add", role="procedure", code="G459", group=2).json(), "procedures") == [
        "G459",
        "G459",
    ]


def test_stale_version_is_answered_412_with_the_present_state(desk: Desk) -> None:
    version = desk.version
    desk.decide("accept", line=desk.lines["J440"])
    desk.version = version
    answer = desk.decide("accept", line=desk.lines["E119"])
    assert answer.status_code == 412
    assert answer.json()["version"] == version + 1
    assert answer.headers["ETag"] == f'"{version + 1}"'
    assert "changed by" in answer.json()["detail"]


def test_missing_if_match_is_428_and_one_not_ours_412(desk: Desk) -> None:
    path, headers = f"{desk.path}/decisions", desk.stage.headers()
    assert desk.stage.client.post(path, json={"kind": "claim"}, headers=headers).status_code == 428
    odd = headers | {"If-Match": '"not ours"'}
    assert desk.stage.client.post(path, json={"kind": "claim"}, headers=odd).status_code == 412


def test_finalise_needs_every_suggestion_decided_and_a_primary_diagnosis(desk: Desk) -> None:
    answer = desk.decide("finalise")
    assert (answer.status_code, len(answer.json()["undecided"])) == (409, 5)
    for line in desk.lines.values():
        desk.decide("reject", line=line)
    assert "primary" in desk.decide("finalise").json()["detail"]
    desk.decide("accept", line=desk.candidates["Z602"])
    assert desk.decide("finalise").json()["status"] == "finalised"
    assert desk.decide("accept", line=desk.lines["J440"]).status_code == 409


def test_finalised_episode_is_reopened_with_a_reason_by_someone_qualified(desk: Desk) -> None:
    for line in desk.lines.values():
        desk.decide("accept", line=line)
    desk.decide("finalise")
    assert desk.decide("reopen", by=UserRole.TRAINEE, reason="late letter").status_code == 403
    assert desk.decide("reopen", reason="late letter").json()["status"] == "in_progress"


def test_trainees_coding_waits_for_a_check(stage: Stage) -> None:
    desk = Desk(stage, role=UserRole.TRAINEE)
    for line in desk.lines.values():
        desk.decide("accept", line=line)
    assert desk.decide("finalise").json()["status"] == "awaiting_check"
    assert desk.decide("approve").status_code == 403
    assert desk.decide("return", by=UserRole.AUDITOR, reason="order").json()["status"] == "in_progress"
    desk.decide("finalise")
    assert desk.decide("approve", by=UserRole.CODER).json()["status"] == "finalised"


def test_coding_of_a_trainee_goes_back_to_work_with_new_text(stage: Stage) -> None:
    desk = submitted_by_a_trainee(stage)
    episode: Any = stage.post_episode(text=f"{NOTE} Chronic type 2 diabetes. Amended.")
    assert (episode["status"], codes(episode)) == ("in_progress", ["J440", "E119", "I10X", "Z864"])
    desk.version = episode["version"]
    assert desk.decide("approve", by=UserRole.AUDITOR).status_code == 409


def test_coding_of_a_trainee_is_not_lost_with_its_text(stage: Stage) -> None:
    submitted_by_a_trainee(stage)
    withdrawn = withdraw(stage)
    assert (withdrawn["status"], len(withdrawn["coding"]["diagnoses"])) == ("in_progress", 4)


def test_coding_of_a_trainee_is_approved_only_when_complete(stage: Stage) -> None:
    """What is asked may change after the trainee is done, as when suggestions arrive late."""
    desk = Desk(stage, role=UserRole.TRAINEE)
    set_status(stage, desk, "awaiting_check")
    answer = desk.decide("approve", by=UserRole.AUDITOR)
    assert (answer.status_code, len(answer.json()["undecided"])) == (409, 5)
    set_status(stage, desk, "in_progress")
    for line in desk.lines.values():
        desk.decide("reject", line=line)
    set_status(stage, desk, "awaiting_check")
    answer = desk.decide("approve", by=UserRole.AUDITOR)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:autocoder:problem:coding-incomplete")


def test_withdrawn_text_asks_nothing_more_and_marks_what_was_decided_on_it(desk: Desk) -> None:
    desk.decide("accept", line=desk.lines["J440"])
    episode = withdraw(desk.stage)
    offered = episode["suggestions"]
    assert (offered["undecided"], offered["candidates"], offered["not_coded"]) == ([], [], [])
    evidence = episode["coding"]["diagnoses"][0]["evidence"][0]
    assert (evidence["place"], evidence["version"], evidence["decided_on_version"]) == ("withdrawn", 1, 1)
    desk.version = episode["version"]
    assert desk.decide("finalise").json()["status"] == "finalised"
    with desk.stage.services.db.read() as session:
        assert [report.problems for report in audit.verify(session)] == [(), ()]


def test_text_that_comes_back_is_asked_about_again(desk: Desk) -> None:
    desk.decide("accept", line=desk.lines["J440"])
    desk.decide("reject", line=desk.lines["E119"])
    withdraw(desk.stage)
    episode: Any = desk.stage.post_episode()
    assert [line["code"] for line in episode["suggestions"]["undecided"]] == ["I10X", "Z864", "G459"]


def test_text_withdrawn_before_anything_was_suggested_is_no_suggestion(stage: Stage) -> None:
    assert withdraw(stage)["suggestions"] is None


def test_withdrawal_sent_twice_is_one_withdrawal(desk: Desk) -> None:
    assert withdraw(desk.stage) == withdraw(desk.stage)
    withdraw(desk.stage, text="Other words, in error too.")
    with desk.stage.services.db.read() as session:
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 2


def test_claimed_episode_whose_text_is_withdrawn_can_be_released(desk: Desk) -> None:
    desk.decide("claim")
    desk.version = withdraw(desk.stage)["version"]
    released = desk.decide("release").json()
    assert (released["status"], desk.read()["claimed_by"]) == ("awaiting_text", None)


def test_episode_without_text_that_is_claimed_and_released_waits_for_text(desk: Desk) -> None:
    desk.version = withdraw(desk.stage)["version"]
    assert desk.decide("claim").json()["status"] == "in_progress"
    assert desk.decide("release").json()["status"] == "awaiting_text"


def test_claim_that_outlives_a_withdrawal_can_be_released_when_text_is_back(desk: Desk) -> None:
    desk.decide("claim")
    withdraw(desk.stage)
    episode: Any = desk.stage.post_episode()
    assert episode["status"] == "ready"
    desk.version = episode["version"]
    assert desk.decide("release").json()["status"] == "ready"
    assert desk.read()["claimed_by"] is None


def test_code_that_the_edition_on_the_episode_end_lacks_is_not_finalised(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The episode end, or the edition, may change after a code was accepted."""
    for line in desk.lines.values():
        desk.decide("accept", line=line)
    valid_on = Classification.valid_on
    monkeypatch.setattr(
        Classification, "valid_on", lambda self, code, day: code != "E119" and valid_on(self, code, day)
    )
    answer = desk.decide("finalise")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:autocoder:problem:coding-incomplete")
    assert answer.json()["invalid"] == [desk.lines["E119"]]
    assert "E11.9" in answer.json()["detail"]
    desk.decide("remove", line=desk.lines["E119"])
    assert desk.decide("finalise").json()["status"] == "finalised"


def submitted_by_a_trainee(stage: Stage) -> Desk:
    desk = Desk(stage, role=UserRole.TRAINEE)
    for line in desk.lines.values():
        desk.decide("accept", line=line)
    assert desk.decide("finalise").json()["status"] == "awaiting_check"
    return desk


def withdraw(stage: Stage, text: str = NOTE) -> Any:
    """The episode after its only document was entered in error."""
    document = {"id": "ds", "text": text, "status": "entered_in_error"}
    body = {"spell_number": "S1", "episode_number": "1", "documents": [document]}
    return stage.client.post("/v1/episodes", json=body, headers=stage.headers(UserRole.EPR)).json()


def set_status(stage: Stage, desk: Desk, status: str) -> None:
    with stage.services.db.write() as session:
        session.execute(
            update(EpisodeRow).where(EpisodeRow.id == desk.path.rpartition("/")[2]).values(status=status)
        )


def test_undo_is_an_event_and_only_the_last_standing_decision_can_be_undone(desk: Desk) -> None:
    first = desk.decide("accept", line=desk.lines["J440"]).json()["decision"]["id"]
    second = desk.decide("accept", line=desk.lines["E119"]).json()["decision"]["id"]
    assert desk.decide("undo", decision=first).status_code == 409
    assert codes(desk.decide("undo", decision=second).json()) == ["J440"]
    assert codes(desk.decide("undo", decision=first).json()) == []
    assert desk.decide("undo", decision=first).status_code == 409
    assert [d["kind"] for d in desk.read()["decisions"]] == ["accept", "accept", "undo", "undo"]


def test_claimed_episode_is_released_by_its_claimant_or_a_manager(desk: Desk) -> None:
    desk.decide("claim")
    assert desk.decide("claim", by=UserRole.AUDITOR).status_code == 409
    assert desk.decide("release", by=UserRole.AUDITOR).status_code == 409
    assert desk.decide("release", by=UserRole.MANAGER).json()["status"] == "ready"


def test_held_episode_is_released_by_a_new_document(desk: Desk) -> None:
    assert desk.decide("hold", reason="histology", review_date="2026-04-01").json()["status"] == "on_hold"
    assert desk.read()["hold_reason"] == "histology"
    assert desk.stage.post_episode(text="New text.")["status"] == "ready"


def test_line_of_another_episode_is_unknown(stage: Stage) -> None:
    one, other = Desk(stage), Desk(stage, spell="S2")
    answer = one.decide("accept", line=other.lines["J440"])
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:autocoder:problem:unknown-line")


def test_every_decision_has_its_link_in_a_chain_that_verifies(desk: Desk) -> None:
    desk.decide("accept", line=desk.lines["J440"])
    desk.decide("reject", line=desk.lines["E119"], reason="not_documented")
    with desk.stage.services.db.read() as session:
        reports = list(audit.verify(session))
    assert [report.problems for report in reports] == [(), ()]


def test_fifty_coders_on_one_version_make_one_decision(desk: Desk) -> None:
    def attempt(line: str) -> int:
        answer = desk.stage.client.post(
            f"{desk.path}/decisions",
            json={"kind": "accept", "line": line},
            headers=desk.stage.headers() | {"If-Match": f'"{desk.version}"'},
        )
        return int(answer.status_code)

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(attempt, [*desk.lines.values()] * 10))
    assert (statuses.count(201), statuses.count(412)) == (1, 49)
    assert len(desk.read()["decisions"]) == 1
