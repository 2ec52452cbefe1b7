"""HL7 v2 over HTTP: spells and episodes kept true, documents placed, what cannot be taken waits."""

from pathlib import Path
from typing import Any

import pytest

from service.coding.status import Status
from service.identity import UserRole
from service.messages.records import MessageState
from tests.hl7_messages import adt, mdm, msh, pid, pv1
from tests.service_fixtures import Stage, build_stage, settings_for


def send(stage: Stage, *messages: bytes, provider: str = "A") -> Any:
    headers = stage.headers(UserRole.EPR, provider) | {"Content-Type": "x-application/hl7-v2+er7"}
    for message in messages:
        answer = stage.client.post("/hl7v2", content=message, headers=headers)
    return answer


def taken(stage: Stage, *messages: bytes) -> None:
    for message in messages:
        answer = send(stage, message)
        assert (answer.status_code, b"|AA|" in answer.content) == (200, True), answer.text


def episodes(stage: Stage) -> list[dict[str, Any]]:
    listed = stage.client.get("/v1/episodes", headers=stage.headers()).json()["episodes"]
    read = [stage.client.get(f"/v1/episodes/{one['id']}", headers=stage.headers()).json() for one in listed]
    return sorted(read, key=lambda one: (one["spell_number"], one["episode_number"]))


def waiting(stage: Stage, provider: str = "A") -> list[dict[str, Any]]:
    headers = stage.headers(UserRole.MANAGER, provider)
    found: list[dict[str, Any]] = stage.client.get("/v1/messages", headers=headers).json()["messages"]
    return found


def test_admitted_transferred_and_discharged_a_spell_has_two_episodes(stage: Stage) -> None:
    moved = pv1(consultant="C7654321", function="430")
    taken(
        stage,
        adt("A01", "1", pid(), pv1()),
        adt("A02", "2", pid(), moved, hours=30),
        adt("A03", "3", pid(), pv1(consultant="C7654321", function="430", ended="202603041500"), hours=78),
    )
    first, second = episodes(stage)
    assert [one["episode_number"] for one in (first, second)] == ["1", "2"]
    assert (first["episode_start"], first["episode_end"]) == ("2026-03-01", "2026-03-02")
    assert (second["episode_start"], second["episode_end"]) == ("2026-03-02", "2026-03-04")
    assert {one["spell_end"] for one in (first, second)} == {"2026-03-04"}
    assert second["treatment_function"] == "430"


def test_a_transfer_to_another_ward_begins_no_episode(stage: Stage) -> None:
    taken(stage, adt("A01", "1", pid(), pv1()), adt("A02", "2", pid(), pv1(), hours=9))
    assert len(episodes(stage)) == 1


def test_discharge_transfer_and_admission_can_be_cancelled(stage: Stage) -> None:
    moved = pv1(consultant="C7654321", ended="202603041500")
    taken(
        stage,
        adt("A01", "1", pid(), pv1()),
        adt("A02", "2", pid(), pv1(consultant="C7654321"), hours=30),
        adt("A03", "3", pid(), moved, hours=78),
        adt("A13", "4", pid(), pv1()),
    )
    assert [one["episode_end"] for one in episodes(stage)] == ["2026-03-02", None]
    taken(stage, adt("A12", "5", pid(), pv1()))
    first, second = episodes(stage)
    assert (first["episode_end"], second["status"]) == (None, Status.WITHDRAWN)
    taken(stage, adt("A11", "6", pid(), pv1()))
    assert {one["status"] for one in episodes(stage)} == {Status.WITHDRAWN}


def test_a_document_is_read_in_the_episode_whose_days_hold_it_and_suggested(stage: Stage) -> None:
    taken(stage, adt("A01", "1", pid(), pv1()), mdm("2", "Diagnosis: pneumonia.", "PMH: hypertension."))
    stage.services.suggester.holder.refresh()
    [episode] = episodes(stage)
    [document] = episode["documents"]
    assert document["text"] == "Diagnosis: pneumonia.\nPMH: hypertension."
    assert episode["status"] == Status.READY


def test_an_edited_document_is_a_new_version_and_a_cancelled_one_is_withdrawn(stage: Stage) -> None:
    taken(stage, mdm("1", "Pneumonia."), mdm("2", "Pulmonary embolism.", trigger="T08"))
    assert [(d["version"], d["text"]) for d in episodes(stage)[0]["documents"]] == [
        (2, "Pulmonary embolism.")
    ]
    taken(stage, mdm("3", "", trigger="T11"))
    assert episodes(stage)[0]["status"] == Status.AWAITING_TEXT


def test_a_message_sent_again_is_answered_again_and_changes_nothing(stage: Stage) -> None:
    message = adt("A01", "1", pid(), pv1())
    taken(stage, message)
    before = episodes(stage)
    taken(stage, message.replace(b"202603010900||ADT", b"202603010959||ADT"))
    assert episodes(stage) == before


def test_a_control_id_that_comes_with_another_message_is_an_error(stage: Stage) -> None:
    taken(stage, adt("A01", "1", pid(), pv1()))
    answer = send(stage, adt("A01", "1", pid(), pv1(visit="V2")))
    assert (answer.status_code, b"|AE|" in answer.content) == (422, True)
    assert len(episodes(stage)) == 1


