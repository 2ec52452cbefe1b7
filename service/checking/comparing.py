"""A submitted coding beside the checked one, line by line: pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from data.episodes import Role
from service.coding.coding import Coding, Line


class Change(StrEnum):
    SAME = "same"
    CODE = "code"
    """Another code on the same line."""
    FIFTH = "fifth"
    """Another fifth character behind the same code."""
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    PRIMARY = "primary"
    """The first diagnosis, and was not before."""
    DATED = "dated"


@dataclass(frozen=True, slots=True)
class Compared:
    """A line as it was submitted and as it stands; one of them may be missing."""

    id: str
    role: Role
    submitted: Line | None
    checked: Line | None
    changes: tuple[Change, ...]

    @property
    def is_same(self) -> bool:
        return self.changes == (Change.SAME,)

    @property
    def code_stands(self) -> bool:
        """Submitted and checked have the same code, wherever it stands."""
        return bool(self.submitted and self.checked and self.submitted.code == self.checked.code)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much of what was submitted stands after the check."""

    same: int
    """Codes that were submitted and stand."""
    submitted: int
    every: int
    """Lines of either."""
    primary: bool

    @property
    def percent(self) -> int:
        return round(100 * self.same / self.every) if self.every else 100


def compared(submitted: Coding, checked: Coding) -> tuple[Compared, ...]:
    """In the order that stands; what was removed follows the line that it followed."""
    return tuple(
        line for role in Role for line in _of_role(role, _lines(submitted, role), _lines(checked, role))
    )


def agreement(lines: Sequence[Compared]) -> Agreement:
    diagnoses = [line for line in lines if line.role is Role.DIAGNOSIS]
    return Agreement(
        same=sum(line.code_stands for line in lines),
        submitted=sum(line.submitted is not None for line in lines),
        every=len(lines),
        primary=_primary_is_same(diagnoses),
    )


def _primary_is_same(diagnoses: Sequence[Compared]) -> bool:
    """The first line leads after the check, and nothing says that it did not lead before."""
    first = next((line for line in diagnoses if line.checked), None)
    return first is not None and first.code_stands and Change.PRIMARY not in first.changes


def _lines(coding: Coding, role: Role) -> tuple[Line, ...]:
    return coding.diagnoses if role is Role.DIAGNOSIS else coding.procedures


def _of_role(role: Role, before: Sequence[Line], after: Sequence[Line]) -> Iterator[Compared]:
    was, now = {line.id: line for line in before}, {line.id: line for line in after}
    moved = _moved([i for i in was if i in now], [i for i in now if i in was])
    for line_id in _merged(list(was), list(now)):
        pair = (was.get(line_id), now.get(line_id))
        leads = role is Role.DIAGNOSIS and bool(after) and after[0].id == line_id
        newly = leads and (not before or before[0].id != line_id)
        yield Compared(line_id, role, *pair, _changes(*pair, moved=line_id in moved, newly_primary=newly))


def _changes(
    before: Line | None, after: Line | None, *, moved: bool, newly_primary: bool
) -> tuple[Change, ...]:
    if after is None:
        return (Change.REMOVED,)
    primary = (Change.PRIMARY,) if newly_primary else ()
    if before is None:
        return (Change.ADDED, *primary)
    found = [
        *((Change.CODE,) if before.code != after.code else ()),
        *((Change.FIFTH,) if before.code == after.code and before.fifth != after.fifth else ()),
        *((Change.MOVED,) if moved and not newly_primary else ()),
        *((Change.DATED,) if before.date != after.date else ()),
    ]
    return (*found, *primary) or (Change.SAME,)


def _moved(before: list[str], after: list[str]) -> set[str]:
    """Lines of both that stand in another order: those outside the longest runs that kept it."""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    kept = {line_id for block in blocks for line_id in before[block.a : block.a + block.size]}
    return set(before) - kept


def _merged(before: list[str], after: list[str]) -> list[str]:
    """What stands, with each line that is gone behind the one that it stood behind."""
    merged = list(after)
    for place, line_id in enumerate(before):
        if line_id not in merged:
            previous = before[place - 1] if place else None
            merged.insert(merged.index(previous) + 1 if previous in merged else 0, line_id)
    return merged
