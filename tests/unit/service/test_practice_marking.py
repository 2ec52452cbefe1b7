"""A practice coding against the right one: exact, category, missed, not needed, order and primary."""

import pytest

from data.episodes import (
    CodedEpisode,
    CodedLine,
    Document,
    DocumentKind,
    Episode,
    Evidence,
    NotCoded,
    NotCodedReason,
)
from service.practice.cases import cases, next_case, specialties
from service.practice.marking import Verdict, mark

TEXT = "Type 2 diabetes with neuropathy. Hypertension. No pneumonia. Both hips replaced."
CASE = CodedEpisode(
    Episode("case", (Document("1", DocumentKind.DISCHARGE_SUMMARY, TEXT),)),
    diagnoses=(CodedLine("E114"), CodedLine("I10X")),
    procedures=(CodedLine("W371"), CodedLine("W371"), CodedLine("Z942")),
    not_coded=(NotCoded(Evidence(0, 50, 59, "pneumonia"), NotCodedReason.NEGATED, would_be="J189"),),
)


@pytest.mark.parametrize(
    ("diagnoses", "verdicts"),
    [
        (["E114", "I10X"], ["right", "right"]),
        (["E119", "I10X"], ["category", "right"]),
        (["I10X"], ["missed", "right"]),
        (["E114", "I10X", "J189"], ["right", "right", "not_needed"]),
        (["E119", "E114", "I10X"], ["right", "right", "not_needed"]),
        ([], ["missed", "missed"]),
    ],
)
def test_each_code_has_its_verdict(diagnoses: list[str], verdicts: list[str]) -> None:
    found = mark(CASE, diagnoses, ["W371", "W371", "Z942"])
    assert [str(line.verdict) for line in found.lines[:-3]] == verdicts
    assert {line.verdict for line in found.lines[-3:]} == {Verdict.RIGHT}


def test_a_procedure_is_wanted_as_often_as_it_was_done() -> None:
    found = mark(CASE, ["E114", "I10X"], ["W371", "Z942"])
    assert [str(line.verdict) for line in found.lines[2:]] == ["right", "missed", "right"]
    assert (found.right, found.wanted, found.written) == (4, 5, 4)


def test_primary_and_order_are_judged_apart_from_the_codes() -> None:
    assert mark(CASE, ["E114", "I10X"], []).primary_right
    swapped = mark(CASE, ["I10X", "E114"], [])
    assert (swapped.primary_right, swapped.in_order, swapped.right) == (False, False, 2)


def test_a_code_that_is_left_out_on_purpose_says_why() -> None:
    (extra,) = (line for line in mark(CASE, ["E114", "I10X", "J181"], []).lines if line.left_out)
    assert (extra.given, extra.left_out and extra.left_out.reason) == ("J181", NotCodedReason.NEGATED)


def test_every_shipped_case_coded_as_it_should_be_is_right() -> None:
    for case in cases().values():
        codes = ([line.code for line in lines] for lines in (case.diagnoses, case.procedures))
        found = mark(case, *codes)
        assert found.right == found.wanted == found.written
        assert found.primary_right
        assert found.in_order


def test_the_next_case_is_one_not_tried_and_each_account_has_an_order_of_its_own() -> None:
    function = specialties()[0][0]
    first = next_case("a", set(), function)
    assert first is not None
    assert next_case("a", {first}, function) != first
    assert cases()[first].episode.treatment_function == function
    assert next_case("a", set(cases()), function) is not None
    assert next_case("a", set(), "000") is None
    assert len({next_case(str(account), set()) for account in range(9)}) > 3
