"""Every rule with its own examples: what passes, what fails, and what the engine makes of it."""

import pytest

from data.episodes import Role
from data.standards import OPERATORS, Example, Rule, load_standards
from models.standards import edited
from models.standards.operators import CLASSES
from tests.unit.models_standards.codings import engine_of, facts_of, lines_of, shown, tables

RULES = load_standards().rules


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_does_what_its_examples_say(rule: Rule) -> None:
    engine = engine_of([rule])
    for example in rule.passing:
        assert engine.check(lines_of(example.before), facts_of(example.facts)) == (), str(example.before)
    for example in rule.failing:
        found = engine.check(lines_of(example.before), facts_of(example.facts))
        assert {one.rule for one in found} == {rule.id}, str(example.before)
        if example.after is not None:
            completed = engine.complete(lines_of(example.before), facts_of(example.facts))
            assert shown(completed.lines) == shown(lines_of(example.after))


def test_examples_show_what_a_completing_rule_does_and_only_that() -> None:
    for rule in RULES:
        shows = any(example.after is not None for example in rule.failing)
        assert shows == rule.completes, rule.id


def test_examples_hold_real_codes() -> None:
    for rule in RULES:
        for example in (*rule.passing, *rule.failing) if rule.operator != "exists" else ():
            for line in lines_of(example.before):
                assert tables()[line.role].valid_on(line.code, None), f"{rule.id}: {line.code}"


def test_codes_that_a_rule_writes_exist() -> None:
    for rule in RULES:
        for name in ("becomes", "instead", "add"):
            code = rule.arguments.get(name)
            assert not code or tables()[rule.role].valid_on(str(code), None), rule.id


def test_what_mends_a_finding_mends_it() -> None:
    mended = 0
    for rule in RULES:
        engine = engine_of([rule])
        for example in rule.failing:
            lines, facts = lines_of(example.before), facts_of(example.facts)
            for finding in engine.check(lines, facts):
                if finding.fix:
                    after = engine.check(edited(lines, finding.fix), facts)
                    assert len(after) < len(engine.check(lines, facts)), f"{rule.id}: {example.before}"
                    mended += 1
    assert mended > 150


def test_each_operator_has_a_class_and_a_rule() -> None:
    assert CLASSES.keys() == OPERATORS.keys()
    assert {rule.operator for rule in RULES} == OPERATORS.keys()


def test_no_rule_speaks_twice_of_one_standing_in_two_files() -> None:
    examples: dict[tuple[str, str], Example] = {}
    for rule in RULES:
        for example in rule.failing:
            key = (rule.operator, f"{rule.role} {example.before} {example.facts}")
            assert key not in examples, f"{rule.id}: {example.before}"
            examples[key] = example


def test_there_are_rules_of_both_roles() -> None:
    assert {rule.role for rule in RULES} == set(Role)
