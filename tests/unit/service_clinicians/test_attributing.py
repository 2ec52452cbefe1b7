"""The attribution rule: a table of cases, and what holds for all."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from data.clinicians import Step, shipped_rule
from data.errors import CuratedFileError
from service.clinicians.attributing import attribute
from tests.unit.service_clinicians.attribution_cases import AttributionCase, case_register, read_cases

REGISTER = case_register()


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_a_case_of_the_table(case: AttributionCase) -> None:
    found = attribute(case.facts, REGISTER)
    assert (found.code, found.basis, found.flags, found.policy) == (
        case.code,
        case.basis,
        case.flags,
        case.policy,
    )
    assert case.says in found.reason
    assert found.reason.endswith(".")


def test_nobody_but_the_covered_and_consultants_answer_under_their_own_number() -> None:
    """Every person of the register as who treated and who is named, over every case's episode."""
    codes = [person.latest.code for person in REGISTER.people]
    for case, sent, treating in product(read_cases(), codes, codes):
        found = attribute(replace(case.facts, sent=sent, treating=treating), REGISTER)
        assert found.code
        if found.basis == "autonomous":
            assert found.policy
            assert found.code in (treating, sent)


def test_a_step_that_decides_says_why_in_words() -> None:
    for (step, standing), line in shipped_rule().items():
        assert (line.basis is None) == (line.code == "next"), (step, standing)
        assert line.reason or line.code == "next"
    assert {step for step, _ in shipped_rule()} == set(Step)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("case: a\ncode: C1\n", "basis"),
        ("case: a\ncode: C1\nbasis: consultant\n\ncase: a\ncode: C1\nbasis: consultant\n", "case"),
        ("case: a\ncode: C1\nbasis: consultant\ncolour: blue\n", "colour"),
        ("case: a\ncode: C1\nbasis: guess\n", "guess"),
        ("case: a\ncode: C1\nbasis: consultant\nfrom: 2026-13-01\n", "line 1"),
    ],
)
def test_a_case_that_is_wrong_is_named(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "cases.txt"
    path.write_text(text)
    with pytest.raises(CuratedFileError, match=place):
        read_cases(path)
