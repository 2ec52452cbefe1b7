"""What a clinician declares, beside what is recorded under them. Pure.

After the case study of NHS Employers: doctors filled in what they do, and it was reviewed against what
they were recorded to do.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from service.clinicians.register import SAS_GRADES, Autonomy, Grade, Person

TOLERANCE = 0.2
"""Of the declared number: a smaller difference is a matter of memory."""
_LEAST = 3
"""Episodes by which the numbers may always differ."""


class Work(NamedTuple):
    """A kind of work; an empty site in a declaration means any."""

    treatment_function: str | None
    site: str | None
    activity: str | None


@dataclass(frozen=True, slots=True)
class Declared:
    work: Work
    autonomous: bool
    episodes: int


@dataclass(frozen=True, slots=True)
class Compared:
    work: Work
    declared: int | None
    recorded: int
    autonomous: bool | None
    covered: bool | None
    difference: str


def compare(
    declared: Sequence[Declared], recorded: Iterable[Work], person: Person, day: date
) -> tuple[Compared, ...]:
    """Line by line; then what is recorded and was not declared.

    Args:
        recorded: one for each episode that stands under the clinician.
        day: on which the register is asked.
    """
    counted = Counter(recorded)
    lines = [_line(one, _take(counted, one.work), person, day) for one in declared]
    rest = sorted(counted.items(), key=lambda item: (-item[1], tuple(part or "" for part in item[0])))
    return (
        *lines,
        *(Compared(work, None, count, None, None, "recorded, not declared") for work, count in rest),
    )


def _take(counted: Counter[Work], work: Work) -> int:
    """The episodes of a line, which no other line counts again."""
    of_line = [one for one in counted if _is_of(one, work)]
    return sum(counted.pop(one) for one in of_line)


def _is_of(one: Work, declared: Work) -> bool:
    same = (one.treatment_function, one.activity) == (declared.treatment_function, declared.activity)
    return same and declared.site in (None, one.site)


def _line(one: Declared, count: int, person: Person, day: date) -> Compared:
    covered = is_covered(person, one.work, day)
    said = [words for words in (_count_words(one, count), _autonomy_words(one, covered=covered)) if words]
    return Compared(one.work, one.episodes, count, one.autonomous, covered, "; ".join(said))


def is_covered(person: Person, work: Work, day: date) -> bool:
    """Whether the register lets the clinician answer for such work on the day."""
    entry = person.on(day)
    if entry is None or (entry.grade not in SAS_GRADES and entry.grade is not Grade.CONSULTANT):
        return False
    if entry.grade is Grade.CONSULTANT:
        return True
    return entry.autonomy is not Autonomy.NONE and entry.covers(
        work.treatment_function, work.site, work.activity
    )


def _count_words(one: Declared, count: int) -> str:
    allowed = max(_LEAST, TOLERANCE * one.episodes)
    if abs(one.episodes - count) <= allowed or not one.autonomous:
        return ""
    if count < one.episodes:
        return f"{one.episodes - count} fewer recorded than declared"
    return f"{count - one.episodes} more recorded than declared"


def _autonomy_words(one: Declared, *, covered: bool) -> str:
    if one.autonomous and not covered:
        return "declared autonomous, not covered by the register"
    if covered and not one.autonomous:
        return "covered by the register, declared as supervised"
    return ""
