"""Proposals: looked for, accepted, dismissed, taken back; and declarations beside recorded work."""

from typing import Any

import pytest

from service import audit
from service.identity import UserRole
from tests.clinician_fixtures import (
    CONSULTANT,
    SPECIALIST,
    as_manager,
    finalise,
    look,
    operated,
    post,
    read,
    record,
    record_people,
    specialist,
    waiting,
)
from tests.service_fixtures import Stage


@pytest.fixture
def proposal(stage: Stage) -> Any:
    """Of an episode under the consultant that an autonomous specialist operated on."""
    record_people(stage)
    post(stage, "S1", documents=[operated("Dr Full Specialist")])
    post(stage, "S2", documents=[operated("Mr Named Consultant")])
    assert look(stage) == {"episodes": 2, "proposed": 1}
    [found] = waiting(stage)
    return found


def settle(stage: Stage, proposal: Any, what: str, **body: Any) -> Any:
    path = f"/v1/attributions/{proposal['id']}/{what}"
    return as_manager(stage, "POST", path, **({"json": body} if body else {}))


def under(stage: Stage, proposal: Any) -> str:
    return str(read(stage, proposal["episode"])["clinician"])


def test_a_proposal_says_what_why_and_by_what_evidence_and_changes_nothing(
    stage: Stage, proposal: Any
) -> None:
    assert (proposal["kind"], proposal["spell_number"]) == ("autonomous_work", "S1")
    assert (proposal["recorded_name"], proposal["proposed_name"]) == (
        "Mr Named Consultant",
        "Dr Full Specialist",
    )
    assert proposal["evidence"] == ["Dr Full Specialist: named as operator in the note"]
    assert under(stage, proposal) == f"C{CONSULTANT}"


