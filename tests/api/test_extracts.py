"""Commissioning data: which episodes, which items, what is missing; the same again, and memory bounded."""

import csv
import io
import tracemalloc
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from service.accounts.directory import new_id
from service.audit.tables import AuditRow
from service.coding.status import Status
from service.extracts.items import CDS, Format, cds_type
from service.extracts.reading import Days, Extracted, extracted
from service.extracts.writing import element, lines
from service.identity import UserRole
from service.outgoing.final import FinalLine
from service.outgoing.written import pairs, written
from service.tables import DecisionRow, EpisodeRow
from tests.outgoing_fixtures import correct, finalised
from tests.service_fixtures import Stage

WHOLE: dict[str, Any] = {
    "nhs_number_status": "01",
    "admission_method": "21",
    "patient_classification": "1",
    "spell_start": "2026-02-26",
    "spell_end": "2026-03-01",
    "discharge_method": "1",
    "source_of_admission": "19",
    "discharge_destination": "54",
    "main_specialty": "300",
    "treatment_function": "300",
    "site": "RXX01",
}


def asked(stage: Stage, wanted: str = "cds-csv", path: str = "", **days: str) -> Any:
    query = {"from": "2026-03-01", "to": "2026-03-31", "format": wanted, **days}
    return stage.client.get(f"/v1/extracts{path}", params=query, headers=stage.headers(UserRole.MANAGER))


