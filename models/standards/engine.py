"""One engine, two uses: it completes and orders a model's lines, and it checks a coder's.

`check` asks every rule. `complete` carries out what the completing rules would mend, one rule at a time in
the order of their ids until none has anything to say, and then orders. What one rule adds no rule removes
(checked when rules are loaded), so this ends, and a second time changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from data.episodes import Role
from data.standards import CodeSet, Rule, Severity, StandardsEdition
from models.standards.arranging import arranged
from models.standards.coding import (
    Add,
    Arrange,
    Breach,
    Change,
    Completed,
    Edit,
    Facts,
    Finding,
    Line,
    Move,
    Remove,
    Replace,
    SetFifth,
)
from models.standards.editing import edited
from models.standards.operators import operator_of
from models.standards.operators.base import Operator
from models.standards.operators.order import Before, First, Follows, NeverFirst
from models.standards.operators.procedures import GroupOrder
from models.standards.seen import Seen
from models.standards.tables import RoleTable, Tables
from models.standards.version import StandardsVersion

_OF_ORDER = (NeverFirst, First, Follows, Before, GroupOrder)
_MOST_STEPS = 100
_MOST_REMEMBERED = 20_000
"""Codes whose rules are kept once they were asked for."""
_DELIVERIES = CodeSet.of(["R17-R25"])
_OUTCOMES = CodeSet.of(["Z37"])
_ADULT_YEARS = 16


class StandardsEngine:
    """Immutable once made; threads may share it."""

    def __init__(self, standards: StandardsEdition, tables: Mapping[Role, RoleTable]) -> None:
        self.version = StandardsVersion(standards.name, standards.digest, standards.policy)
        self._tables = Tables(tables)
        rules = sorted((rule for rule in standards.in_force if rule.role in tables), key=lambda rule: rule.id)
        self._operators = tuple(map(operator_of, rules))
        self._follow = [one for one in self._operators if isinstance(one, Follows)]
        self._followers = CodeSet(frozenset(prefix for one in self._follow for prefix in one.codes.prefixes))
        self._all = frozenset(range(len(self._operators)))
        self._everywhere = frozenset(n for n, one in enumerate(self._operators) if one.everywhere)
        self._by_prefix = _index(self._operators)
        self._by_code: dict[tuple[Role, str], frozenset[int]] = {}
        completing = [(number, one) for number, one in enumerate(self._operators) if one.rule.completes]
        self._ordering = frozenset(number for number, one in completing if isinstance(one, _OF_ORDER))
        self._mending = frozenset(number for number, _ in completing) - self._ordering

    def check(self, lines: Sequence[Line], facts: Facts) -> tuple[Finding, ...]:
        """What the standards say of a coding, by place and rule."""
        seen = self._seen(lines, facts)
        found = [
            self._finding(seen, operator, breach)
            for operator in self._asked(seen, self._all)
            for breach in operator.breaches(seen)
        ]
        return tuple(sorted(found, key=lambda one: (one.lines or (len(lines),), one.rule)))

    def complete(self, lines: Sequence[Line], facts: Facts) -> Completed:
        """The coding that a model's lines become. Lines that a person touched stand as they are."""
        changes: list[Change] = []
        seen = self._seen(lines, facts)
        for _ in range(_MOST_STEPS):
            step = next(self._steps(seen), None)
            if step is None:
                break
            operator, breach = step
            changes.append(_change(seen, operator.rule, breach))
            seen = self._seen(edited(seen.lines, breach.edits), facts)
        seen = self._seen(_with_a_primary(lines, seen.lines), facts)
        ordering = list(self._asked(seen, self._ordering))
        ordered = self._seen(arranged(seen, ordering), facts)
        return Completed(ordered.lines, (*changes, *_moves(seen, ordered, ordering)))

    def _seen(self, lines: Sequence[Line], facts: Facts) -> Seen:
        flags = set(facts.flags)
        if any(line.code in _DELIVERIES for line in lines if line.role is Role.PROCEDURE):
            flags.add("delivery")
        if any(line.code in _OUTCOMES for line in lines if line.role is Role.DIAGNOSIS):
            flags.add("delivered")
        if facts.age is not None:
            flags.add("child" if facts.age < _ADULT_YEARS else "adult")
        in_order = sorted(lines, key=lambda line: line.role.value)
        return Seen(in_order, replace(facts, flags=frozenset(flags)), self._tables, self._followers)

    def _asked(self, seen: Seen, among: frozenset[int]) -> Iterator[Operator]:
        """Of these rules those that may have something to say, in the order of their ids."""
        numbers = self._everywhere.union(
            *(self._of_code(line.role, line.code) for line in seen.lines),
            *(self._of_code(Role.DIAGNOSIS, code) for code in seen.facts.documented),
        )
        for number in sorted(numbers & among):
            operator = self._operators[number]
            if _applies(operator.rule, seen.facts):
                yield operator

    def _of_code(self, role: Role, code: str) -> frozenset[int]:
        known = self._by_code.get((role, code))
        if known is None:
            beginnings = (code[:length] for length in range(1, len(code) + 1))
            known = frozenset(n for one in beginnings for n in self._by_prefix.get((role, one), ()))
            if len(self._by_code) < _MOST_REMEMBERED:
                self._by_code[role, code] = known
        return known

    def _steps(self, seen: Seen) -> Iterator[tuple[Operator, Breach]]:
        for operator in self._asked(seen, self._mending):
            for breach in operator.breaches(seen):
                if breach.edits and self._is_possible(seen, breach.edits) and _is_free(seen, breach.edits):
                    yield operator, breach

    def _is_possible(self, seen: Seen, edits: Iterable[Edit]) -> bool:
        """No edit makes a code that does not exist, or a diagnosis that stands already."""
        for edit in edits:
            if isinstance(edit, Add | Replace):
                role = edit.role if isinstance(edit, Add) else seen.lines[edit.line].role
                if not seen.is_valid(role, edit.code):
                    return False
                if role is Role.DIAGNOSIS and seen.stands(role, edit.code):
                    return False
        return True

    def _finding(self, seen: Seen, operator: Operator, breach: Breach) -> Finding:
        rule = operator.rule
        return Finding(
            rule=rule.id,
            standard=rule.standard,
            edition=rule.edition,
            severity=self._severity(seen, operator, breach),
            text=rule.text,
            role=rule.role,
            lines=breach.lines,
            fix=breach.edits if self._is_possible(seen, breach.edits) else (),
            query=operator.told("ask", ""),
        )

    def _severity(self, seen: Seen, operator: Operator, breach: Breach) -> Severity:
        """What only people give is no error on lines of the model, the gate or the corpus."""
        severity = operator.rule.severity
        by_people = any(seen.lines[place].touched for place in breach.lines)
        excused = severity is Severity.ERROR and operator.asks_people and not by_people
        return Severity.WARNING if excused else severity