def test_what_cannot_be_taken_waits_is_mended_and_taken(stage: Stage) -> None:
    broken = adt("A01", "1", pid(), pv1()).replace(b"PV1|1", b"PV1|\r1")
    answer = send(stage, broken)
    assert (answer.status_code, b"|AR|" in answer.content) == (422, True)
    assert b"HOLLOWAY" not in answer.content
    send(stage, broken)
    [row] = waiting(stage)
    assert "line 5" in row["reason"]
    headers = stage.headers(UserRole.MANAGER)
    text = stage.client.get(f"/v1/messages/{row['id']}", headers=headers).json()["text"]
    path = f"/v1/messages/{row['id']}/mend"
    assert stage.client.post(path, json={"text": text}, headers=headers).status_code == 422
    mended = stage.client.post(path, json={"text": text.replace("PV1|\n1", "PV1|1")}, headers=headers)
    assert mended.json()["state"] == MessageState.TAKEN
    assert waiting(stage) == []
    assert len(episodes(stage)) == 1
    assert stage.client.post(path, json={"text": text}, headers=headers).status_code == 409


def test_a_message_can_be_set_aside(stage: Stage) -> None:
    send(stage, b"nothing of HL7")
    [row] = waiting(stage)
    headers = stage.headers(UserRole.MANAGER)
    assert stage.client.post(f"/v1/messages/{row['id']}/discard", headers=headers).status_code == 204
    assert waiting(stage) == []


def test_another_provider_neither_sees_the_message_nor_has_the_spell(stage: Stage) -> None:
    send(stage, b"nothing of HL7")
    assert waiting(stage, "B") == []
    path = f"/v1/messages/{waiting(stage)[0]['id']}/discard"
    assert stage.client.post(path, headers=stage.headers(UserRole.MANAGER, "B")).status_code == 404


def test_patients_are_merged_and_the_merge_can_be_taken_back(stage: Stage) -> None:
    taken(stage, adt("A01", "1", pid("H1"), pv1("V1")), adt("A01", "2", pid("H2"), pv1("V2")))
    taken(stage, adt("A40", "3", pid("H2"), "MRG|H1^^^RXX^PI"))
    assert {one["patient"]["local_patient_id"] for one in episodes(stage)} == {"H2"}
    headers = stage.headers(UserRole.MANAGER)
    rows = stage.client.get("/v1/messages?state=taken", headers=headers).json()["messages"]
    merge = next(row for row in rows if row["kind"] == "ADT^A40")
    path = f"/v1/messages/{merge['id']}/take-back"
    assert stage.client.post(path, headers=headers).status_code == 204
    assert [one["patient"]["local_patient_id"] for one in episodes(stage)] == ["H1", "H2"]
    assert stage.client.post(path, headers=headers).status_code == 409


def test_a_coded_admission_is_not_cancelled_by_a_message(stage: Stage) -> None:
    taken(stage, adt("A01", "1", pid(), pv1()), mdm("2", "Diagnosis: pneumonia."))
    [episode] = episodes(stage)
    claimed = stage.client.post(
        f"/v1/episodes/{episode['id']}/decisions",
        json={"kind": "claim"},
        headers=stage.headers() | {"If-Match": f'"{episode["version"]}"'},
    )
    assert claimed.status_code == 201
    answer = send(stage, adt("A11", "3", pid(), pv1()))
    assert (answer.status_code, b"withdraw it by hand" in answer.content) == (422, True)


def test_a_report_without_a_visit_finds_the_one_episode_of_its_patient(stage: Stage) -> None:
    report = "\r".join(
        [msh("ORU^R01", "9"), pid(), "OBR|1||L1|CT^CT head|||20260302", "OBX|1|TX|||No bleed."]
    )
    assert send(stage, report.encode()).status_code == 422
    taken(stage, adt("A01", "1", pid(), pv1()), report.encode())
    assert episodes(stage)[0]["documents"][0]["text"] == "CT head\nNo bleed."


def test_unknown_kinds_are_acknowledged_and_not_used(stage: Stage) -> None:
    taken(stage, adt("A04", "1", pid(), pv1()))
    assert episodes(stage) == []


@pytest.mark.parametrize("role", [UserRole.CODER, UserRole.MANAGER])
def test_only_systems_send_messages(stage: Stage, role: UserRole) -> None:
    headers = stage.headers(role) | {"Content-Type": "text/plain"}
    assert stage.client.post("/hl7v2", content=b"MSH", headers=headers).status_code == 403


def test_an_episode_that_a_message_brings_can_be_drawn_for_a_blind_audit(tmp_path: Path) -> None:
    stage = build_stage(settings_for(tmp_path, "").model_copy(update={"audit_share": 1.0}))
    taken(stage, adt("A01", "1", pid(), pv1()), mdm("2", "Diagnosis: pneumonia."))
    stage.refresh_model()
    headers = stage.headers(UserRole.AUDITOR)
    assert len(stage.client.get("/v1/audits", headers=headers).json()["audits"]) == 1
    stage.services.db.close()
