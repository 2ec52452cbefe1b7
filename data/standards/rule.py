"""A coding standard as one rule: what it says, of which codes, with what right, and how it is tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from data.episodes import Role
from data.standards.examples import Example
from data.standards.vocabulary import Severity

Argument = object
"""A `CodeSet`, a code, a tuple of `CodeSet`s, a number, a flag or a word: as the vocabulary says."""


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    standard: str
    """The national id that the sources give it, or `project`."""
    mark: str
    """How certain the handbook is: `V:…` verified in a source, `R` recalled, `I` inferred, `?` open."""
    rows: tuple[str, ...]
    """Rows of the handbook that it comes from."""
    severity: Severity
    role: Role
    text: str
    """For the coder."""
    operator: str
    arguments: Mapping[str, Argument]
    completes: bool
    """Whether a model's coding is changed by it; otherwise it only speaks."""
    optional: bool
    """A provider may switch it."""
    on: bool
    when: frozenset[str]
    """Facts of the patient that must hold."""
    unless: frozenset[str]
    """Facts of the patient that must not hold."""
    valid_from: date | None
    valid_to: date | None
    passing: tuple[Example, ...]
    failing: tuple[Example, ...]
    file: str
    edition: str = field(default="")

    def holds_on(self, day: date | None) -> bool:
        """Whether it is in force for an episode that ended that day (`None`: unknown)."""
        begun = day is None or self.valid_from is None or self.valid_from <= day
        return begun and (day is None or self.valid_to is None or day <= self.valid_to)
