"""The fold from suggestions and decisions to the coding that stands."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.episodes import Role
from service.coding.coding import STANDING, Coding, Decision, Line, LineState, fold
from service.coding.status import DecisionKind

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def model_line(
    name: str, code: str, rank: int, *, suggested: bool = True, role: Role = Role.DIAGNOSIS
) -> Line:
    state = LineState.SUGGESTED if suggested else LineState.CANDIDATE
    return Line(name, role, code, state, rank=rank, confidence=0.9, suggested_code=code)


FIRST = (
    model_line("a", "J440", 1),
    model_line("b", "I10X", 2),
    model_line("c", "E119", 3),
    model_line("d", "F171", 4, suggested=False),
)


class Decisions:
    """Numbers decisions as a database would."""

    def __init__(self) -> None:
        self.made: list[Decision] = []

    def __call__(self, kind: str, line: str | None = None, **content: Any) -> Decision:
        number = len(self.made) + 1
        decision = Decision(f"d{number}", number, DecisionKind(kind), line, content, "Carys", NOW)
        self.made.append(decision)
        return decision


def after(*steps: Callable[[Decisions], object]) -> Coding:
    decisions = Decisions()
    for step in steps:
        step(decisions)
    return fold([FIRST], decisions.made)


def codes(lines: tuple[Line, ...]) -> list[str]:
    return [line.code for line in lines]


def test_nothing_stands_before_a_decision() -> None:
    coding = fold([FIRST], [])
    assert not coding.standing
    assert codes(coding.undecided) == ["J440", "I10X", "E119"]
    assert codes(coding.candidates) == ["F171"]


def test_accepted_lines_keep_the_order_of_the_model_whatever_the_order_of_accepting() -> None:
    coding = after(lambda d: d("accept", "c"), lambda d: d("accept", "a"), lambda d: d("accept", "b"))
    assert codes(coding.diagnoses) == ["J440", "I10X", "E119"]


def test_an_added_line_comes_last_and_a_later_accept_before_higher_ranks() -> None:
    coding = after(
        lambda d: d("accept", "c"),
        lambda d: d("add", "x", role="diagnosis", code="Z602", evidence=[]),
        lambda d: d("accept", "a"),
    )
    assert codes(coding.diagnoses) == ["J440", "E119", "Z602"]


def test_after_reordering_by_hand_a_new_line_comes_last() -> None:
    coding = after(
        lambda d: d("accept", "b"),
        lambda d: d("accept", "c"),
        lambda d: d("reorder", role="diagnosis", lines=["c", "b"]),
        lambda d: d("accept", "a"),
    )
    assert codes(coding.diagnoses) == ["E119", "I10X", "J440"]


def test_replaced_line_keeps_its_place_and_remembers_the_suggested_code() -> None:
    coding = after(
        lambda d: d("accept", "a"), lambda d: d("accept", "b"), lambda d: d("replace", "a", code="J441")
    )
    assert codes(coding.diagnoses) == ["J441", "I10X"]
    assert coding.diagnoses[0].state is LineState.REPLACED
    assert coding.diagnoses[0].suggested_code == "J440"


def test_rejected_line_leaves_the_coding_and_keeps_its_reason() -> None:
    coding = after(lambda d: d("accept", "a"), lambda d: d("reject", "a", reason="not_documented"))
    assert not coding.diagnoses
    assert coding.rejected[0].reject_reason == "not_documented"


def test_rejected_line_can_be_accepted_after_all() -> None:
    coding = after(lambda d: d("reject", "a"), lambda d: d("accept", "a"))
    assert codes(coding.diagnoses) == ["J440"]
    assert not coding.rejected


def test_undo_takes_back_the_last_standing_decision_and_names_the_next() -> None:
    coding = after(
        lambda d: d("accept", "a"), lambda d: d("accept", "b"), lambda d: d("undo", "b", decision="d2")
    )
    assert codes(coding.diagnoses) == ["J440"]
    assert "I10X" in codes(coding.undecided)
    assert coding.undoable == "d1"


def test_undone_reordering_restores_the_order() -> None:
    coding = after(
        lambda d: d("accept", "a"),
        lambda d: d("accept", "b"),
        lambda d: d("reorder", role="diagnosis", lines=["b", "a"]),
        lambda d: d("undo", decision="d3"),
    )
    assert codes(coding.diagnoses) == ["J440", "I10X"]


def test_newer_suggestion_replaces_what_nobody_decided_on_and_does_not_ask_twice() -> None:
    decisions = Decisions()
    decisions("accept", "a")
    decisions("reject", "b")
    newer = (
        model_line("e", "J440", 1),
        model_line("f", "I10X", 2),
        model_line("g", "N179", 3),
    )
    coding = fold([FIRST, newer], decisions.made)
    assert codes(coding.diagnoses) == ["J440"]
    assert codes(coding.undecided) == ["N179"]
    assert not coding.candidates


def test_procedures_and_diagnoses_are_ordered_apart() -> None:
    lines = (*FIRST, model_line("p", "G459", 1, role=Role.PROCEDURE))
    decisions = Decisions()
    decisions("accept", "p")
    decisions("accept", "a")
    coding = fold([lines], decisions.made)
    assert codes(coding.diagnoses) == ["J440"]
    assert codes(coding.procedures) == ["G459"]


def test_date_is_set_on_a_procedure_line() -> None:
    lines = (model_line("p", "G459", 1, role=Role.PROCEDURE),)
    decisions = Decisions()
    decisions("accept", "p")
    decisions("set_date", "p", date="2026-02-28")
    assert str(fold([lines], decisions.made).procedures[0].date) == "2026-02-28"


_STEPS = st.lists(
    st.tuples(st.sampled_from(["accept", "reject", "replace", "remove", "undo"]), st.sampled_from("abcd")),
    max_size=25,
)


def _legal(coding: Coding, kind: str, line_id: str) -> Mapping[str, Any] | None:
    line = coding.line(line_id)
    if kind == "undo":
        return {"decision": coding.undoable} if coding.undoable else None
    if line is None:
        return None
    stands = line.state in STANDING
    allowed = {"accept": not stands, "reject": line.state is not LineState.REJECTED, "replace": True}
    if not allowed.get(kind, stands):
        return None
    return {"code": "R69X"} if kind == "replace" else {}


@settings(max_examples=200, deadline=None)
@given(_STEPS)
def test_whatever_is_decided_every_line_is_in_exactly_one_place_or_removed(
    steps: list[tuple[str, str]],
) -> None:
    decisions = Decisions()
    for kind, line_id in steps:
        content = _legal(fold([FIRST], decisions.made), kind, line_id)
        if content is not None:
            decisions(kind, line_id, **content)
    coding = fold([FIRST], decisions.made)
    places = (coding.diagnoses, coding.procedures, coding.undecided, coding.candidates, coding.rejected)
    found = [line.id for lines in places for line in lines]
    assert len(found) == len(set(found))
    assert set(found) <= {"a", "b", "c", "d"}
    assert all(line.state in STANDING for line in coding.standing)


@pytest.mark.parametrize("kind", ["accept", "replace"])
def test_undo_of_everything_leaves_the_suggestion_untouched(kind: str) -> None:
    decisions = Decisions()
    for line_id in "abc":
        decisions(kind, line_id, code="K590")
    for number in (3, 2, 1):
        decisions("undo", decision=f"d{number}")
    coding = fold([FIRST], decisions.made)
    assert coding == fold([FIRST], [])
