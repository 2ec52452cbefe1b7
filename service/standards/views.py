"""Rules as they are answered and shown."""

from collections.abc import Iterable, Mapping
from datetime import date

from data.episodes import Role
from data.standards import OPERATORS, CodeSet, Example, Rule, Severity, StandardsEdition
from service.standards.tallies import Tallies
from service.text_types import Answer


class ExampleOut(Answer):
    coding: str
    """Diagnoses, then after `/` procedures in groups."""
    becomes: str | None
    """What the engine makes of it."""


class RuleOut(Answer):
    id: str
    standard: str
    """The national id, or `project`."""
    mark: str
    """How certain the source is."""
    severity: Severity
    role: Role
    text: str
    operator: str
    says: str
    """What the operator means, in general."""
    codes: dict[str, str]
    completes: bool
    optional: bool
    on: bool
    valid_from: date | None
    valid_to: date | None
    passing: tuple[ExampleOut, ...]
    failing: tuple[ExampleOut, ...]
    fired: int
    """Of the newest finalised codings of this provider, how many had a finding of the rule."""
    overridden: int


def rule_view(rule: Rule, tallies: Tallies) -> RuleOut:
    return RuleOut(
        **{name: getattr(rule, name) for name in _FIELDS},
        says=OPERATORS[rule.operator].says,
        codes={name: _written(value) for name, value in rule.arguments.items()},
        passing=_examples(rule.passing),
        failing=_examples(rule.failing),
        fired=tallies.fired[rule.id],
        overridden=tallies.overridden[rule.id],
    )


_FIELDS = (
    "id", "standard", "mark", "severity", "role", "text", "operator", "completes", "optional", "on",
    "valid_from", "valid_to",
)  # fmt: skip


def rules_found(edition: StandardsEdition, query: str, severity: Severity | None) -> list[Rule]:
    """Rules whose words, ids or codes hold every word of the query."""
    words = [word.lower().replace(".", "") for word in query.split()]
    return [
        rule
        for rule in edition.rules
        if (severity is None or rule.severity is severity) and all(word in _searched(rule) for word in words)
    ]


def _searched(rule: Rule) -> str:
    codes = " ".join(_written(value) for value in rule.arguments.values())
    return f"{rule.id} {rule.standard} {rule.text} {codes}".lower().replace(".", "")


def _written(value: object) -> str:
    if isinstance(value, CodeSet):
        return " ".join(value.written)
    if isinstance(value, tuple):
        return ", ".join(map(_written, value))
    return str(value)


def _examples(examples: Iterable[Example]) -> tuple[ExampleOut, ...]:
    return tuple(
        ExampleOut(coding=str(one.before).strip(), becomes=str(one.after).strip() if one.after else None)
        for one in examples
    )


def version_view(version: Mapping[str, str]) -> dict[str, str]:
    return {"policy": "", **version}
