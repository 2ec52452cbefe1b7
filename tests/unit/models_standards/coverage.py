"""The table of docs/standards.md: rows of the handbook, their rules, and what tries them."""

from collections import Counter
from collections.abc import Iterable

from data.curated import read_rows
from data.standards import Rule, load_standards, read_coverage
from tests.unit.models_standards.codings import coding, engine
from tests.unit.models_standards.test_worked_cases import CASES


def standards_table() -> str:
    standards = load_standards()
    by_row: dict[str, list[Rule]] = {}
    for rule in standards.rules:
        for row in rule.rows:
            by_row.setdefault(row, []).append(rule)
    spoken = _spoken()
    lines = [
        f"Edition {standards.name}: {len(standards.rules)} rules, {_severities(standards.rules)}.",
        "",
        "| row | says | rules | examples | worked cases |",
        "| --- | --- | --- | ---: | ---: |",
    ]
    for covered in read_coverage():
        rules = by_row.get(covered.row, [])
        told = ", ".join(f"`{rule.id}`" for rule in rules) if rules else f"none: {covered.why}"
        examples = sum(len(rule.passing) + len(rule.failing) for rule in rules)
        cases = len({case for rule in rules for case in spoken.get(rule.id, ())})
        lines.append(f"| {covered.row} | {covered.says} | {told} | {examples or ''} | {cases or ''} |")
    return "\n".join(lines)


def _severities(rules: Iterable[Rule]) -> str:
    counted = Counter(rule.severity.value for rule in rules)
    return f"{counted['error']} errors, {counted['warning']} warnings, {counted['information']} information"


def _spoken() -> dict[str, set[str]]:
    """The worked cases in which each rule speaks or mends, by rule."""
    found: dict[str, set[str]] = {}
    for row in read_rows(CASES, ("case", "before", "after", "finds")):
        lines, facts = coding(row["before"])
        rules = {finding.rule for finding in engine().check(lines, facts)}
        rules |= {change.rule for change in engine().complete(lines, facts).changes}
        for rule in rules:
            found.setdefault(rule, set()).add(row["case"])
    return found
