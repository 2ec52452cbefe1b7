"""The engine: what it explains, what it leaves to a person, which rules are in force, how fast it is."""

import time
from dataclasses import replace
from datetime import date

from data.standards import Rule, Severity, load_standards
from models.standards import Facts
from tests.patience import SLOWER
from tests.printed import Say
from tests.unit.models_standards.codings import coding, engine, engine_of, shown

TYPICAL = "J449 J22X I489 E119 I10X N183 F171 Z921 Z880 Z602 / U212 Y982 Y973 Z926 O161 + X332"


def rule(rule_id: str) -> Rule:
    return load_standards().by_id[rule_id]


def test_each_change_says_which_rule_made_it() -> None:
    completed = engine().complete(*coding("J449 J22X I10X"))
    (change,) = completed.changes
    assert (change.rule, change.standard) == ("copd-infection", "DCS.X.5")
    assert (change.removed, change.added) == (("J449", "J22X"), ("J440",))
    assert change.because_of == ("0", "1")


def test_a_finding_names_rule_standard_edition_and_lines() -> None:
    found = [one for one in engine().check(*coding("I10X E109 E119")) if one.severity is Severity.ERROR]
    assert [(one.rule, one.standard, one.edition, one.lines) for one in found] == [
        ("diabetes-one-type", "DCS.IV.1", load_standards().name, (1, 2))
    ]


def test_an_optional_rule_speaks_only_where_it_is_switched_on() -> None:
    local = rule("therapy-local")
    assert engine().check(*coding("I639 Z501")) == ()
    assert len(engine_of([local]).check(*coding("I639 Z501"))) == 1


def test_a_rule_holds_between_its_dates() -> None:
    dated = replace(rule("ckd-one-stage"), valid_from=date(2026, 4, 1), valid_to=date(2027, 3, 31))
    lines, _ = coding("N183 N184")
    days = (date(2026, 3, 31), date(2026, 4, 1), date(2027, 3, 31), date(2027, 4, 1), None)
    assert [len(engine_of([dated]).check(lines, Facts(end=day))) for day in days] == [0, 1, 1, 0, 1]


def test_a_fix_that_the_edition_lacks_is_not_offered() -> None:
    made_up = replace(
        rule("smoking-harmful"), arguments={**rule("smoking-harmful").arguments, "instead": "Z727"}
    )
    lines, facts = coding("I10X Z720")
    (finding,) = engine_of([made_up]).check(lines, facts)
    assert finding.fix == ()
    assert engine_of([made_up]).complete(lines, facts).lines == lines


def test_procedures_without_group_numbers_belong_to_the_procedure_before() -> None:
    lines, facts = coding("K297 / G451 Z271 Z272 + U051 Y981")
    loose = [replace(line, group=None) for line in lines]
    assert shown(engine().complete(loose, facts).lines) == "K297 / G451 Z272 U051 Y981"


def test_an_unknown_sex_or_age_contradicts_nothing() -> None:
    lines, _ = coding("N40X N832 P073 O234")
    assert [one.rule for one in engine().check(lines, Facts(sex="not_known"))] == []


def test_a_question_to_the_clinician_does_not_lead() -> None:
    for asking in (one for one in load_standards().rules if "ask" in one.arguments):
        question = str(asking.arguments["ask"])
        assert question.endswith("?")
        assert not any(word in question.lower() for word in ("please confirm", "agree", "is it", "should we"))


def test_an_empty_coding_is_no_finding() -> None:
    assert engine().check((), Facts()) == ()
    assert engine().complete((), Facts()).lines == ()


def test_a_typical_coding_takes_less_than_a_millisecond(say: Say) -> None:
    """CPU time of one check with all rules; the best of several, for the machine is shared."""
    lines, facts = coding(TYPICAL)
    best = 1.0
    for _ in range(8):
        begun = time.process_time()
        for _ in range(25):
            engine().check(lines, facts)
        best = min(best, (time.process_time() - begun) / 25)
    say(f"check of {len(lines)} lines with {len(load_standards().rules)} rules: {best * 1000:.2f} ms")
    assert best < 0.001 * SLOWER
