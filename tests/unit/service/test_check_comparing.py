"""A submitted coding beside the checked one: what changed, in which way, and how much agreed."""

from dataclasses import replace
from datetime import date

import pytest

from data.episodes import Role
from service.checking.comparing import Change, agreement, compared
from service.coding.coding import Coding, Line, LineState


def coding(*codes: str, procedures: tuple[str, ...] = ()) -> Coding:
    """Lines named by their place in the alphabet of ids: `a:I10X`."""
    return Coding(
        tuple(map(_diagnosis, codes)), tuple(map(_procedure, procedures)), (), (), (), undoable=None
    )


def _diagnosis(written: str) -> Line:
    line_id, code = written.split(":")
    return Line(line_id, Role.DIAGNOSIS, code, LineState.ACCEPTED)


def _procedure(written: str) -> Line:
    return replace(_diagnosis(written), role=Role.PROCEDURE)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (["a:I10X", "b:E119"], ["a:I10X", "b:E119"], {"a": "same", "b": "same"}),
        (["a:I10X", "b:E119"], ["a:I10X", "b:E114"], {"a": "same", "b": "code"}),
        (["a:I10X", "b:E119"], ["a:I10X"], {"a": "same", "b": "removed"}),
        (["a:I10X"], ["a:I10X", "b:E119"], {"a": "same", "b": "added"}),
        (["a:I10X", "b:E119", "c:J440"], ["c:J440", "a:I10X", "b:E119"], {"c": "primary"}),
        (["a:I10X", "b:E119", "c:J440"], ["a:I10X", "c:J440", "b:E119"], {"a": "same"}),
        ([], ["a:I10X"], {"a": "added primary"}),
    ],
)
def test_each_line_says_what_changed(before: list[str], after: list[str], changes: dict[str, str]) -> None:
    found = {line.id: " ".join(line.changes) for line in compared(coding(*before), coding(*after))}
    assert found.items() >= changes.items()


def test_only_the_line_that_was_moved_is_called_moved() -> None:
    before, after = coding("a:A", "b:B", "c:C", "d:D"), coding("a:A", "d:D", "b:B", "c:C")
    moved = [line.id for line in compared(before, after) if Change.MOVED in line.changes]
    assert moved == ["d"]


def test_a_removed_line_is_shown_behind_the_one_that_it_followed() -> None:
    before, after = coding("a:A", "b:B", "c:C"), coding("a:A", "c:C")
    assert [line.id for line in compared(before, after)] == ["a", "b", "c"]


def test_a_changed_date_is_a_change() -> None:
    before = coding("a:I10X", procedures=("p:G459",))
    dated = replace(before.procedures[0], date=date(2026, 3, 1))
    found = compared(before, replace(before, procedures=(dated,)))
    assert found[-1].changes == (Change.DATED,)


def test_another_fifth_character_is_told_and_the_code_stands() -> None:
    before = coding("a:S720", "b:W010")
    given = replace(before.diagnoses[0], fifth="1")
    found = compared(before, replace(before, diagnoses=(given, *before.diagnoses[1:])))
    assert found[0].changes == (Change.FIFTH,)
    assert found[0].code_stands


def test_agreement_counts_codes_that_stand_among_all_lines() -> None:
    lines = compared(coding("a:A", "b:B", "c:C"), coding("a:A", "b:X", "d:D"))
    found = agreement(lines)
    assert (found.same, found.submitted, found.every, found.percent, found.primary) == (1, 3, 4, 25, True)


def test_another_primary_is_no_agreement_on_the_primary() -> None:
    assert not agreement(compared(coding("a:A", "b:B"), coding("b:B", "a:A"))).primary