def test_an_accepted_proposal_moves_the_episode_and_can_be_taken_back(stage: Stage, proposal: Any) -> None:
    accepted = settle(stage, proposal, "accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    assert under(stage, proposal) == f"C{SPECIALIST}"
    assert read(stage, proposal["episode"])["attribution"]["basis"] == "person"
    assert look(stage)["proposed"] == 0
    assert settle(stage, proposal, "take-back").json()["state"] == "taken_back"
    assert under(stage, proposal) == f"C{CONSULTANT}"
    assert settle(stage, proposal, "accept").status_code == 409
    with stage.services.db.read() as session:
        assert not [problem for report in audit.verify(session) for problem in report.problems]


def test_what_a_person_accepted_stands_until_the_sender_says_something_else(
    stage: Stage, proposal: Any
) -> None:
    settle(stage, proposal, "accept")
    record(stage, CONSULTANT, name="Mr Renamed Consultant")
    post(stage, "S1", site="RXX02")
    assert under(stage, proposal) == f"C{SPECIALIST}"
    post(stage, "S1", clinician="C1000002")
    assert under(stage, proposal) == "C1000002"


def test_a_closed_episode_moves_only_when_a_person_accepts(stage: Stage) -> None:
    record_people(stage)
    episode = post(stage, "S1", documents=[operated("Dr Full Specialist")])
    finalise(stage, episode)
    look(stage)
    [proposal] = waiting(stage)
    assert under(stage, proposal) == f"C{CONSULTANT}"
    settle(stage, proposal, "accept")
    after = read(stage, episode["id"])
    assert (after["clinician"], after["status"]) == (f"C{SPECIALIST}", "finalised")


def test_a_dismissed_proposal_keeps_its_reason_and_does_not_come_back(stage: Stage, proposal: Any) -> None:
    assert settle(stage, proposal, "dismiss", reason="supervised that day").status_code == 200
    assert look(stage)["proposed"] == 0
    assert [one["why"] for one in waiting(stage, "dismissed")] == ["supervised that day"]
    assert waiting(stage) == []
    assert settle(stage, proposal, "take-back").status_code == 409


def test_several_are_accepted_together_all_or_none(stage: Stage, proposal: Any) -> None:
    post(stage, "S3", documents=[operated("Dr Full Specialist")])
    look(stage)
    ids = [one["id"] for one in waiting(stage)]
    assert len(ids) == 2
    unknown = "00000000-0000-0000-0000-000000000000"
    refused = as_manager(stage, "POST", "/v1/attributions/accept", json={"proposals": [*ids, unknown]})
    assert refused.status_code == 404
    assert len(waiting(stage)) == 2
    done = as_manager(stage, "POST", "/v1/attributions/accept", json={"proposals": ids})
    assert done.json() == {"accepted": 2}
    assert waiting(stage) == []


def test_a_proposal_is_overtaken_when_the_sender_moves_the_episode(stage: Stage, proposal: Any) -> None:
    post(stage, "S1", clinician="C1000002")
    assert [one["id"] for one in waiting(stage, "overtaken")] == [proposal["id"]]
    assert settle(stage, proposal, "accept").status_code == 409


def test_another_provider_sees_no_proposal(stage: Stage, proposal: Any) -> None:
    headers = stage.headers(UserRole.MANAGER, "B")
    assert stage.client.get("/v1/attributions", headers=headers).json()["waiting"] == 0
    path = f"/v1/attributions/{proposal['id']}/accept"
    assert stage.client.post(path, headers=headers).status_code == 404


def test_proposals_are_read_in_pages(stage: Stage, proposal: Any) -> None:
    for spell in ("S3", "S4"):
        post(stage, spell, documents=[operated("Dr Full Specialist")])
    look(stage)
    first = as_manager(stage, "GET", "/v1/attributions?limit=2").json()
    rest = as_manager(stage, "GET", f"/v1/attributions?limit=2&cursor={first['next_cursor']}").json()
    assert (len(first["proposals"]), len(rest["proposals"]), rest["next_cursor"]) == (2, 1, None)
    assert first["waiting"] == 3


def test_a_period_longer_than_two_years_is_refused(stage: Stage) -> None:
    for period in (
        {"starts": "2020-01-01", "ends": "2026-01-01"},
        {"starts": "2026-02-01", "ends": "2026-01-01"},
    ):
        assert as_manager(stage, "POST", "/v1/attributions/look", json=period).status_code == 422


# Declarations

PERIOD = {"starts": "2026-01-01", "ends": "2026-12-31"}


def line(episodes: int, **fields: Any) -> dict[str, Any]:
    work = {"treatment_function": "100", "site": "RXX01", "activity": "daycase", "autonomous": True}
    return work | {"episodes": episodes} | fields


def declare(stage: Stage, *lines: dict[str, Any], role: UserRole = UserRole.CLINICIAN, **more: Any) -> Any:
    body = {**PERIOD, "lines": lines, **more}
    return stage.client.post("/v1/declarations", json=body, headers=stage.headers(role))


def test_a_declaration_is_compared_with_recorded_work(stage: Stage) -> None:
    record_people(stage)
    scope = [{"treatment_function": "100", "activity": "daycase"}]
    record(stage, SPECIALIST, **specialist(account="clinician", autonomy="partial", scope=scope))
    for number in range(2):
        post(stage, f"D{number}", treating_clinician=SPECIALIST)
    answer = declare(
        stage,
        line(40),
        line(3, site=None, activity="elective"),
        line(20, treatment_function="104", autonomous=False),
    )
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["name"], found["code"]) == ("Dr Full Specialist", f"C{SPECIALIST}")
    assert [(one["declared"], one["recorded"], one["covered"]) for one in found["compared"]] == [
        (40, 2, True),
        (3, 0, False),
        (20, 0, False),
    ]
    assert [one["difference"] for one in found["compared"]] == [
        "38 fewer recorded than declared",
        "declared autonomous, not covered by the register",
        "",
    ]
    listed = as_manager(stage, "GET", "/v1/declarations").json()["declarations"]
    assert [one["id"] for one in listed] == [found["id"]]


def test_what_is_recorded_and_not_declared_is_shown(stage: Stage) -> None:
    record_people(stage)
    record(stage, SPECIALIST, **specialist(account="clinician"))
    post(stage, "D1", treating_clinician=SPECIALIST, site="RXX02")
    compared = declare(stage, line(1)).json()["compared"]
    assert [(one["site"], one["difference"]) for one in compared] == [
        ("RXX01", ""),
        ("RXX02", "recorded, not declared"),
    ]


def test_a_clinician_declares_for_themselves_only(stage: Stage) -> None:
    record_people(stage)
    assert declare(stage, line(1)).status_code == 403
    own = record(stage, SPECIALIST, **specialist(account="clinician"))["clinician"]["id"]
    other = as_manager(stage, "GET", f"/v1/clinicians/gmc/{CONSULTANT}").json()["clinician"]["id"]
    assert declare(stage, line(1), clinician=other).status_code == 403
    assert declare(stage, line(1), clinician=own).status_code == 201
    assert declare(stage, line(1), clinician=other, role=UserRole.MANAGER).status_code == 201
    assert declare(stage, line(1), role=UserRole.MANAGER).status_code == 404
    seen = stage.client.get("/v1/declarations", headers=stage.headers(UserRole.CLINICIAN)).json()
    assert [one["clinician"] for one in seen["declarations"]] == [own]


def test_a_declaration_without_work_is_refused(stage: Stage) -> None:
    assert declare(stage).status_code == 422
    assert declare(stage, line(-1)).status_code == 422
    assert declare(stage, line(1, activity="golf")).status_code == 422
