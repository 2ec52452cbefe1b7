"""Codings in the notation of rules (`J449 J22X / G459 Z274`) as the engine takes them."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from data.classifications import load_classification
from data.episodes import Role
from data.standards import (
    Rule,
    StandardsEdition,
    WrittenCoding,
    WrittenFacts,
    WrittenLine,
    load_standards,
    read_example,
)
from models.codes import CodeTable, code_table
from models.standards import Facts, Line, StandardsEngine


@cache
def tables() -> dict[Role, CodeTable]:
    return {
        Role.DIAGNOSIS: code_table(load_classification("icd10")),
        Role.PROCEDURE: code_table(load_classification("opcs4")),
    }


@cache
def engine() -> StandardsEngine:
    return StandardsEngine(load_standards(), tables())


def engine_of(rules: Iterable[Rule]) -> StandardsEngine:
    """Of some rules alone, switched on."""
    switched = tuple(replace(rule, on=True) for rule in rules)
    return StandardsEngine(StandardsEdition("test", "", switched), tables())


def lines_of(coding: WrittenCoding) -> tuple[Line, ...]:
    groups = [(number, line) for number, group in enumerate(coding.groups, 1) for line in group]
    written: list[tuple[Role, int | None, WrittenLine]]
    written = [(Role.DIAGNOSIS, None, line) for line in coding.diagnoses]
    written += [(Role.PROCEDURE, number, line) for number, line in groups]
    return tuple(
        Line(role, line.code, group, line.fifth, line.touched, place=float(place), key=str(place))
        for place, (role, group, line) in enumerate(written)
    )


def facts_of(written: WrittenFacts) -> Facts:
    return Facts(
        sex=written.sex,
        age=written.age,
        end=written.end,
        flags=written.flags,
        documented=written.documented,
        side=written.side,
        fifths=dict(written.fifths),
    )


def coding(text: str) -> tuple[tuple[Line, ...], Facts]:
    example = read_example(text)
    return lines_of(example.before), facts_of(example.facts)


def shown(lines: Iterable[Line]) -> str:
    """`J440 I10X / G459 Z274 + U051 Y981`, without what a person touched."""
    every = tuple(lines)
    groups: dict[int | None, list[str]] = {}
    for line in every:
        if line.role is Role.PROCEDURE:
            groups.setdefault(line.group, []).append(_code(line))
    diagnoses = " ".join(_code(line) for line in every if line.role is Role.DIAGNOSIS)
    procedures = " + ".join(map(" ".join, groups.values()))
    return f"{diagnoses} / {procedures}" if procedures else diagnoses


def _code(line: Line) -> str:
    return f"{line.code}:{line.fifth}" if line.fifth else line.code
