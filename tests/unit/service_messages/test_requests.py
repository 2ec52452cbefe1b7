"""What a message asks for: patient, visit, documents."""

import base64
from datetime import date

import pytest

from data.episodes import DocumentKind
from service.episodes.schemas import DocumentStatus
from service.messages.errors import Unusable
from service.messages.hl7v2 import Asked, Event, read_message, read_request
from tests import files
from tests.hl7_messages import adt, mdm, moment, msh, pid, pv1


def asked(sent: bytes) -> Asked:
    return read_request(read_message(sent))


def oru(*segments: str) -> bytes:
    return "\r".join([msh("ORU^R01", "R1"), pid(), *segments]).encode()


def test_a_scan_in_a_message_is_said_to_hold_no_electronic_text() -> None:
    data = base64.b64encode(files.pdf()).decode()
    sent = mdm("M1", "x").replace(b"OBX|1|TX|1^Text||x", f"OBX|1|ED|||^A^PDF^Base64^{data}".encode())
    [document] = asked(sent).documents
    assert (document.no_electronic_text, document.text.strip()) == (True, "")
    assert not asked(mdm("M1", "x")).documents[0].no_electronic_text


def test_an_admission_says_who_where_and_under_whom() -> None:
    found = asked(adt("A01", "M1", pid(), pv1()))
    assert found.event is Event.ADMIT
    assert found.spell_number == "V1"
    assert found.patient == {
        "nhs_number": "9434765919", "local_patient_id": "H1", "family_name": "HOLLOWAY",
        "given_name": "EDITH", "birth_date": date(1941, 3, 9), "sex": "2",
    }  # fmt: skip
    assert found.visit == {
        "patient_classification": "1", "site": "RXX01", "admission_method": "21", "clinician": "C1234567",
        "treatment_function": "300", "spell_start": date(2026, 3, 1),
    }  # fmt: skip


def test_where_a_patient_came_from_and_went_to_is_taken_where_it_is_a_code_of_two_digits() -> None:
    fields = pv1(ended=moment(80)).split("|")
    fields[14], fields[37] = "19", "54"
    visit = asked(adt("A03", "M1", pid(), "|".join(fields))).visit
    assert (visit["source_of_admission"], visit["discharge_destination"]) == ("19", "54")
    fields[14], fields[37] = "GP", "HOME"
    visit = asked(adt("A03", "M1", pid(), "|".join(fields))).visit
    assert not {"source_of_admission", "discharge_destination"} & visit.keys()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20260628", date(2026, 6, 28)),
        ("202606282330", date(2026, 6, 28)),
        ("202606282330+0000", date(2026, 6, 29)),
        ("20260628233015.123+0100", date(2026, 6, 28)),
    ],
)
def test_times_are_uk_time_unless_they_name_a_zone(written: str, day: date) -> None:
    assert asked(adt("A03", "M1", pid(), pv1(ended=written))).visit["spell_end"] == day


@pytest.mark.parametrize("written", ["yesterday", "20261301", "2026-06-28", "202606282530", "20260628+9999"])
def test_what_is_no_time_is_named_by_its_field(written: str) -> None:
    with pytest.raises(Unusable, match="PV1-45"):
        asked(adt("A03", "M1", pid(), pv1(ended=written)))


def test_the_lines_of_a_document_are_its_text() -> None:
    [document] = asked(mdm("M1", "Diagnosis: pneumonia", r"Plan\.br\Home", "A~B")).documents
    assert document.text == "Diagnosis: pneumonia\nPlan\nHome\nA\nB"
    assert (document.id, document.kind) == ("D1", DocumentKind.DISCHARGE_SUMMARY)
    assert (document.author, document.date) == ("Ada Okafor", date(2026, 3, 4))


def test_a_document_can_be_amended_replaced_added_to_and_cancelled() -> None:
    edited = asked(mdm("M1", "x", trigger="T08")).documents[0]
    assert (edited.id, edited.status) == ("D1", DocumentStatus.AMENDED)
    replaced = asked(mdm("M1", "x", trigger="T10", document="D2", txa_more="D1")).documents[0]
    assert (replaced.id, replaced.status) == ("D1", DocumentStatus.AMENDED)
    addendum = asked(mdm("M1", "x", trigger="T06", document="D2", txa_more="D1")).documents[0]
    assert (addendum.id, addendum.status) == ("D2", DocumentStatus.FINAL)
    cancelled = asked(mdm("M1", "x", trigger="T11")).documents[0]
    assert (cancelled.status, cancelled.text) == (DocumentStatus.ENTERED_IN_ERROR, "")


def test_rtf_in_base64_is_read() -> None:
    data = base64.b64encode(rb"{\rtf1\ansi Fractured \b neck of femur\b0 .\par Fell at home.}").decode()
    sent = mdm("M1", "x").replace(b"OBX|1|TX|1^Text||x", f"OBX|1|ED|||^TEXT^RTF^Base64^{data}".encode())
    assert asked(sent).documents[0].text.strip() == "Fractured neck of femur.\nFell at home."


@pytest.mark.parametrize(
    ("data", "reason"),
    [("not base64!", "not base64"), (base64.b64encode(b"%PDF-1.7 broken").decode(), "PDF is damaged")],
)
def test_a_file_that_gives_no_text_is_refused_with_the_reason(data: str, reason: str) -> None:
    sent = mdm("M1", "x").replace(b"OBX|1|TX|1^Text||x", f"OBX|1|ED|||^A^PDF^Base64^{data}".encode())
    with pytest.raises(Unusable, match=reason):
        asked(sent)


def test_results_read_as_a_report_with_values_and_notes() -> None:
    found = asked(
        oru(
            f"OBR|1||L77|FBC^Full blood count|||{moment(5)}",
            "OBX|1|NM|B1^Haemoglobin||89|g/L|130-180|L|||F",
            "NTE|1||Repeat in a week",
            f"OBR|2||P9|H^Histology|||{moment(6)}|||||||||||||||||SP|P",
            "OBX|1|FT|T^Text||Adenocarcinoma",
        )
    )
    blood, histology = found.documents
    assert blood.text == "Full blood count\nHaemoglobin: 89 g/L (130-180) L\nRepeat in a week"
    assert (histology.kind, histology.status) == (DocumentKind.HISTOLOGY, DocumentStatus.PRELIMINARY)
    assert found.spell_number == ""


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (adt("A01", "M1", pid(), pv1(visit="")), "PV1-19"),
        (adt("A40", "M1", pid()), "MRG-1"),
        (mdm("M1", "x", document=""), "TXA-12"),
        (oru(), "OBR"),
        (oru("OBR|1|||FBC"), "OBR-3"),
    ],
)
def test_what_is_missing_is_named(sent: bytes, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        asked(sent)


def test_other_messages_are_not_used() -> None:
    assert asked(adt("A04", "M1", pid(), pv1())).event is Event.NOT_USED
