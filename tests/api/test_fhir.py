"""FHIR over HTTP: bodies become episodes with suggestions, and nothing that cannot be read is lost."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from models.prediction import ModelVersion
from service.coding.status import Status
from service.episodes.backlog import Backlog
from service.identity import UserRole
from service.tables import EpisodeRow
from tests import fhir_messages as fhir
from tests import files
from tests.api.test_hl7v2 import episodes, taken, waiting
from tests.fakes import FailingCoder, FakeCoder
from tests.fhir_messages import Node
from tests.hl7_messages import adt, pid, pv1
from tests.service_fixtures import Stage


def send(stage: Stage, body: Node | bytes, path: str = "", kind: str = "application/fhir+json") -> Any:
    content = body if isinstance(body, bytes) else fhir.as_json(body)
    headers = stage.headers(UserRole.EPR) | {"Content-Type": kind}
    answer = stage.client.post(f"/fhir{path}", content=content, headers=headers)
    assert answer.headers["content-type"] == "application/fhir+json", answer.text
    return answer


def entries(answer: Any, kind: str) -> list[Node]:
    """Resources of a kind in the Bundle that was answered; each is valid by the models of R4B."""
    from fhir.resources.R4B.bundle import Bundle

    Bundle.model_validate(answer.json())
    found = [entry["resource"] for entry in answer.json()["entry"]]
    return [one for one in found if one["resourceType"] == kind]


def issue(answer: Any) -> tuple[str, str]:
    [one] = answer.json()["issue"]
    return one.get("expression", [""])[0], one["diagnostics"]


def codes(answer: Any, kind: str) -> list[str]:
    return [one["code"]["coding"][0]["code"] for one in entries(answer, kind)]


def test_a_document_becomes_an_episode_and_is_answered_with_codes_and_their_evidence(stage: Stage) -> None:
    answer = send(stage, fhir.document())
    assert answer.status_code == 201, answer.text
    assert codes(answer, "Condition") == ["J44.0", "E11.9", "I10.X", "Z86.4"]
    assert codes(answer, "Procedure") == ["G45.9"]
    [episode] = episodes(stage)
    text = episode["documents"][0]["text"]
    assert text.split("\n\n")[0:2] == [
        "Discharge summary",
        "Diagnoses\nDiagnosis name: Infective exacerbation of COPD",
    ]
    assert "Past history\n- type 2 diabetes\n- hypertension, ex-smoker" in text
    first = entries(answer, "Condition")[0]
    evidence = next(one for one in first["extension"] if one["url"].endswith("evidence"))
    place = {part["url"]: part.get("valueInteger", part.get("valueString")) for part in evidence["extension"]}
    assert (place["document"], text[place["start"] : place["end"]]) == ("D1", place["text"])
    assert first["code"]["coding"][0]["system"] == "http://hl7.org/fhir/sid/icd-10"
    [stay] = entries(answer, "Encounter")
    assert first["encounter"]["reference"] == f"urn:uuid:{stay['id']}"
    assert [one.get("rank") for one in stay["diagnosis"]] == [1, 2, 3, 4, None]
    [made] = entries(answer, "Provenance")
    assert made["agent"][0]["who"]["display"] == "fake 1"


def test_who_where_and_under_whom_is_taken_from_the_resources(stage: Stage) -> None:
    send(stage, fhir.document())
    [episode] = episodes(stage)
    assert episode["patient"] == {
        "nhs_number": "9434765919", "nhs_number_status": "01", "nhs_number_holds": True,
        "local_patient_id": "H1", "family_name": "Holloway", "given_name": "Edith",
        "birth_date": "1941-03-09", "sex": "female",
    }  # fmt: skip
    known = (
        "spell_number",
        "site",
        "treatment_function",
        "clinician",
        "admission_method",
        "discharge_method",
        "source_of_admission",
        "discharge_destination",
    )
    assert [episode[name] for name in known] == ["V1", "RXX01", "340", "C1234567", "21", "1", "19", "54"]
    assert (episode["spell_start"], episode["episode_end"]) == ("2026-03-01", "2026-03-04")
    assert episode["patient_classification"] == "1"
    document = episode["documents"][0]
    assert (document["id"], document["kind"], document["author"]) == (
        "D1",
        "discharge_summary",
        "Dr Ada Okafor",
    )


def test_transfer_of_care_in_stu3_is_read_out_of_its_message(stage: Stage) -> None:
    answer = send(stage, fhir.transfer_of_care(fhir.STU3_DOCUMENT), "/$process-message")
    assert answer.status_code == 201, answer.text
    assert answer.json()["type"] == "message"
    [header] = entries(answer, "MessageHeader")
    assert header["response"] == {"identifier": "66666666-1111-4111-8111-111111111111", "code": "ok"}
    assert (codes(answer, "Condition"), codes(answer, "Procedure")) == (["J44.0", "I10.X"], ["G45.9"])
    [episode] = episodes(stage)
    assert (episode["spell_number"], episode["clinician"]) == ("STU3-V1", "C1234567")
    assert episode["patient"]["nhs_number"] == "9434765919"
    document = episode["documents"][0]
    assert (document["id"], document["date"]) == ("STU3-1", "2026-03-04")
    assert (
        "Diagnoses (Section 1)\nDiagnosis name: Infective exacerbation of COPD\nComment:\nSats < 88 %.\n"
        in (document["text"])
    )
    assert "Procedures\n- gastroscopy, stomach" in document["text"]


def test_the_same_document_in_xml_alone_is_the_same_document(stage: Stage) -> None:
    send(stage, fhir.transfer_of_care(fhir.STU3_DOCUMENT))
    answer = send(stage, fhir.STU3_DOCUMENT, kind="application/fhir+xml; charset=utf-8")
    assert answer.status_code == 200
    [episode] = episodes(stage)
    assert [one["version"] for one in episode["documents"]] == [1]


def test_a_body_sent_again_is_answered_as_before_and_changes_nothing(stage: Stage) -> None:
    first = send(stage, fhir.document())
    [before] = episodes(stage)
    again = send(stage, json.dumps(fhir.document(), indent=2).encode())
    assert (again.status_code, again.json()) == (201, first.json())
    assert episodes(stage) == [before]
    changed = fhir.document(main=fhir.composition(title="Other"))
    refused = send(stage, changed)
    assert (refused.status_code, issue(refused)[0]) == (422, "Bundle.identifier")


def test_a_later_document_is_a_new_version_and_is_suggested_anew(stage: Stage) -> None:
    send(stage, fhir.document())
    amended = fhir.composition(sections=(fhir.section("Diagnoses", "<p>hypertension</p>"),), status="amended")
    answer = send(stage, fhir.document(main=amended, timestamp="2026-03-05T08:00:00Z"))
    assert (answer.status_code, codes(answer, "Condition")) == (200, ["I10.X"])
    [episode] = episodes(stage)
    assert [(one["version"], one["status"]) for one in episode["documents"]] == [(2, "amended")]


def test_a_document_that_replaces_another_is_its_next_version(stage: Stage) -> None:
    send(stage, fhir.document())
    sections = (fhir.section("Diagnoses", "<p>hypertension</p>"),)
    other = fhir.composition(
        "D1-b", sections, relatesTo=[{"code": "replaces", "targetIdentifier": {"value": "D1"}}]
    )
    send(stage, fhir.document("B2", main=other))
    [episode] = episodes(stage)
    assert [(one["id"], one["version"]) for one in episode["documents"]] == [("D1", 2)]


def test_a_document_entered_in_error_is_withdrawn(stage: Stage) -> None:
    send(stage, fhir.document())
    send(stage, fhir.document("B2", main=fhir.composition(status="entered-in-error", section=[])))
    [episode] = episodes(stage)
    assert (episode["documents"][0]["status"], episode["status"]) == (
        "entered_in_error",
        Status.AWAITING_TEXT,
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.pdf("Diagnosis: exacerbation of COPD"), "application/pdf"),
        (files.RTF, "text/rtf"),
        (b"Diagnosis: exacerbation of COPD", "text/plain"),
        (b"<html><body><p>Diagnosis:</p><ul><li>exacerbation of COPD</ul>", "text/html"),
    ],
)
def test_a_document_reference_holds_its_file(stage: Stage, content: bytes, kind: str) -> None:
    answer = send(stage, fhir.reference(content, kind), "/DocumentReference")
    assert (answer.status_code, codes(answer, "Condition")[0]) == (201, "J44.0")
    [document] = episodes(stage)[0]["documents"]
    assert (document["content_type"], len(document["original_digest"])) == (kind, 64)


def test_an_address_is_not_fetched(stage: Stage) -> None:
    body = fhir.reference(b"x", "application/pdf")
    body["content"] = [{"attachment": {"contentType": "application/pdf", "url": "https://a.example/x.pdf"}}]
    answer = send(stage, body, "/DocumentReference")
    assert answer.status_code == 422
    assert issue(answer) == (
        "DocumentReference.content[0].attachment",
        "the file must be in the body; an address is not fetched",
    )
    assert [one["channel"] for one in waiting(stage)] == ["fhir"]


@pytest.mark.parametrize(("content", "kind"), [(files.pdf(), "application/pdf"), (b"II*\x00", "image/tiff")])
def test_a_scan_is_coded_by_hand(stage: Stage, content: bytes, kind: str) -> None:
    answer = send(stage, fhir.reference(content, kind))
    assert (answer.status_code, codes(answer, "Condition")) == (201, [])
    [episode] = episodes(stage)
    assert (episode["no_electronic_text"], episode["status"], episode["suggestions"]) == (True, "ready", None)


def test_encounters_keep_a_spell_and_its_episodes_true(stage: Stage) -> None:
    begun = fhir.encounter(status="in-progress", period={"start": "2026-03-01T09:00:00Z"})
    alone: dict[str, list[str]] = {"participant": [], "location": []}
    send(stage, {**begun, **alone}, "/Encounter")
    [episode] = episodes(stage)
    assert (episode["episode_start"], episode["episode_end"]) == ("2026-03-01", None)
    send(stage, {**fhir.encounter(), **alone}, "/Encounter")
    assert episodes(stage)[0]["episode_end"] == "2026-03-04"
    send(stage, {**fhir.encounter(status="entered-in-error"), **alone}, "/Encounter")
    assert episodes(stage)[0]["status"] == Status.WITHDRAWN


def test_who_oversees_the_care_and_who_gives_it_are_kept_apart(stage: Stage) -> None:
    def taking_part(kind: str, number: str) -> Node:
        gmc = {"system": "https://fhir.hl7.org.uk/Id/gmc-number", "value": number}
        return {"type": [fhir.concept(kind, system="urn:x")], "individual": {"identifier": gmc}}

    both = [taking_part("ATND", "C1111111"), taking_part("PPRF", "C2222222")]
    send(stage, fhir.encounter(participant=both, location=[]), "/Encounter")
    with stage.services.db.read() as session:
        row = session.scalars(select(EpisodeRow)).one()
        assert (row.clinician_sent, row.treating_sent) == ("C1111111", "C2222222")


def part(number: str, start: str, end: str, consultant: str) -> Node:
    gmc = {"system": "https://fhir.hl7.org.uk/Id/gmc-number", "value": consultant}
    return {
        "resourceType": "Encounter",
        "identifier": [{"system": "urn:stay", "value": number}],
        "status": "finished",
        "class": {"code": "IMP"},
        "partOf": {"reference": fhir.STAY},
        "participant": [{"individual": {"identifier": gmc}}],
        "period": {"start": f"2026-03-{start}T09:00:00Z", "end": f"2026-03-{end}T09:00:00Z"},
    }


def test_parts_of_a_spell_are_its_episodes_and_a_move_within_one_is_none(stage: Stage) -> None:
    body = fhir.bundle(
        (fhir.STAY, fhir.encounter(participant=[])),
        ("urn:uuid:1", part("P1", "01", "02", "C1111111")),
        ("urn:uuid:2", part("P2", "02", "03", "C2222222")),
        (fhir.PATIENT, fhir.patient()),
        kind="collection",
    )
    for _ in range(2):
        assert send(stage, {**body, "timestamp": f"2026-03-05T08:0{_}:00Z"}).status_code in (200, 201)
    first, second = episodes(stage)
    assert (first["clinician"], first["episode_start"], first["episode_end"]) == (
        "C1111111",
        "2026-03-01",
        "2026-03-02",
    )
    assert (second["clinician"], second["episode_start"]) == ("C2222222", "2026-03-02")
    assert {one["spell_end"] for one in (first, second)} == {"2026-03-04"}
    moved = part("P3", "03", "04", "C2222222") | {"partOf": {"identifier": {"value": "V1"}}}
    send(stage, moved, "/Encounter")
    assert len(episodes(stage)) == 2
    send(
        stage, part("P4", "03", "04", "C3333333") | {"partOf": {"identifier": {"value": "V1"}}}, "/Encounter"
    )
    assert [one["episode_end"] for one in episodes(stage)] == ["2026-03-02", "2026-03-03", "2026-03-04"]


def test_a_summary_of_a_spell_with_several_episodes_goes_to_each_as_spell_level_text(stage: Stage) -> None:
    taken(
        stage,
        adt("A01", "1", pid(), pv1()),
        adt("A02", "2", pid(), pv1(consultant="C7654321"), hours=30),
    )
    send(stage, fhir.reference(b"Diagnosis: exacerbation of COPD. PMH: hypertension.", "text/plain"))
    both = episodes(stage)
    assert [one["spell_level_text"] for one in both] == [True, True]
    assert [one["documents"][0]["spell_level"] for one in both] == [True, True]
    reasons = both[0]["suggestions"]["shadow"]["reasons"]
    assert "the text tells of more than one consultant episode" in reasons


def test_a_transfer_after_the_summary_makes_it_spell_level_text(stage: Stage) -> None:
    taken(stage, adt("A01", "1", pid(), pv1()))
    send(stage, fhir.reference(b"Diagnosis: exacerbation of COPD.", "text/plain"))
    assert not episodes(stage)[0]["spell_level_text"]
    taken(stage, adt("A02", "2", pid(), pv1(consultant="C7654321"), hours=30))
    assert episodes(stage)[0]["spell_level_text"]


def test_a_bad_nhs_number_is_kept_with_a_warning_and_matches_nobody(stage: Stage) -> None:
    bad = fhir.patient("9333333333")
    del bad["identifier"][1]
    body = fhir.document()
    body["entry"][1]["resource"] = bad
    answer = send(stage, body)
    [told] = entries(answer, "OperationOutcome")
    assert "check digit" in told["issue"][0]["diagnostics"]
    assert episodes(stage)[0]["patient"]["nhs_number_holds"] is False
    letter = fhir.reference(b"Letter", "text/plain", type=fhir.concept("823691000000103"))
    letter["subject"]["identifier"]["value"] = "9333333333"
    del letter["context"]
    refused = send(stage, letter)
    assert (refused.status_code, issue(refused)[0]) == (422, "Encounter")


def test_a_document_of_another_provider_is_refused(stage: Stage) -> None:
    body = fhir.document()
    body["entry"][4]["resource"] = fhir.trust("RXX")
    answer = send(stage, body)
    assert (answer.status_code, issue(answer)[0]) == (422, "Bundle.entry[0].resource.custodian")
    assert episodes(stage) == []


def test_what_is_wrong_is_named_by_its_place_and_never_by_its_words(stage: Stage) -> None:
    body = fhir.document(main=fhir.composition(sections=()))
    body["entry"][0]["resource"]["title"] = "Edith Holloway"
    answer = send(stage, body)
    assert (answer.status_code, issue(answer)[0]) == (422, "Bundle.entry[0].resource.section")
    assert "Holloway" not in answer.text
    unreadable = send(stage, b'{"resourceType": "Bundle", Holloway')
    assert (unreadable.status_code, "Holloway" in unreadable.text) == (400, False)
    assert unreadable.json()["issue"][0]["code"] == "structure"


def test_what_r4_would_have_otherwise_is_a_warning_and_hinders_nothing(stage: Stage) -> None:
    body = fhir.document()
    del body["entry"][0]["resource"]["author"]
    answer = send(stage, body)
    [told] = entries(answer, "OperationOutcome")
    assert [one["expression"] for one in told["issue"]] == [["Bundle.entry[0].resource.author"]]


@pytest.mark.parametrize("kind", ["collection", "transaction", "batch", "message"])
def test_bundles_of_other_types_with_a_composition_are_documents(stage: Stage, kind: str) -> None:
    assert send(stage, fhir.document(type=kind), "/Bundle").status_code == 201


def test_references_may_be_relative_contained_or_missing(stage: Stage) -> None:
    body = fhir.bundle(
        ("", fhir.composition(subject={"reference": "Patient/p1"}, encounter={"reference": "#e"}, author=[])),
        ("https://a.example/fhir/Patient/p1", {**fhir.patient(), "id": "p1"}),
    )
    inner = {**fhir.encounter("V7"), "id": "e", "participant": [], "location": []}
    body["entry"][0]["resource"]["contained"] = [inner]
    del body["entry"][0]["resource"]["custodian"]
    assert send(stage, body).status_code == 201
    [episode] = episodes(stage)
    assert (episode["spell_number"], episode["patient"]["family_name"]) == ("V7", "Holloway")


def test_roles_that_refer_to_each_other_lead_nowhere_and_break_nothing(stage: Stage) -> None:
    role = {"resourceType": "PractitionerRole", "practitioner": {"reference": "urn:uuid:b"}}
    other = {"resourceType": "PractitionerRole", "practitioner": {"reference": "urn:uuid:a"}}
    looped = {**fhir.encounter("V8"), "partOf": {"reference": fhir.STAY}}
    looped["participant"] = [{"individual": {"reference": "urn:uuid:a"}}]
    body = fhir.document(main=fhir.composition(author=[{"reference": "urn:uuid:a"}]), stay=looped)
    body["entry"] += [
        {"fullUrl": "urn:uuid:a", "resource": role},
        {"fullUrl": "urn:uuid:b", "resource": other},
    ]
    assert send(stage, body).status_code in (201, 422)


def test_a_discharge_summary_that_names_no_stay_stands_for_one(stage: Stage) -> None:
    body = fhir.reference(b"Diagnosis: hypertension", "text/plain")
    del body["context"]
    answer = send(stage, body)
    assert answer.status_code == 201
    assert episodes(stage)[0]["spell_number"] == "D2"


def test_what_is_understood_and_not_used_is_answered_so(stage: Stage) -> None:
    clinic = {**fhir.encounter(), "class": {"code": "AMB"}, "participant": [], "location": []}
    answer = send(stage, clinic, "/Encounter")
    assert (answer.status_code, episodes(stage)) == (200, [])
    assert "nothing of it is used" in entries(answer, "OperationOutcome")[0]["issue"][0]["diagnostics"]


def test_an_unreadable_body_waits_in_quarantine_is_mended_and_taken(stage: Stage) -> None:
    whole = fhir.as_json(fhir.document()).decode()
    assert send(stage, whole[:-1].encode()).status_code == 400
    [message] = waiting(stage)
    headers = stage.headers(UserRole.MANAGER)
    mended = stage.client.post(f"/v1/messages/{message['id']}/mend", json={"text": whole}, headers=headers)
    assert (mended.status_code, mended.json()["state"]) == (200, "taken")
    assert waiting(stage) == []
    assert len(episodes(stage)) == 1


def test_while_no_model_answers_documents_are_taken_and_suggestions_follow(stage: Stage) -> None:
    stage.source.coder, stage.source.name = FailingCoder(), "failing/1"
    stage.refresh_model()
    answer = send(stage, fhir.document())
    assert (answer.status_code, codes(answer, "Condition")) == (201, [])
    assert "suggestions follow" in entries(answer, "OperationOutcome")[0]["issue"][0]["diagnostics"]
    mended = FakeCoder(version=ModelVersion("fake", "2", "1" * 64))
    stage.source.coder, stage.source.name = mended, "fake/2"
    stage.refresh_model()
    Backlog(stage.services, interval_seconds=1).work_off()
    assert len(codes(send(stage, fhir.document()), "Condition")) == 4


def test_other_media_types_and_other_resources_are_refused(stage: Stage) -> None:
    assert send(stage, b"x", kind="text/csv").status_code == 415
    assert send(stage, {"resourceType": "Medication"}).status_code == 422
    wrong = send(stage, fhir.encounter(), "/DocumentReference")
    assert (wrong.status_code, issue(wrong)[0]) == (422, "")


def test_who_may_not_send_is_told_in_fhir(stage: Stage) -> None:
    answer = stage.client.post("/fhir", content=b"{}", headers={"Content-Type": "application/fhir+json"})
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (401, "login")
    refused = stage.client.post("/fhir", content=b"{}", headers=stage.headers(UserRole.CODER))
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (403, "forbidden")


def test_the_capability_statement_is_valid_and_public(stage: Stage) -> None:
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement

    answer = stage.client.get("/fhir/metadata")
    stated = CapabilityStatement.model_validate(answer.json())
    assert [one.type for one in stated.rest[0].resource] == ["Bundle", "DocumentReference", "Encounter"]
