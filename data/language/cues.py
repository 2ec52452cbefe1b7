"""Cues: the words by which a note says that something is absent, queried, past, planned or another's."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.curated import Row, read_rows
from data.episodes import Role
from data.language.alternatives import expand

CUES_FILE = Path(__file__).parent / "cues.tsv"
COLUMNS = ("phrase", "assertion", "direction", "scope", "roles", "note")


class CueEffect(StrEnum):
    """What a cue does: asserts something of a mention, or only shapes the reach of other cues."""

    PRESENT = "present"
    PROBABLE = "probable"
    QUERIED = "queried"
    NEGATED = "negated"
    FAMILY = "family"
    EARLIER = "earlier"
    """A past procedure; history for conditions that pass, without effect on those that stay."""
    HISTORY = "history"
    PLANNED = "planned"
    HYPOTHETICAL = "hypothetical"
    STOP = "stop"
    """No cue reaches across these words: `but`, `however`."""
    NONE = "none"
    """Looks like a cue and is none: `no change in`, `not only`."""


class CueDirection(StrEnum):
    BEFORE = "before"
    """The cue stands before what it is about: `no ascites`."""
    AFTER = "after"
    """The cue stands after it: `PE excluded`."""
    ANSWER = "answer"
    """The cue answers what stands before a colon, a dash or a question mark: `Diabetes: no`."""


class CueScope(StrEnum):
    WORD = "word"
    """The next few words, up to any punctuation: `?PE`."""
    CLAUSE = "clause"
    """Up to a comma or the like."""
    LIST = "list"
    """Across a list: `no x, y or z`."""
    SENTENCE = "sentence"
    """The rest of the statement."""


@dataclass(frozen=True, slots=True)
class Cue:
    phrase: str
    effect: CueEffect
    direction: CueDirection
    scope: CueScope
    roles: frozenset[Role]


def read_cues(path: Path = CUES_FILE) -> tuple[Cue, ...]:
    """All cues; a line such as `mother|father had|has` stands for each of its combinations."""
    cues: list[Cue] = []
    seen: dict[tuple[str, str, str], int] = {}
    for row in read_rows(path, COLUMNS):
        for phrase in expand(row):
            cue = cue_of_row(row, phrase)
            _refuse_repeat(row, cue, seen)
            cues.append(cue)
    return tuple(cues)


def cue_of_row(row: Row, phrase: str) -> Cue:
    """One phrase of a line, the other fields checked.

    Raises:
        CuratedFileError: a field is wrong.
    """
    return Cue(
        phrase=phrase,
        effect=row.one_of("assertion", CueEffect),
        direction=row.one_of("direction", CueDirection),
        scope=row.one_of("scope", CueScope),
        roles=_roles(row),
    )


def _roles(row: Row) -> frozenset[Role]:
    if not row["roles"]:
        return frozenset(Role)
    return frozenset({row.one_of("roles", Role)})


def _refuse_repeat(row: Row, cue: Cue, seen: dict[tuple[str, str, str], int]) -> None:
    for role in cue.roles:
        key = (cue.phrase.lower(), cue.direction, role)
        if key in seen:
            raise row.problem("phrase", f"{cue.phrase!r} stands already on line {seen[key]}")
        seen[key] = row.line