def rows(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_finalised_episodes_of_the_days_are_extracted_with_the_names_of_the_data_dictionary(
    stage: Stage,
) -> None:
    finalised(stage, "S1", **WHOLE)
    finalised(stage, "S2", episode_end="2026-04-01")
    stage.post_episode("S3")
    [row] = rows(asked(stage))
    assert list(row) == [item.name for item in CDS]
    assert (row["CDS TYPE CODE"], row["EPISODE NUMBER"], row["PERSON STATED GENDER CODE"]) == (
        "130",
        "01",
        "2",
    )
    assert (row["PRIMARY DIAGNOSIS (ICD)"], row["SECONDARY DIAGNOSIS (ICD)"]) == ("J440", "E119;I10X;Z864")
    assert (row["PRIMARY PROCEDURE (OPCS)"], row["PROCEDURE DATE"]) == ("G459", "")
    assert (row["LOCAL CODING VERSION"], row["LOCAL CORRECTION"]) == ("1", "N")
    assert row["SOURCE OF ADMISSION CODE (HOSPITAL PROVIDER SPELL)"] == "19"
    assert row["DISCHARGE DESTINATION CODE (HOSPITAL PROVIDER SPELL)"] == "54"


def test_xml_says_the_same_and_is_well_formed(stage: Stage) -> None:
    finalised(stage, "S<1>&", **WHOLE)
    root = ET.fromstring(asked(stage, "cds-xml").text)  # noqa: S314 (our own)
    [episode] = root.findall("Episode")
    assert episode.findtext("HospitalProviderSpellNumber") == "S<1>&"
    assert [one.text for one in episode.findall("SecondaryDiagnosisICD")] == ["E119", "I10X", "Z864"]


def test_wales_has_its_own_words_for_sex(stage: Stage) -> None:
    finalised(stage, "S1")
    finalised(stage, "S2", sex="9")
    assert [row["SEX"] for row in rows(asked(stage, "apc-wales"))] in (["F", ""], ["", "F"])


def test_a_corrected_coding_is_flagged(stage: Stage) -> None:
    correct(stage, finalised(stage))
    [row] = rows(asked(stage))
    assert (row["LOCAL CODING VERSION"], row["LOCAL CORRECTION"]) == ("2", "Y")
    assert row["SECONDARY DIAGNOSIS (ICD)"] == "E119;I10X"


def test_what_is_missing_is_listed_by_episode(stage: Stage) -> None:
    finalised(stage, "S1", **WHOLE)
    finalised(stage, "S2")
    found: dict[str, set[str]] = {}
    for row in rows(asked(stage, path="/missing")):
        found.setdefault(row["HOSPITAL PROVIDER SPELL NUMBER"], set()).add(row["MISSING"])
    assert found["S1"] == {
        "ORGANISATION IDENTIFIER (CODE OF COMMISSIONER)",
        "PROCEDURE DATE",
    }
    assert "MAIN SPECIALTY CODE" in found["S2"]


def test_the_same_days_give_the_same_bytes_and_each_extract_is_recorded(stage: Stage) -> None:
    for number in range(3):
        finalised(stage, f"S{number}")
    assert asked(stage).content == asked(stage).content
    with stage.services.db.read() as session:
        made = session.query(AuditRow).filter(AuditRow.action == "extract.make").count()
    assert made == 2


def test_other_providers_and_other_roles_see_nothing(stage: Stage) -> None:
    finalised(stage)
    query = {"from": "2026-03-01", "to": "2026-03-31", "format": "cds-csv"}
    other = stage.client.get("/v1/extracts", params=query, headers=stage.headers(UserRole.MANAGER, "B"))
    assert rows(other) == []
    coder = stage.client.get("/v1/extracts", params=query, headers=stage.headers())
    assert coder.status_code == 403


@pytest.mark.parametrize(
    "days",
    [
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2025-01-01", "to": "2026-03-01"},
        {"from": "20260301", "to": "2026-03-01"},
        {"format": "cds-pdf"},
    ],
)
def test_days_that_make_no_sense_are_refused(stage: Stage, days: dict[str, str]) -> None:
    assert asked(stage, **days).status_code == 422


def line(code: str) -> FinalLine:
    return FinalLine("1", code, code, code, "", None)


@pytest.mark.parametrize(
    ("facts", "diagnoses", "procedures", "wanted"),
    [
        ({"admission_method": "82"}, ["Z380"], [], "120"),
        ({}, ["P073", "Z380"], [], "120"),
        ({"admission_method": "31"}, ["O800", "Z370"], ["R249"], "140"),
        ({}, ["O700"], ["R241"], "140"),
        ({}, ["O366"], ["R362"], "130"),
        ({}, ["I10X"], [], "130"),
    ],
)
def test_births_and_deliveries_have_types_of_their_own(
    facts: dict[str, str], diagnoses: list[str], procedures: list[str], wanted: str
) -> None:
    coded = Extracted("A", EpisodeRow(**facts), tuple(map(line, diagnoses)), tuple(map(line, procedures)), 1)
    assert cds_type(coded) == wanted


def test_dagger_and_asterisk_follow_the_fifth_character() -> None:
    assert pairs(["E113", "H360", "I10X"]) == ("D", "A", "")
    assert pairs(["H360", "E113"]) == ("A", "")
    written_forms = [written("E113", pair="D"), written("M0730", pair="A"), written("S720", fifth="0")]
    assert written_forms == ["E113-D", "M0730-A", "S7200"]


def test_elements_are_named_like_the_items() -> None:
    assert element("PRIMARY DIAGNOSIS (ICD)") == "PrimaryDiagnosisICD"
    assert len({element(item.name) for item in CDS}) == len(CDS)


def test_a_large_extract_takes_the_memory_of_a_small_one(stage: Stage) -> None:
    finalised(stage)
    _copy(stage, 210, date(2026, 3, 30))
    _copy(stage, 420, date(2026, 3, 31))
    assert _peak(stage, 30) * 2 > _peak(stage, 31), "thrice as many episodes"


def _peak(stage: Stage, last: int) -> int:
    """Bytes, of one batch or of three."""
    days = Days(date(2026, 3, 1), date(2026, 3, last))
    services = stage.services
    with services.db.read() as session:
        provider_id = session.query(EpisodeRow.provider_id).limit(1).scalar() or ""
    tracemalloc.start()
    found = extracted(services.db, services.tables, provider_id, days)
    count = sum(piece == "<Episode>\n" for piece in lines(Format.CDS_XML, found))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == {30: 211, 31: 631}[last]
    return peak


def _copy(stage: Stage, count: int, day: date) -> None:
    with stage.services.db.write() as session:
        known = session.query(EpisodeRow).filter(EpisodeRow.spell_number == "S1").one()
        facts = {column.key: getattr(known, column.key) for column in EpisodeRow.__table__.columns}
        closing = (
            session.query(DecisionRow)
            .filter(DecisionRow.episode_id == known.id, DecisionRow.kind == "finalise")
            .one()
        )
        decided = {column.key: getattr(closing, column.key) for column in DecisionRow.__table__.columns}
        for number in range(count):
            made = {"id": new_id(), "spell_number": f"copy-{day}-{number}", "status": Status.FINALISED}
            session.add(EpisodeRow(**facts | made | {"episode_end": day}))
            session.flush()
            session.add(DecisionRow(**decided | {"id": new_id(), "episode_id": made["id"]}))
