"""What the engine of the standards speaks of: lines of a coding, facts, edits, findings. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from data.episodes import Role
from data.standards import Severity


@dataclass(frozen=True, slots=True)
class Line:
    role: Role
    code: str
    group: int | None = None
    """Of procedures; None where the order alone tells what belongs together."""
    fifth: str | None = None
    touched: bool = False
    """A person decided on it: the engine never changes it by itself."""
    place: float = 0.0
    """Lines that no rule binds stand in this order."""
    at: tuple[int, int] | None = None
    """Document and offset of the words that it rests on: what follows it is looked for near by."""
    key: str = ""
    """The caller's own name for it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the patient, and what the text states whether coded or not."""

    sex: str | None = None
    age: int | None = None
    """Years."""
    end: date | None = None
    """Episode end: chooses the edition of tables and rules."""
    flags: frozenset[str] = frozenset()
    documented: frozenset[str] = frozenset()
    """Diagnosis codes of what the text asserts of this patient now."""
    side: str | None = None
    """Z941, Z942 or Z943, where the text names one side only."""
    fifths: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Fifth characters that the text gives, by code."""


@dataclass(frozen=True, slots=True)
class Remove:
    line: int


@dataclass(frozen=True, slots=True)
class Replace:
    line: int
    code: str


@dataclass(frozen=True, slots=True)
class Add:
    role: Role
    code: str
    after: int | None = None
    """The line that it follows; None: at the end."""


@dataclass(frozen=True, slots=True)
class Move:
    line: int
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class SetFifth:
    line: int
    fifth: str


@dataclass(frozen=True, slots=True)
class Arrange:
    """These lines take each other's places, in this order."""

    lines: tuple[int, ...]


Edit = Remove | Replace | Add | Move | SetFifth | Arrange


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a coding does not fit a rule, and what would mend it."""

    lines: tuple[int, ...]
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a standard says of a coding."""

    rule: str
    standard: str
    edition: str
    severity: Severity
    text: str
    role: Role
    lines: tuple[int, ...]
    """Places in the coding; none where something is missing."""
    fix: tuple[Edit, ...] = ()
    """What mends it; empty where only a person can."""
    query: str = ""
    """A question for the clinician that does not lead."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the engine did to a model's coding, and by which rule."""

    rule: str
    standard: str
    text: str
    role: Role
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    because_of: tuple[str, ...] = ()
    """Keys of the lines that the rule spoke of."""


@dataclass(frozen=True, slots=True)
class Completed:
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]
