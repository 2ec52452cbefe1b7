"""What holds of the engine whatever the coding."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from data.episodes import Role
from data.standards import load_standards
from models.standards import Facts, Finding, Line, StandardsEngine, edited
from models.standards.operators.order import Before, First, Follows, NeverFirst
from tests.unit.models_standards.codings import engine, lines_of, tables

_SPOKEN_OF = sorted(
    {
        (line.role, line.code)
        for rule in load_standards().rules
        if rule.operator != "exists"
        for example in (*rule.passing, *rule.failing)
        for line in lines_of(example.before)
    },
    key=str,
)
_DIAGNOSES = [code for role, code in _SPOKEN_OF if role is Role.DIAGNOSIS]
_PROCEDURES = [code for role, code in _SPOKEN_OF if role is Role.PROCEDURE]
_SLOW = settings(max_examples=50, deadline=None)


@st.composite
def codings(draw: st.DrawFn, *, touched: bool = False) -> tuple[Line, ...]:
    """Of codes that rules speak of, so that many of them do."""
    diagnoses = draw(st.lists(st.sampled_from(_DIAGNOSES), min_size=1, max_size=8, unique=True))
    groups = draw(
        st.lists(st.lists(st.sampled_from(_PROCEDURES), min_size=1, max_size=5, unique=True), max_size=2)
    )
    written: list[tuple[Role, int | None, str]]
    written = [(Role.DIAGNOSIS, None, code) for code in diagnoses]
    written += [(Role.PROCEDURE, number, code) for number, group in enumerate(groups, 1) for code in group]
    held = st.booleans() if touched else st.just(False)
    return tuple(
        Line(role, code, group, touched=draw(held), place=float(place), key=str(place))
        for place, (role, group, code) in enumerate(written)
    )


facts = st.builds(
    Facts,
    sex=st.sampled_from([None, "female", "male", "not_known"]),
    age=st.sampled_from([None, 0, 7, 30, 85]),
    flags=st.sampled_from([frozenset(), frozenset({"pregnant"}), frozenset({"birth"})]),
    documented=st.frozensets(st.sampled_from(_DIAGNOSES), max_size=3),
    side=st.sampled_from([None, "Z942"]),
)


@_SLOW
@given(codings(), facts)
def test_applied_twice_it_changes_nothing_more(lines: tuple[Line, ...], known: Facts) -> None:
    once = engine().complete(lines, known)
    twice = engine().complete(once.lines, known)
    assert twice.lines == once.lines
    assert twice.changes == ()


@_SLOW
@given(codings(touched=True), facts)
def test_a_line_that_a_person_touched_stays_as_it_is(lines: tuple[Line, ...], known: Facts) -> None:
    completed = engine().complete(lines, known).lines
    assert [line for line in lines if line.touched] == [line for line in completed if line.touched]


@_SLOW
@given(codings(), facts)
def test_no_code_is_made_that_does_not_exist(lines: tuple[Line, ...], known: Facts) -> None:
    completed = engine().complete(lines, known).lines
    given_codes = {(line.role, line.code) for line in lines}
    made = [line for line in completed if (line.role, line.code) not in given_codes]
    assert all(tables()[line.role].valid_on(line.code, known.end) for line in made)


@_SLOW
@given(codings(), facts, st.randoms(use_true_random=False))
def test_the_order_of_rules_changes_nothing(
    lines: tuple[Line, ...], known: Facts, chance: random.Random
) -> None:
    standards = load_standards()
    rules = list(standards.rules)
    chance.shuffle(rules)
    other = StandardsEngine(replace(standards, rules=tuple(rules)), tables())
    assert other.complete(lines, known) == engine().complete(lines, known)
    assert other.check(lines, known) == engine().check(lines, known)


@_SLOW
@given(codings(), facts, st.randoms(use_true_random=False))
def test_however_lines_are_given_the_coding_is_the_same(
    lines: tuple[Line, ...], known: Facts, chance: random.Random
) -> None:
    """The primary diagnosis and the groups of procedures are kept."""
    first, *rest = lines
    chance.shuffle(rest)
    completed = engine().complete([first, *rest], known)
    assert completed.lines == engine().complete(lines, known).lines


@_SLOW
@given(codings(), facts, st.randoms(use_true_random=False))
def test_lines_that_no_sequence_binds_may_stand_anywhere(
    lines: tuple[Line, ...], known: Facts, chance: random.Random
) -> None:
    free = [place for place, line in enumerate(lines) if place and _is_free(line)]
    shuffled = free[:]
    chance.shuffle(shuffled)
    moved = list(lines)
    for place, other in zip(free, shuffled, strict=True):
        moved[place] = lines[other]
    assert _said(engine().check(moved, known), moved) == _said(engine().check(lines, known), lines)


def _is_free(line: Line) -> bool:
    return (
        line.role is Role.DIAGNOSIS
        and not any(
            line.code in codes
            for operator in _SEQUENCES
            for codes in (operator.codes, operator.set_of("any"))
        )
        and not any(line.code in operator for operator in _ADJACENT)
    )


_OPERATORS = engine()._operators
_SEQUENCES = [one for one in _OPERATORS if isinstance(one, (NeverFirst, First, Follows, Before))]
_ADJACENT = [
    one.set_of(name)
    for one in _OPERATORS
    for name in ("codes", "with")
    if one.rule.arguments.get("adjacent") and name in one.rule.arguments
]


def _said(
    findings: tuple[Finding, ...], lines: list[Line] | tuple[Line, ...]
) -> list[tuple[str, frozenset[str]]]:
    return sorted((one.rule, frozenset(lines[place].key for place in one.lines)) for one in findings)


@_SLOW
@given(codings(), facts)
def test_a_fix_can_always_be_carried_out(lines: tuple[Line, ...], known: Facts) -> None:
    for finding in engine().check(lines, known):
        mended = edited(lines, finding.fix)
        assert {line.key for line in mended} <= {*(line.key for line in lines), ""}
