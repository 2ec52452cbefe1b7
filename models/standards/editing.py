"""Carries edits out on a coding."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from models.standards.coding import Add, Arrange, Edit, Line, Move, Remove, Replace, SetFifth

_A_LITTLE = 0.01
"""A line that is added stands a little after the one it comes with."""


def edited(lines: Sequence[Line], edits: Iterable[Edit]) -> tuple[Line, ...]:
    """The lines after all edits; places in edits are those before any of them."""
    given = tuple(edits)
    order = _reordered(len(lines), given)
    changed = _changed(lines, given)
    removed = {edit.line for edit in given if isinstance(edit, Remove)}
    result: list[Line] = []
    for place in order:
        if place not in removed:
            result.append(changed[place])
        result.extend(_added(lines, edit) for edit in given if isinstance(edit, Add) and edit.after == place)
    result.extend(_added(lines, edit) for edit in given if isinstance(edit, Add) and edit.after is None)
    return tuple(sorted(result, key=lambda line: line.role.value))


def _changed(lines: Sequence[Line], edits: Iterable[Edit]) -> list[Line]:
    changed = list(lines)
    for edit in edits:
        if isinstance(edit, Replace):
            changed[edit.line] = replace(changed[edit.line], code=edit.code, fifth=None)
        elif isinstance(edit, SetFifth):
            changed[edit.line] = replace(changed[edit.line], fifth=edit.fifth)
    return changed


def _reordered(count: int, edits: Iterable[Edit]) -> list[int]:
    order = list(range(count))
    for edit in edits:
        if isinstance(edit, Move):
            order.remove(edit.line)
            beside = edit.before if edit.before is not None else edit.after
            assert beside is not None  # noqa: S101 (a move names one of the two)
            order.insert(order.index(beside) + (edit.before is None), edit.line)
        elif isinstance(edit, Arrange):
            places = sorted(order.index(line) for line in edit.lines)
            for place, line in zip(places, edit.lines, strict=True):
                order[place] = line
    return order


def _added(lines: Sequence[Line], edit: Add) -> Line:
    if edit.after is None:
        last = max((line.place for line in lines if line.role is edit.role), default=0.0)
        return Line(edit.role, edit.code, place=last + 1)
    beside = lines[edit.after]
    return Line(edit.role, edit.code, group=beside.group, place=beside.place + _A_LITTLE, at=beside.at)
