"""A practice coding against the right one, line by line: pure, codes in, verdicts out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from data.episodes import CodedEpisode, CodedLine, NotCoded, Role


class Verdict(StrEnum):
    RIGHT = "right"
    CATEGORY = "category"
    """The right category, another fourth character."""
    MISSED = "missed"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Marked:
    """A code that was given, a code that was wanted, or both."""

    role: Role
    verdict: Verdict
    given: str | None
    wanted: CodedLine | None
    place: int | None
    """Of the given code in what was handed in, diagnoses first, from 0."""
    left_out: NotCoded | None = None
    """The mention that the given code came from, where the right coding leaves it out on purpose."""


@dataclass(frozen=True, slots=True)
class Marking:
    lines: tuple[Marked, ...]
    primary_right: bool
    in_order: bool
    """The right codes stand in the right order."""

    @property
    def right(self) -> int:
        return sum(line.verdict is Verdict.RIGHT for line in self.lines)

    @property
    def wanted(self) -> int:
        return sum(line.wanted is not None for line in self.lines)

    @property
    def written(self) -> int:
        return sum(line.given is not None for line in self.lines)


def mark(case: CodedEpisode, diagnoses: Sequence[str], procedures: Sequence[str]) -> Marking:
    """What is right, nearly right, missing and too much; in the order of the right coding, then the rest."""
    first = _marked(Role.DIAGNOSIS, case, case.diagnoses, list(enumerate(diagnoses)))
    second = _marked(Role.PROCEDURE, case, case.procedures, list(enumerate(procedures, len(diagnoses))))
    primary = bool(diagnoses) and diagnoses[0] == case.diagnoses[0].code
    return Marking((*first, *second), primary, _in_order(first) and _in_order(second))


def _marked(
    role: Role, case: CodedEpisode, wanted: Sequence[CodedLine], given: list[tuple[int, str]]
) -> list[Marked]:
    pairs: dict[int, tuple[int, str]] = {}
    for shorten in (_whole, _category):
        _pair(wanted, given, pairs, shorten)
    found = [_line(role, line, pairs.get(place)) for place, line in enumerate(wanted)]
    found += [
        Marked(role, Verdict.NOT_NEEDED, code, None, place, _left_out(case, code)) for place, code in given
    ]
    return found


def _pair(
    wanted: Sequence[CodedLine],
    given: list[tuple[int, str]],
    pairs: dict[int, tuple[int, str]],
    shorten: Callable[[str], str],
) -> None:
    """Moves from `given` to `pairs` what is wanted, each once: a procedure may stand twice."""
    for place, line in enumerate(wanted):
        if place in pairs:
            continue
        match = next((one for one in given if shorten(one[1]) == shorten(line.code)), None)
        if match is not None:
            given.remove(match)
            pairs[place] = match


def _whole(code: str) -> str:
    return code


def _category(code: str) -> str:
    return code[:3]


def _line(role: Role, wanted: CodedLine, given: tuple[int, str] | None) -> Marked:
    if given is None:
        return Marked(role, Verdict.MISSED, None, wanted, None)
    place, code = given
    verdict = Verdict.RIGHT if code == wanted.code else Verdict.CATEGORY
    return Marked(role, verdict, code, wanted, place)


def _left_out(case: CodedEpisode, code: str) -> NotCoded | None:
    """A mention that would have been this code, or one of its category."""
    for shorten in (_whole, _category):
        for mention in case.not_coded:
            if mention.would_be and shorten(mention.would_be) == shorten(code):
                return mention
    return None


def _in_order(lines: Sequence[Marked]) -> bool:
    places = [line.place for line in lines if line.verdict is Verdict.RIGHT and line.place is not None]
    return places == sorted(places)
