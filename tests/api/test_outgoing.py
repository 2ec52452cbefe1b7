"""Finalised codings leave through the outbox: written with the decision, in order, parked, replayed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from service.identity import UserRole
from service.messages.hl7v2 import read_message, read_request
from service.outgoing.outbox import OutgoingState
from service.outgoing.tables import Destination
from tests.hl7_messages import adt, pid, pv1
from tests.outgoing_fixtures import (
    accept_all,
    add_destination,
    correct,
    decide,
    deliver,
    finalised,
    outgoing,
)
from tests.pas import Behaviour, Pas, running_pas
from tests.service_fixtures import Stage


@pytest.fixture
def pas() -> Iterator[Pas]:
    with running_pas() as running:
        yield running


@pytest.fixture
def connected(stage: Stage, pas: Pas) -> Pas:
    """A PAS that the service sends to."""
    add_destination(stage, "hl7_mllp", f"mllp://127.0.0.1:{pas.port}")
    return pas


def states(stage: Stage) -> list[str]:
    return [one["state"] for one in reversed(outgoing(stage))]


def destination(stage: Stage) -> Any:
    answer = stage.client.get("/v1/destinations", headers=stage.headers(UserRole.ADMIN))
    [found] = answer.json()["destinations"]
    return found


def test_a_finalised_coding_is_sent_as_a08_and_our_own_reader_reads_it(stage: Stage, connected: Pas) -> None:
    places = {"source_of_admission": "19", "discharge_destination": "54"}
    finalised(stage, admission_method="21", treatment_function="300", **places)
    deliver(stage)
    [message] = connected.taken
    [visit] = message.all("PV1")
    assert (visit.value(4), visit.value(14), visit.value(37)) == ("21", "19", "54")
    assert connected.codes() == ["J44.0", "E11.9", "I10.X", "Z86.4", "G45.9"]
    diagnoses = list(message.all("DG1"))
    assert [one.value(15) for one in diagnoses] == ["1", "2", "2", "2"]
    assert {(one.raw(2), one.raw(4), one.value(3, 3), one.value(6)) for one in diagnoses} == {
        ("", "", "I10", "F")
    }
    [procedure] = message.all("PR1")
    assert (procedure.value(3, 3), procedure.value(5), procedure.value(14)) == ("OPCS4", "20260226", "1")
    asked = read_request(message)
    assert (asked.spell_number, asked.visit["clinician"]) == ("S1", "C1234567")
    assert asked.patient["nhs_number"] == "9434765919"
    assert outgoing(stage)[0]["state"] == OutgoingState.DELIVERED


def test_marks_of_the_format_inside_a_name_are_escaped(stage: Stage, connected: Pas) -> None:
    finalised(stage, family_name="O|N^E\\IL & ~CO", local_patient_id="H|1")
    deliver(stage)
    patient = connected.taken[0].first("PID")
    assert patient is not None
    assert (patient.value(5), patient.value(3)) == ("O|N^E\\IL & ~CO", "H|1")


def test_without_a_destination_nothing_is_kept(stage: Stage) -> None:
    finalised(stage)
    assert outgoing(stage) == []


def test_a_decision_that_fails_leaves_nothing_in_the_outbox(stage: Stage, connected: Pas) -> None:
    episode: Any = stage.post_episode()
    headers = stage.headers() | {"If-Match": f'"{episode["version"]}"'}
    path = f"/v1/episodes/{episode['id']}/decisions"
    assert stage.client.post(path, json={"kind": "finalise"}, headers=headers).status_code == 409
    assert outgoing(stage) == []


def test_a_trainees_coding_goes_out_when_it_is_approved(stage: Stage, connected: Pas) -> None:
    episode: Any = stage.post_episode()
    accept_all(stage, episode["id"], UserRole.TRAINEE)
    decide(stage, episode["id"], UserRole.TRAINEE, kind="finalise")
    assert outgoing(stage) == []
    decide(stage, episode["id"], kind="approve")
    deliver(stage)
    assert list(connected.codings.values()) == [[1]]


def test_a_reopened_coding_is_corrected_in_order(stage: Stage, connected: Pas) -> None:
    connected.down()
    episode_id = finalised(stage)
    deliver(stage)
    correct(stage, episode_id)
    deliver(stage)
    assert states(stage) == ["waiting", "waiting"]
    connected.up()
    deliver(stage, 3)
    assert connected.codings == {"S1/1": [1, 2]}
    assert len(connected.codes(0)) == len(connected.codes(1)) + 1
    coding = connected.taken[1].first("ZAC")
    assert coding is not None
    assert coding.value(5) == "C"


def test_what_the_receiver_took_before_it_died_comes_again_under_the_same_id(
    stage: Stage, connected: Pas
) -> None:
    connected.plan = [Behaviour.DIE_AFTER]
    finalised(stage)
    deliver(stage, 2)
    assert (len(connected.received), len(connected.taken)) == (2, 1)
    assert outgoing(stage)[0]["attempts"] == 2


def test_a_receiver_that_says_nothing_is_tried_later_and_its_silence_is_shown(
    stage: Stage, connected: Pas
) -> None:
    connected.plan = [Behaviour.SILENT]
    object.__setattr__(stage.services.settings, "outgoing_timeout_seconds", 0.3)
    finalised(stage)
    deliver(stage)
    assert destination(stage)["last_error"] == "no answer in time"
    deliver(stage)
    assert len(connected.received) == 1, "it waits before it tries again"
    object.__setattr__(stage.services.settings, "outgoing_timeout_seconds", 20.0)
    deliver(stage, 2)
    assert destination(stage)["failures"] == 0
    assert states(stage) == ["delivered"]


def test_a_refused_message_is_parked_with_its_reason_and_holds_up_no_other(
    stage: Stage, connected: Pas
) -> None:
    connected.plan = [Behaviour.REFUSE] * 5
    connected.reason = "no visit S-refused of HOLLOWAY, NHS number 943 476 5919"
    finalised(stage, "S-refused")
    deliver(stage, 5)
    [parked] = outgoing(stage, "parked")
    assert parked["last_error"] == "AE: no visit … of …, NHS number …"
    finalised(stage, "S-fine")
    deliver(stage)
    assert connected.codings == {"S-fine/1": [1]}


def test_a_parked_message_is_replayed_under_the_same_id(stage: Stage, connected: Pas) -> None:
    connected.plan = [Behaviour.REFUSE] * 5
    finalised(stage)
    deliver(stage, 5)
    [parked] = outgoing(stage, "parked")
    path = f"/v1/outgoing/{parked['id']}/replay"
    assert stage.client.post(path, headers=stage.headers(UserRole.MANAGER, "B")).status_code == 404
    assert stage.client.post(path, headers=stage.headers(UserRole.MANAGER)).status_code == 200
    deliver(stage)
    assert len({message.header.control_id for message in connected.received}) == 1
    assert states(stage) == ["delivered"]


def test_a_correction_supersedes_what_was_parked_and_that_is_not_replayed(
    stage: Stage, connected: Pas
) -> None:
    connected.plan = [Behaviour.REFUSE] * 5
    episode_id = finalised(stage)
    deliver(stage, 5)
    correct(stage, episode_id)
    deliver(stage)
    assert states(stage) == ["superseded", "delivered"]
    first = outgoing(stage, "superseded")[0]
    answer = stage.client.post(f"/v1/outgoing/{first['id']}/replay", headers=stage.headers(UserRole.ADMIN))
    assert answer.status_code == 409


def test_what_the_receiver_lost_is_replayed(stage: Stage, connected: Pas) -> None:
    finalised(stage)
    deliver(stage)
    connected.taken.clear()
    path = f"/v1/outgoing/{outgoing(stage)[0]['id']}/replay"
    assert stage.client.post(path, headers=stage.headers(UserRole.ENGINEER)).status_code == 200
    assert stage.client.post(path, headers=stage.headers(UserRole.ENGINEER)).status_code == 409
    deliver(stage)
    assert connected.codings == {"S1/1": [1]}


def test_a_dead_destination_holds_up_no_other(stage: Stage, connected: Pas) -> None:
    with running_pas() as dead:
        add_destination(stage, "hl7_mllp", f"mllp://127.0.0.1:{dead.port}", "Dead")
    finalised(stage)
    deliver(stage)
    assert connected.codings == {"S1/1": [1]}
    assert sorted(states(stage)) == ["delivered", "waiting"]


def test_a_paused_destination_gathers_and_one_that_is_off_does_not(stage: Stage, connected: Pas) -> None:
    path = f"/v1/destinations/{destination(stage)['id']}"
    headers = stage.headers(UserRole.ENGINEER)
    assert stage.client.patch(path, json={"state": "paused"}, headers=headers).status_code == 200
    finalised(stage, "S1")
    deliver(stage)
    assert destination(stage)["waiting"] == 1
    stage.client.patch(path, json={"state": "off"}, headers=headers)
    finalised(stage, "S2")
    stage.client.patch(path, json={"state": "active"}, headers=headers)
    deliver(stage)
    assert connected.codings == {"S1/1": [1]}


def test_a_moved_receiver_gets_what_waits(stage: Stage, connected: Pas) -> None:
    connected.down()
    finalised(stage)
    deliver(stage)
    with running_pas() as moved:
        address = {"address": f"mllp://127.0.0.1:{moved.port}"}
        path = f"/v1/destinations/{destination(stage)['id']}"
        stage.client.patch(path, json=address, headers=stage.headers(UserRole.ADMIN))
        deliver(stage)
        assert moved.codings == {"S1/1": [1]}


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("hl7_mllp", "mllp://10.1.2.3:2575"),
        ("hl7_mllp", "mllp://127.0.0.1"),
        ("hl7_mllp", "https://127.0.0.1:2575"),
        ("webhook", "https://169.254.169.254/latest"),
        ("webhook", "https://localhost/hook"),
        ("webhook", "https://127.0.0.1.nip.io/hook"),
        ("webhook", "https://user:password@127.0.0.1/hook"),
        ("webhook", "https://127.0.0.1@evil.test/hook"),
        ("webhook", "https://127.0.0.1/hook?token=secret"),
        ("webhook", "https://2130706433/hook"),
        ("webhook", "https://0x7f.1/hook"),
        ("fhir", "file:///etc/passwd"),
        ("fhir", "https://[::1]/fhir"),
        ("fhir", "https://127.0.0.1:99999/fhir"),
        ("fhir", "https://127.0.0.1\\@evil.test/"),
        ("fhir", "not an address"),
    ],
)
def test_an_address_that_was_not_allowed_is_refused(stage: Stage, kind: str, address: str) -> None:
    answer = stage.client.post(
        "/v1/destinations",
        json={"name": "x", "kind": kind, "address": address},
        headers=stage.headers(UserRole.ADMIN),
    )
    assert answer.status_code == 422
    assert "evil" not in answer.text


def test_a_destination_that_is_no_longer_allowed_is_not_connected_to(stage: Stage, connected: Pas) -> None:
    finalised(stage)
    object.__setattr__(stage.services.settings, "outgoing_allowed", "pas.test")
    deliver(stage)
    assert connected.received == []
    assert "AUTOCODER_OUTGOING_ALLOWED" in destination(stage)["last_error"]


def test_names_are_taken_once_and_other_providers_see_nothing(stage: Stage, connected: Pas) -> None:
    body = {"name": "PAS", "kind": "fhir", "address": "https://127.0.0.1/fhir"}
    headers = stage.headers(UserRole.ADMIN)
    assert stage.client.post("/v1/destinations", json=body, headers=headers).status_code == 409
    path = f"/v1/destinations/{destination(stage)['id']}"
    other = stage.headers(UserRole.ADMIN, "B")
    assert stage.client.patch(path, json={}, headers=other).status_code == 404
    assert stage.client.get("/v1/destinations", headers=other).json() == {"destinations": []}


def test_a_given_secret_is_never_shown_and_is_sealed_in_the_database(stage: Stage) -> None:
    token = "token-that-nobody-shows"
    made = add_destination(stage, "fhir", "https://127.0.0.1/fhir", secret=token)
    assert made["secret"] is None
    assert made["destination"]["has_secret"]
    listed = stage.client.get("/v1/destinations", headers=stage.headers(UserRole.ADMIN)).text
    with stage.services.db.read() as session:
        row = session.get_one(Destination, made["destination"]["id"])
    assert token not in json.dumps(made) + listed
    assert token.encode() not in (row.secret or b"")


def test_the_a08_that_comes_back_changes_no_coding(stage: Stage, connected: Pas) -> None:
    """A PAS that repeats what it was told tells it to us too."""
    finalised(stage, "V1")
    deliver(stage)
    headers = stage.headers(UserRole.EPR) | {"Content-Type": "text/plain"}
    echoed = adt("A08", "77", pid(), pv1("V1"))
    assert read_message(echoed).header.trigger == "A08"
    assert stage.client.post("/hl7v2", content=echoed, headers=headers).status_code == 200
    deliver(stage)
    assert connected.codings == {"V1/1": [1]}
