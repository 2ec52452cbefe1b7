"""A coding that is written by hand: codes typed in any form, words looked up, order and removal."""

from datetime import date

import pytest

from data.classifications import load_classification
from data.episodes import Role
from service.workbench.sheet import Sheet, read_sheet, worked

TABLES = {Role.DIAGNOSIS: load_classification("icd10"), Role.PROCEDURE: load_classification("opcs4")}
ON = date(2026, 3, 1)
D, P = Role.DIAGNOSIS, Role.PROCEDURE


def after(action: str = "add", **form: str) -> Sheet:
    return worked(read_sheet(form), action, TABLES, ON)


def test_codes_are_taken_in_any_written_form() -> None:
    sheet = after(add_diagnosis="i10, e11.9 J44.0")
    assert sheet.codes[D] == ("I10X", "E119", "J440")
    assert sheet.typed[D] == ""
    assert sheet.said == "I10.X, E11.9, J44.0 added"


def test_words_are_looked_up_and_stay_in_the_box() -> None:
    sheet = after(add_diagnosis="gout", diagnoses="I10X")
    assert any(hit.code == "M109" for hit in sheet.hits[D])
    assert (sheet.typed[D], sheet.codes[D]) == ("gout", ("I10X",))
    assert sheet.unfinished


def test_what_was_found_is_taken() -> None:
    sheet = after("take:diagnosis:M109", add_diagnosis="gout", diagnoses="I10X")
    assert (sheet.codes[D], sheet.typed[D], sheet.unfinished) == (("I10X", "M109"), "", False)


def test_a_diagnosis_stands_once_and_a_procedure_as_often_as_it_was_done() -> None:
    sheet = after(add_diagnosis="I10", diagnoses="I10X", add_procedure="W37.1", procedures="W371")
    assert sheet.codes == {D: ("I10X",), P: ("W371", "W371")}
    assert sheet.focus is P


@pytest.mark.parametrize(
    ("action", "order"),
    [
        ("up:diagnosis:2", "E119 J440 I10X"),
        ("down:diagnosis:0", "I10X E119 J440"),
        ("first:diagnosis:2", "J440 E119 I10X"),
        ("drop:diagnosis:1", "E119 J440"),
        ("up:diagnosis:0", "E119 I10X J440"),
        ("up:diagnosis:9", "E119 I10X J440"),
        ("up:nonsense:1", "E119 I10X J440"),
        ("up:diagnosis:x", "E119 I10X J440"),
        ("take:diagnosis:nonsense", "E119 I10X J440"),
    ],
)
def test_order_and_removal(action: str, order: str) -> None:
    assert after(action, diagnoses="E119 I10X J440").written(D) == order


def test_a_category_is_no_code_but_leads_to_its_codes() -> None:
    sheet = after(add_diagnosis="E11")
    assert sheet.codes[D] == ()
    assert {hit.code[:3] for hit in sheet.hits[D]} == {"E11"}