def _moves(before: Seen, after: Seen, ordering: Iterable[Operator]) -> Iterator[Change]:
    """What the new order mended, rule by rule."""
    for operator in ordering:
        left = [_keys(after, breach) for breach in operator.breaches(after)]
        for breach in operator.breaches(before):
            if _keys(before, breach) not in left:
                yield _change(before, operator.rule, breach)


def _keys(seen: Seen, breach: Breach) -> tuple[tuple[str, str], ...]:
    return tuple((seen.lines[place].key, seen.code(place)) for place in breach.lines)


def _with_a_primary(given: Sequence[Line], lines: Sequence[Line]) -> Sequence[Line]:
    """Where the primary diagnosis was removed, the next by place stands first."""
    diagnoses = [line for line in lines if line.role is Role.DIAGNOSIS]
    was = next((line for line in given if line.role is Role.DIAGNOSIS), None)
    if was is None or not diagnoses or any(line.touched for line in diagnoses):
        return lines
    if (diagnoses[0].place, diagnoses[0].key) == (was.place, was.key):
        return lines
    in_order = sorted(diagnoses, key=lambda line: (line.place, line.code))
    return (*in_order, *(line for line in lines if line.role is Role.PROCEDURE))


def _index(operators: Sequence[Operator]) -> dict[tuple[Role, str], tuple[int, ...]]:
    found: dict[tuple[Role, str], list[int]] = {}
    for number, operator in enumerate(operators):
        for prefix in () if operator.everywhere else operator.triggers.prefixes:
            found.setdefault((operator.role, prefix), []).append(number)
    return {key: tuple(numbers) for key, numbers in found.items()}


def _applies(rule: Rule, facts: Facts) -> bool:
    return rule.when <= facts.flags and not rule.unless & facts.flags and rule.holds_on(facts.end)


def _is_free(seen: Seen, edits: Iterable[Edit]) -> bool:
    """No person decided on what the edits change."""
    changed = (edit.line for edit in edits if isinstance(edit, Remove | Replace | SetFifth | Move))
    arranged_lines = (line for edit in edits if isinstance(edit, Arrange) for line in edit.lines)
    return not any(seen.lines[line].touched for line in (*changed, *arranged_lines))


def _change(seen: Seen, rule: Rule, breach: Breach) -> Change:
    removed = [e.line for e in breach.edits if isinstance(e, Remove | Replace)]
    return Change(
        rule=rule.id,
        standard=rule.standard,
        text=rule.text,
        role=rule.role,
        removed=tuple(seen.code(place) for place in removed),
        added=tuple(edit.code for edit in breach.edits if isinstance(edit, Add | Replace)),
        because_of=tuple(seen.lines[place].key for place in breach.lines if seen.lines[place].key),
    )
