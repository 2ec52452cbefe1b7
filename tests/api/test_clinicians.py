"""The register over the API: entries in time, nothing overwritten, a file all or none, and its effect."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from service import audit
from service.clinicians.tables import AttributionRow, ClinicianEntry
from service.commands import app
from service.identity import UserRole
from tests.clinician_fixtures import (
    CONSULTANT,
    SIGNED,
    SPECIALIST,
    as_manager,
    finalise,
    post,
    read,
    record,
    record_people,
    record_policy,
    specialist,
    waiting,
)
from tests.hl7_messages import adt, pid, pv1
from tests.service_fixtures import SECRET, Stage

HEADER = (
    "register,number,name,grade,main_specialty,autonomy,treatment_function,site,activity,policy,from,to,"
    "signed_off_by,signed_off_on,account\n"
)
SIGNED_LINE = "2025-1,2025-04-01,,Medical director,2025-03-20,"


def history(stage: Stage, number: str = SPECIALIST) -> Any:
    return as_manager(stage, "GET", f"/v1/clinicians/gmc/{number}").json()


def test_a_change_adds_an_entry_and_the_one_before_stays(stage: Stage) -> None:
    record_people(stage)
    record(stage, SPECIALIST, **specialist(autonomy="none", policy=None, starts="2026-02-01"))
    entries = history(stage)["entries"]
    assert [(e["number"], e["autonomy"], e["starts"]) for e in entries] == [
        (2, "none", "2026-02-01"),
        (1, "full", "2025-04-01"),
    ]
    assert [entry["in_force"] for entry in entries] == [True, False]
    assert entries[1]["signed_off_by"] == "Medical director"


def test_the_same_entry_twice_is_one(stage: Stage) -> None:
    assert record(stage, CONSULTANT, status=201)["clinician"]["entries"] == 1
    assert record(stage, f"C{CONSULTANT}", status=200)["clinician"]["entries"] == 1


def test_a_number_in_any_form_is_the_same_clinician_and_code(stage: Stage) -> None:
    record(stage, "12345", "gdc", main_specialty="140")
    found = as_manager(stage, "GET", "/v1/clinicians/gdc/CD012345").json()["clinician"]
    assert (found["number"], found["code"]) == ("012345", "CD012345")


@pytest.mark.parametrize(
    ("number", "body", "fields"),
    [
        ("123456", "gmc", {}),
        ("1234567", "gdc", {}),
        ("1234567", "gmc", {"grade": "nurse"}),
        ("01A2345E", "nmc", {"grade": "consultant"}),
        ("1234567", "gmc", {"autonomy": "full", "policy": "2025-1"}),
        ("1234567", "gmc", specialist(policy="1999")),
        ("1234567", "gmc", specialist(policy=None)),
        ("1234567", "gmc", specialist(autonomy="partial")),
        ("1234567", "gmc", specialist(scope=[{}])),
        ("1234567", "gmc", specialist(signed_off_on=None)),
        ("1234567", "gmc", specialist(ends="2025-03-31")),
        ("1234567", "gmc", specialist(scope=[{"activity": "surgery"}])),
        ("1234567", "gmc", {"name": " Dr Space"}),
        ("1234567", "gmc", {"name": "Dr\x00Nul"}),
        ("1234567", "gmc", {"unknown": 1}),
    ],
)
def test_what_does_not_fit_together_is_refused(
    stage: Stage, number: str, body: str, fields: dict[str, Any]
) -> None:
    record_policy(stage)
    record(stage, number, body, status=422, **fields)
    assert as_manager(stage, "GET", "/v1/clinicians").json()["clinicians"] == []


def test_the_register_is_searched_and_read_in_pages(stage: Stage) -> None:
    for number in range(1000001, 1000006):
        record(stage, str(number), name=f"Dr Number {number}" if number % 2 else "Mr Other")
    found = as_manager(stage, "GET", "/v1/clinicians?q=number").json()["clinicians"]
    assert {one["number"] for one in found} == {"1000001", "1000003", "1000005"}
    assert len(as_manager(stage, "GET", "/v1/clinicians?q=C1000002").json()["clinicians"]) == 1
    assert as_manager(stage, "GET", "/v1/clinicians?q=100%25").json()["clinicians"] == []
    first = as_manager(stage, "GET", "/v1/clinicians?limit=3").json()
    rest = as_manager(stage, "GET", f"/v1/clinicians?limit=3&cursor={first['next_cursor']}").json()
    assert len(first["clinicians"]) == 3
    assert {one["id"] for one in first["clinicians"]}.isdisjoint(one["id"] for one in rest["clinicians"])
    assert rest["next_cursor"] is None


def test_another_providers_register_is_not_seen(stage: Stage) -> None:
    record_people(stage)
    headers = stage.headers(UserRole.MANAGER, "B")
    assert stage.client.get("/v1/clinicians", headers=headers).json()["clinicians"] == []
    assert stage.client.get(f"/v1/clinicians/gmc/{CONSULTANT}", headers=headers).status_code == 404
    assert stage.client.get("/v1/autonomy-policies", headers=headers).json()["policies"] == []


def test_an_episode_says_under_whom_it_stands_and_why(stage: Stage) -> None:
    record_people(stage)
    episode = post(stage, "S1", treating_clinician=SPECIALIST)
    assert episode["clinician"] == f"C{SPECIALIST}"
    found = episode["attribution"]
    assert (found["sent"], found["treating"]) == (f"C{CONSULTANT}", SPECIALIST)
    assert (found["basis"], found["policy"]) == ("autonomous", "2025-1")
    assert found["reason"] == (
        "Dr Full Specialist treated the patient; their autonomy under policy 2025-1 covers this episode."
    )


def test_without_a_register_the_code_is_kept_and_flagged(stage: Stage) -> None:
    episode = post(stage, "S1")
    assert (episode["clinician"], episode["attribution"]["flags"]) == ("C1000001", ["not_in_register"])
    nobody = post(stage, "S2", clinician=None)
    assert (nobody["clinician"], nobody["attribution"]["basis"]) == ("C9999998", "default")


def test_facts_sent_again_decide_again_and_the_history_keeps_both(stage: Stage) -> None:
    record_people(stage)
    record(stage, SPECIALIST, **specialist(autonomy="partial", scope=[{"site": "RXX01"}]))
    episode = post(stage, "S1", treating_clinician=f"C{SPECIALIST}")
    moved = post(stage, "S1", site="RXX02")
    assert (episode["clinician"], moved["clinician"]) == (f"C{SPECIALIST}", f"C{CONSULTANT}")
    assert moved["version"] > episode["version"]
    path = f"/v1/episodes/{episode['id']}/attributions"
    kept = stage.client.get(path, headers=stage.headers()).json()["attributions"]
    assert [(one["number"], one["code"]) for one in kept] == [
        (2, f"C{CONSULTANT}"),
        (1, f"C{SPECIALIST}"),
    ]
    post(stage, "S1", site="RXX02")
    assert len(stage.client.get(path, headers=stage.headers()).json()["attributions"]) == 2


def test_a_change_of_the_register_decides_open_episodes_again_and_proposes_for_closed_ones(
    stage: Stage,
) -> None:
    record_people(stage)
    still_open = post(stage, "S1", treating_clinician=SPECIALIST)
    closed = post(stage, "S2", treating_clinician=SPECIALIST)
    finalise(stage, closed)
    record(stage, SPECIALIST, **specialist(autonomy="none", policy=None))
    assert read(stage, still_open["id"])["clinician"] == f"C{CONSULTANT}"
    assert read(stage, closed["id"])["clinician"] == f"C{SPECIALIST}"
    [proposal] = waiting(stage)
    assert (proposal["episode"], proposal["kind"]) == (closed["id"], "rule")
    assert (proposal["recorded"], proposal["proposed"]) == (f"C{SPECIALIST}", f"C{CONSULTANT}")


def test_a_change_of_the_policy_decides_again(stage: Stage) -> None:
    record_people(stage)
    episode = post(stage, "S1", treating_clinician=SPECIALIST)
    record_policy(stage, ends="2026-01-31")
    now = read(stage, episode["id"])
    assert now["clinician"] == f"C{CONSULTANT}"
    assert "was not in force" in now["attribution"]["reason"]
    versions = as_manager(stage, "GET", "/v1/autonomy-policies").json()["policies"]
    assert [(one["version"], one["ends"]) for one in versions] == [("2025-1", "2026-01-31")]


def imported(stage: Stage, lines: str, header: str = HEADER) -> Any:
    return as_manager(stage, "POST", "/v1/clinicians/import", json={"text": header + lines})


def test_a_file_is_recorded_and_its_scope_lines_belong_together(stage: Stage) -> None:
    record_policy(stage)
    lines = (
        f"gmc,2000001,Dr A,specialist,100,partial,100,RXX01,daycase,{SIGNED_LINE}\n"
        f"gmc,2000001,Dr A,specialist,100,partial,104,,,{SIGNED_LINE}\n"
        "gmc,1000001,Mr B,consultant,100,none,,,,,2020-01-01,,,,\n"
    )
    assert imported(stage, lines).json() == {"added": 2, "changed": 0, "unchanged": 0}
    assert imported(stage, lines).json() == {"added": 0, "changed": 0, "unchanged": 2}
    assert len(history(stage)["entries"][0]["scope"]) == 2


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ("gmc,123,Dr A,consultant,100,none,,,,,2020-01-01,,,,\n", (2, "number")),
        ("gmx,1234567,Dr A,consultant,100,none,,,,,2020-01-01,,,,\n", (2, "register")),
        ("\ngmc,1234567,Dr A,boss,100,none,,,,,2020-01-01,,,,\n", (3, "grade")),
        ("gmc,1234567,Dr A,nurse,100,none,,,,,2020-01-01,,,,\n", (2, "grade")),
        ("gmc,1234567,Dr A,consultant,100,none,,,,,01/01/2020,,,,\n", (2, "from")),
        ("gmc,1234567,Dr A,consultant,100,none,,,,,,,,,\n", (2, "from")),
        ("gmc,1234567,Dr A,consultant,100,none\n", (2, "line")),
        (f"gmc,1234567,Dr A,specialist,100,full,,,,1999{SIGNED_LINE[6:]}\n", (2, "policy")),
        (
            f"gmc,1234567,Dr A,specialist,100,partial,100,,,{SIGNED_LINE}\n"
            f"gmc,1234567,Dr B,specialist,100,partial,104,,,{SIGNED_LINE}\n",
            (3, "name"),
        ),
        ('gmc,1234567,"Dr A,consultant\n', (2, "line")),
    ],
)
def test_a_file_with_a_wrong_line_records_nothing_and_names_line_and_column(
    stage: Stage, lines: str, place: tuple[int, str]
) -> None:
    record_policy(stage)
    good = "gmc,1000009,Mr Good,consultant,100,none,,,,,2020-01-01,,,,\n"
    answer = imported(stage, lines + good if place[1] != "line" else lines)
    assert answer.status_code == 422
    first = answer.json()["lines"][0]
    assert (first["line"], first["column"]) == place
    assert as_manager(stage, "GET", "/v1/clinicians").json()["clinicians"] == []


def test_a_file_with_another_header_is_refused(stage: Stage) -> None:
    answer = imported(stage, "", header="gmc;number\n")
    assert answer.status_code == 422
    assert answer.json()["lines"][0]["column"] == "header"


@pytest.mark.parametrize(("table", "field"), [(ClinicianEntry, "name"), (AttributionRow, "code")])
def test_a_changed_row_breaks_the_audit_chain(stage: Stage, table: Any, field: str) -> None:
    record_people(stage)
    post(stage, "S1", treating_clinician=SPECIALIST)
    with stage.services.db.read() as session:
        assert not [problem for report in audit.verify(session) for problem in report.problems]
    with stage.services.db.write() as session:
        session.execute(update(table).values({field: "changed"}))
    with stage.services.db.read() as session:
        assert [problem for report in audit.verify(session) for problem in report.problems]


def test_a_sign_off_later_than_the_episode_does_not_cover_it(stage: Stage) -> None:
    record_people(stage)
    record(stage, SPECIALIST, **specialist(signed_off_on="2026-04-01"))
    assert SIGNED["signed_off_on"] < "2026-04-01"
    assert post(stage, "S1", treating_clinician=SPECIALIST)["clinician"] == f"C{CONSULTANT}"


def test_an_attending_doctor_of_hl7_is_who_treated(stage: Stage) -> None:
    """PV1-7 beside PV1-9: the consultant in charge."""
    record_people(stage)
    fields = pv1(consultant=f"C{CONSULTANT}").split("|")
    fields[7] = f"C{SPECIALIST}^Specialist^Full"
    headers = stage.headers(UserRole.EPR) | {"Content-Type": "text/plain"}
    message = adt("A01", "M1", pid(), "|".join(fields))
    assert stage.client.post("/hl7v2", content=message, headers=headers).status_code == 200
    [found] = stage.client.get("/v1/episodes", headers=stage.headers()).json()["episodes"]
    attribution = read(stage, found["id"])["attribution"]
    assert (attribution["sent"], attribution["treating"]) == (f"C{CONSULTANT}", f"C{SPECIALIST}")
    assert attribution["code"] == f"C{SPECIALIST}"


def test_the_command_imports_a_file_or_names_its_lines(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOCODER_DATABASE_URL", stage.services.db.url.render_as_string(hide_password=False))
    monkeypatch.setenv("AUTOCODER_SECRET_KEY", SECRET)
    file = tmp_path / "register.csv"

    def run(lines: str) -> Any:
        file.write_text(HEADER + lines, encoding="utf-8")
        return CliRunner().invoke(app, ["clinicians", "import", str(file), "--provider", "A"])

    refused = run("gmc,12,Mr B,consultant,100,none,,,,,2020-01-01,,,,\n")
    assert refused.exit_code == 2
    assert "line 2, number: a GMC number has seven digits" in refused.output
    done = run("gmc,1000001,Mr B,consultant,100,none,,,,,2020-01-01,,,,\n")
    assert (done.exit_code, done.output) == (0, "1 added, 0 changed, 0 as they were.\n")
    assert history(stage, CONSULTANT)["clinician"]["latest"]["name"] == "Mr B"
