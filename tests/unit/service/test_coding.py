"""The fold from suggestions and decisions to the coding that stands."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.episodes import Role
from service.coding.coding import STANDING, Coding, Decision, Line, LineState, StoredEvidence, fold
from service.coding.status import DecisionKind

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def model_line(
    name: str,
    code: str,
    rank: int,
    *words: str,
    suggested: bool = True,
    role: Role = Role.DIAGNOSIS,
    document: str = "ds",
) -> Line:
    state = LineState.SUGGESTED if suggested else LineState.CANDIDATE
    evidence = tuple(StoredEvidence(document, 1, 0, len(text), text) for text in words)
    return Line(name, role, code, state, evidence, rank=rank, confidence=0.9, suggested_code=code)


def operation(name: str, code: str, rank: int, *words: str, suggested: bool = True) -> Line:
    return model_line(name, code, rank, *words, suggested=suggested, role=Role.PROCEDURE)


FIRST = (
    model_line("a", "J440", 1),
    model_line("b", "I10X", 2),
    model_line("c", "E119", 3),
    model_line("d", "F171", 4, suggested=False),
)
CODES = {line.id: line.code for line in FIRST}


class Decisions:
    """Numbers decisions as a database would."""

    def __init__(self) -> None:
        self.made: list[Decision] = []

    def __call__(self, kind: str, line: str | None = None, **content: Any) -> Decision:
        number = len(self.made) + 1
        if kind == "accept":
            content = {"code": CODES.get(line or "", "")} | content
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
    decisions("accept", "p", code="G459")
    decisions("accept", "a")
    coding = fold([lines], decisions.made)
    assert codes(coding.diagnoses) == ["J440"]
    assert codes(coding.procedures) == ["G459"]


def test_date_is_set_on_a_procedure_line() -> None:
    lines = (model_line("p", "G459", 1, role=Role.PROCEDURE),)
    decisions = Decisions()
    decisions("accept", "p", code="G459")
    decisions("set_date", "p", date="2026-02-28")
    assert str(fold([lines], decisions.made).procedures[0].date) == "2026-02-28"


def test_fifth_character_goes_with_the_code_that_it_was_given_for() -> None:
    decisions = Decisions()
    decisions("accept", "a", code="J440")
    decisions("set_fifth", "a", fifth="1")
    assert fold([FIRST], decisions.made).diagnoses[0].fifth == "1"
    decisions("replace", "a", code="J441")
    assert not fold([FIRST], decisions.made).diagnoses[0].fifth


def test_a_suggestion_that_gets_a_fifth_character_is_accepted_not_replaced() -> None:
    decisions = Decisions()
    decisions("replace", "a", code="J440", fifth="1")
    line = fold([FIRST], decisions.made).diagnoses[0]
    assert (line.state, line.fifth) == (LineState.ACCEPTED, "1")


def test_accepted_line_stands_with_the_code_that_the_decision_records() -> None:
    decisions = Decisions()
    decisions("accept", "a", code="J441")
    assert codes(fold([FIRST], decisions.made).diagnoses) == ["J441"]


HIPS = (
    operation("p", "W371", 1, "left hip"),
    operation("q", "Z843", 2, "left hip"),
    operation("r", "W371", 3, "right hip"),
    operation("s", "Z843", 4, "right hip"),
)
"""OPCS-4 repeats operations and sites across groups."""


def test_accepted_procedure_leaves_others_of_its_suggestion_with_the_same_code_open() -> None:
    decisions = Decisions()
    decisions("accept", "p", code="W371")
    assert [line.id for line in fold([HIPS], decisions.made).undecided] == ["q", "r", "s"]


def test_procedure_decided_earlier_makes_one_line_a_repeat_the_one_on_its_words() -> None:
    decisions = Decisions()
    decisions("accept", "r", code="W371")
    newer = (operation("t", "W371", 1, "left hip"), operation("u", "W371", 2, "right hip"))
    coding = fold([HIPS, newer], decisions.made)
    assert [line.id for line in coding.undecided] == ["t"]
    decisions("accept", "t", code="W371")
    assert [line.id for line in fold([HIPS, newer], decisions.made).procedures] == ["r", "t"]


def test_standing_procedure_without_words_in_the_new_text_is_still_matched_once() -> None:
    decisions = Decisions()
    decisions("accept", "p", code="W371")
    newer = tuple(operation(name, "W371", rank, f"hip {rank}") for rank, name in enumerate("tuv", 1))
    assert [line.id for line in fold([HIPS, newer], decisions.made).undecided] == ["u", "v"]


def test_corrected_procedure_is_not_asked_again_under_either_code() -> None:
    decisions = Decisions()
    decisions("replace", "p", code="W381")
    for code in ("W371", "W381"):
        assert not fold([HIPS, (operation("t", code, 1, "left hip"),)], decisions.made).undecided


@pytest.mark.parametrize("leave", ["reject", "remove"])
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("words", "document", "asked"),
    [
        (("chronic lung disease",), "ds", False),
        ((), "ds", False),
        (("chronic lung disease", "COPD"), "ds", True),
        (("COPD",), "ds", True),
        (("chronic lung disease",), "letter", True),
    ],
)
def test_code_turned_down_is_asked_again_only_on_new_words(
    leave: str, role: Role, words: tuple[str, ...], document: str, *, asked: bool
) -> None:
    old = model_line("p", "J440", 1, "chronic lung disease", role=role)
    new = model_line("q", "J440", 1, *words, role=role, document=document)
    decisions = Decisions()
    if leave == "remove":
        decisions("accept", "p", code="J440")
    decisions(leave, "p")
    coding = fold([(old,), (new,)], decisions.made)
    assert bool(coding.undecided) is asked


def test_diagnosis_turned_down_twice_is_not_asked_again_on_the_words_of_both() -> None:
    suggestions = [
        (model_line("p", "J440", 1, "first"),),
        (model_line("q", "J440", 1, "second"),),
        (model_line("r", "J440", 1, "first", "second"),),
    ]
    decisions = Decisions()
    decisions("reject", "p")
    decisions("reject", "q")
    assert not fold(suggestions, decisions.made).undecided


def test_diagnosis_that_stands_by_hand_is_not_asked() -> None:
    added = after(lambda d: d("add", "x", role="diagnosis", code="I10X", evidence=[]))
    assert codes(added.undecided) == ["J440", "E119"]
    replaced = after(lambda d: d("replace", "a", code="F171"))
    assert (codes(replaced.undecided), codes(replaced.candidates)) == (["I10X", "E119"], [])


def test_diagnosis_is_asked_again_when_the_one_by_hand_is_removed() -> None:
    coding = after(
        lambda d: d("add", "x", role="diagnosis", code="I10X", evidence=[]), lambda d: d("remove", "x")
    )
    assert codes(coding.undecided) == ["J440", "I10X", "E119"]


def test_procedure_added_by_hand_leaves_a_suggested_one_open() -> None:
    decisions = Decisions()
    decisions("add", "x", role="procedure", code="W371", evidence=[])
    assert [line.id for line in fold([HIPS], decisions.made).undecided] == ["p", "q", "r", "s"]


def test_accepting_from_a_newer_suggestion_never_changes_the_primary() -> None:
    decisions = Decisions()
    decisions("accept", "b")
    decisions("accept", "c")
    newer = (model_line("e", "N179", 1), model_line("f", "K219", 2))
    decisions("accept", "f", code="K219")
    decisions("accept", "e", code="N179")
    assert codes(fold([FIRST, newer], decisions.made).diagnoses) == ["I10X", "E119", "N179", "K219"]


def test_empty_newest_suggestion_asks_nothing_and_leaves_what_stands() -> None:
    decisions = Decisions()
    decisions("accept", "a")
    coding = fold([FIRST, ()], decisions.made)
    assert (codes(coding.diagnoses), coding.undecided, coding.candidates) == (["J440"], (), ())


OLDER = (*FIRST, *HIPS)
NEWER = (
    model_line("e", "N179", 1, "kidney"),
    model_line("f", "J440", 2, "chest"),
    operation("t", "W371", 1, "left hip"),
    operation("u", "W371", 2, "right hip"),
    operation("v", "W371", 3, "third hip"),
    operation("w", "Z843", 4, "left hip", suggested=False),
)
ALL = {line.id: line for line in (*OLDER, *NEWER)}

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "reject", "replace", "remove", "undo"]),
        st.sampled_from("".join(ALL)),
        st.sampled_from(["R69X", "N179", "W371"]),
    ),
    max_size=25,
)


def _legal(coding: Coding, kind: str, line_id: str, code: str) -> Mapping[str, Any] | None:
    line = coding.line(line_id)
    if kind == "undo":
        return {"decision": coding.undoable} if coding.undoable else None
    if line is None:
        return None
    stands = line.state in STANDING
    allowed = {"accept": not stands, "reject": line.state is not LineState.REJECTED, "replace": True}
    wanted = code if kind == "replace" else line.code
    repeated = line.role is Role.DIAGNOSIS and wanted in codes(coding.diagnoses)
    if not allowed.get(kind, stands) or (kind in ("accept", "replace") and repeated):
        return None
    return {"code": wanted} if kind in ("accept", "replace") else {}


def _open(coding: Coding) -> set[str]:
    return {line.id for line in coding.undecided + coding.candidates}


@settings(max_examples=300, deadline=None)
@given(_STEPS, st.integers(min_value=0, max_value=25))
def test_whatever_is_decided_every_line_is_in_exactly_one_place_or_removed(
    steps: list[tuple[str, str, str]], newer_after: int
) -> None:
    """A second suggestion comes somewhere on the way."""
    decisions = Decisions()
    for number, (kind, line_id, code) in enumerate(steps):
        suggestions = [OLDER, NEWER] if number >= newer_after else [OLDER]
        before = fold(suggestions, decisions.made)
        content = _legal(before, kind, line_id, code)
        if content is None:
            continue
        decisions(kind, line_id, **content)
        coding = fold(suggestions, decisions.made)
        _check_places(coding, {line.id for lines in suggestions for line in lines})
        if kind != "undo" and line_id in {line.id for line in suggestions[-1]}:
            hidden = _open(before) - _open(coding) - {line_id}
            assert all(ALL[other].role is Role.DIAGNOSIS for other in hidden)


def _check_places(coding: Coding, known: set[str]) -> None:
    places = (coding.diagnoses, coding.procedures, coding.undecided, coding.candidates, coding.rejected)
    found = [line.id for lines in places for line in lines]
    assert len(found) == len(set(found))
    assert set(found) <= known
    assert all(line.state in STANDING for line in coding.standing)
    standing = codes(coding.diagnoses)
    assert len(standing) == len(set(standing))
    asked = [line.code for line in coding.undecided + coding.candidates if line.role is Role.DIAGNOSIS]
    assert not set(asked) & set(standing)


@settings(max_examples=200, deadline=None)
@given(st.sets(st.sampled_from("pqrs")))
def test_of_each_procedure_code_as_many_are_asked_as_were_not_decided(accepted: set[str]) -> None:
    decisions = Decisions()
    for line_id in sorted(accepted):
        decisions("accept", line_id, code=ALL[line_id].code)
    asked = [line for line in fold([OLDER, NEWER], decisions.made).undecided if line.code == "W371"]
    assert len(asked) == 3 - len(accepted & {"p", "r"})


@pytest.mark.parametrize("kind", ["accept", "replace"])
def test_undo_of_everything_leaves_the_suggestion_untouched(kind: str) -> None:
    decisions = Decisions()
    for line_id in "abc":
        decisions(kind, line_id, code="K590")
    for number in (3, 2, 1):
        decisions("undo", decision=f"d{number}")
    coding = fold([FIRST], decisions.made)
    assert coding == fold([FIRST], [])
