"""A model's suggestions made into a coding by the standards: completed, ordered, each change explained."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from data.episodes import Episode, NotCoded, NotCodedReason, Role
from data.standards import PROJECT, CodeSet, FifthWords, StandardsEdition, load_standards, read_fifths
from models.candidates import Candidate, Origin
from models.codes import CodeTable
from models.mentions.facts import patient_facts
from models.prediction import SuggestedLine
from models.standards import Change, Facts, Finding, Line, StandardsEngine

_NATIONAL_PAIR = {Role.DIAGNOSIS: "icd10", Role.PROCEDURE: "opcs4"}
_NEAR = 40
"""Characters before and after the words of a diagnosis in which a fifth character is looked for."""
_STOP = re.compile(r"[.;\n]")
_STATED = frozenset({Origin.MENTION, Origin.STATUS})
_SIDES = frozenset({"Z941", "Z942", "Z943"})


@dataclass(frozen=True, slots=True)
class Standing:
    """The lines to put before the coder, in coding order, and what the standards did and say."""

    lines: tuple[SuggestedLine, ...]
    not_coded: tuple[NotCoded, ...]
    findings: tuple[Finding, ...]

    def of(self, role: Role) -> tuple[SuggestedLine, ...]:
        return tuple(line for line in self.lines if line.role is role)


def national_engine(
    names: Mapping[Role, str], codes: Mapping[Role, CodeTable], standards: StandardsEdition | None = None
) -> StandardsEngine | None:
    """The engine for ICD-10 with OPCS-4; other classifications have other rules, so none."""
    if dict(names) != _NATIONAL_PAIR:
        return None
    return StandardsEngine(standards or load_standards(), codes)


def complete_suggestions(
    engine: StandardsEngine,
    suggested: Sequence[SuggestedLine],
    further: Sequence[SuggestedLine],
    facts: Facts,
    tables: Mapping[Role, CodeTable],
) -> Standing:
    """
    Args:
        suggested: in the model's order, diagnoses first.
        further: less likely candidates: a line that a rule adds has the confidence learned for it there.
    """
    given = {str(number): line for number, line in enumerate(suggested)}
    completed = engine.complete([_line(key, line) for key, line in given.items()], facts)
    maker = _LineMaker(given, further, completed.changes, tables)
    return Standing(
        lines=tuple(maker.suggestion(line) for line in completed.lines),
        not_coded=tuple(maker.left_out()),
        findings=engine.check(completed.lines, facts),
    )


def facts_of(episode: Episode, candidates: Iterable[Candidate], known: frozenset[str] | None = None) -> Facts:
    """What the episode says of the patient, and its text of diagnoses, sides and fifth characters.

    Args:
        known: facts of the patient where they were found already (`ReadEpisode.facts`).
    """
    every = tuple(candidates)
    stated = [one for one in every if one.origin in _STATED and one.role is Role.DIAGNOSIS]
    sides = {one.code for one in every if one.code in _SIDES and one.role is Role.PROCEDURE}
    birth = {"birth"} if episode.admission_method == "birth" else set[str]()
    return Facts(
        sex=episode.sex,
        age=episode.age,
        end=episode.end,
        flags=(patient_facts(episode) if known is None else known) | birth,
        documented=frozenset(one.code for one in stated),
        side=sides.pop() if len(sides) == 1 else None,
        fifths=_fifths(episode, stated),
    )


def _fifths(episode: Episode, stated: Iterable[Candidate]) -> dict[str, str]:
    """Of each diagnosis the fifth character whose words stand nearest to its own."""
    found: dict[str, str] = {}
    for one in stated:
        if one.evidence and one.code in _with_fifths():
            where = one.evidence[0]
            fifth = fifth_in_text(episode.documents[where.document].text, where.start, where.end, one.code)
            if fifth:
                found.setdefault(one.code, fifth)
    return found


def fifth_in_text(text: str, start: int, end: int, code: str) -> str:
    """The fifth character whose words stand nearest to those of the diagnosis, in its sentence; or none.

    Args:
        start, end: of the words of the diagnosis, in code points.
    """
    asking = (words for words in read_fifths() if code in words.codes)
    distances = [(_distance(text.lower(), start, end, words), words.digit) for words in asking]
    gap, fifth = min(distances, default=(_NEAR + 1, ""))
    return fifth if gap <= _NEAR else ""


@cache
def _with_fifths() -> CodeSet:
    """The codes that have fifth characters: few."""
    return CodeSet(frozenset(prefix for words in read_fifths() for prefix in words.codes.prefixes))


def _distance(text: str, start: int, end: int, words: FifthWords) -> int:
    """Characters between the words of a diagnosis and the nearest of these in the sentence; many if none."""
    begun = start - len(_STOP.split(text[max(start - _NEAR, 0) : start])[-1])
    ended = end + len(_STOP.split(text[end : end + _NEAR])[0])
    gaps = (
        max(match.start() - end, start - match.end(), 0)
        for match in words.pattern.finditer(text, begun, ended)
    )
    return min(gaps, default=_NEAR + 1)


def _line(key: str, line: SuggestedLine) -> Line:
    first = min(((one.document, one.start) for one in line.evidence), default=None)
    return Line(line.role, line.code, line.group, place=float(key), at=first, key=key)


class _LineMaker:
    """Makes suggestions of what the engine answers."""

    def __init__(
        self,
        given: Mapping[str, SuggestedLine],
        further: Sequence[SuggestedLine],
        changes: Sequence[Change],
        tables: Mapping[Role, CodeTable],
    ) -> None:
        self._given = given
        self._further = further
        self._changes = changes
        self._tables = tables
        self._moved = {
            one.because_of[0]: one for one in changes if one.because_of and not one.added and not one.removed
        }

    def suggestion(self, line: Line) -> SuggestedLine:
        old = self._given.get(line.key)
        if old is not None and old.code == line.code:
            moved = self._moved.get(line.key)
            return replace(old, reason=f"{old.reason} ({_told(moved)})") if moved else old
        change = next(one for one in self._changes if line.code in one.added)
        known = next((o for o in self._further if (o.role, o.code) == (line.role, line.code)), None)
        sources = [self._given[key] for key in change.because_of] or [*filter(None, [old])]
        return SuggestedLine(
            role=line.role,
            code=line.code,
            title=self._tables[line.role].title(line.code),
            confidence=known.confidence if known else min((one.confidence for one in sources), default=0.0),
            suggested=True,
            evidence=tuple(dict.fromkeys(item for one in sources for item in one.evidence)),
            reason=_told(change),
            group=line.group,
        )

    def left_out(self) -> Iterable[NotCoded]:
        """Lines that a rule removed or replaced, each with what the rule says."""
        removed = {code: change for change in self._changes for code in change.removed}
        for line in self._given.values():
            if line.code in removed and line.evidence:
                note = _told(removed.pop(line.code))
                yield NotCoded(line.evidence[0], NotCodedReason.EXPLAINED_BY, note, line.code)


def _told(change: Change) -> str:
    return change.text if change.standard == PROJECT else f"{change.standard}: {change.text}"
