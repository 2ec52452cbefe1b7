"""Conditions of a term: when a phrase leads to its code."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from sys import intern

from data.curated import Row
from data.language.combinations import PATIENT_FACTS
from data.language.vocabulary import SectionKind
from data.terms.folding import fold_phrase

_NEED = re.compile(r"(?P<subject>[a-z_]+)(?P<operator>!=|>=|<=|=|>|<)(?P<value>\S+)")
_ADMISSIONS = {"emergency", "elective", "daycase", "maternity", "birth"}
_AGE = re.compile(r"\d{1,3}")


class NeedSubject(StrEnum):
    SEX = "sex"
    AGE = "age"
    """Years at episode start."""
    SECTION = "section"
    """Kind of the section in which the phrase stands."""
    NEAR = "near"
    """One of these words stands in the same sentence."""
    CLOSE = "close"
    """One of these words stands within six words of the phrase, in the same sentence."""
    BEFORE = "before"
    """One of these words stands directly before the phrase, articles apart."""
    AFTER = "after"
    """One of these words stands directly after it."""
    PATIENT = "patient"
    """`pregnant`, `newborn`, `child` or `adult`."""
    ADMISSION = "admission"
    """Admission method: `emergency`, `elective`, `daycase`, `maternity` or `birth`."""
    NOT_NEAR = "not_near"
    """None of these words stands in the same sentence."""
    TOLD = "told"
    """One of these words stands anywhere in the same document."""
    NOT_TOLD = "not_told"
    """None of these words stands anywhere in the same document."""


_OPERATORS = {
    NeedSubject.SEX: ("=",),
    NeedSubject.AGE: (">=", "<=", "<", ">", "="),
    NeedSubject.SECTION: ("=", "!="),
    NeedSubject.PATIENT: ("=", "!="),
    NeedSubject.ADMISSION: ("=", "!="),
    NeedSubject.NEAR: ("=",),
    NeedSubject.CLOSE: ("=",),
    NeedSubject.BEFORE: ("=",),
    NeedSubject.AFTER: ("=",),
    NeedSubject.NOT_NEAR: ("=",),
    NeedSubject.TOLD: ("=",),
    NeedSubject.NOT_TOLD: ("=",),
}


_SURROUNDINGS = frozenset(
    {NeedSubject.NEAR, NeedSubject.CLOSE, NeedSubject.BEFORE, NeedSubject.AFTER, NeedSubject.TOLD}
)
WORDED = _SURROUNDINGS | {NeedSubject.NOT_NEAR, NeedSubject.NOT_TOLD}
"""Those whose values are words of the text."""


@dataclass(frozen=True, slots=True)
class Need:
    """One condition; all conditions of a term must hold."""

    subject: NeedSubject
    operator: str
    """`=`, `!=`, `>=`, `<=`, `<` or `>`."""
    values: tuple[str, ...]
    """Alternatives: one value, or the words of `near` and the like, folded."""
    firsts: frozenset[str] = field(init=False, compare=False, repr=False)
    """The first word of each: where none of them stands, nothing more has to be looked at."""
    first_of_each: tuple[str, ...] = field(init=False, compare=False, repr=False)
    """The same in the order of the values."""

    def __post_init__(self) -> None:
        first_of_each = tuple(intern(value.partition(" ")[0]) for value in self.values)
        object.__setattr__(self, "first_of_each", first_of_each)
        object.__setattr__(self, "firsts", frozenset(first_of_each))

    @property
    def special(self) -> bool:
        """Whether it asks for certain words around, or a certain section; most ask for their absence."""
        return self.subject in _SURROUNDINGS or (self.subject is NeedSubject.SECTION and self.operator == "=")

    @property
    def age(self) -> int:
        """The years of a condition on age."""
        return int(self.values[0])


_KNOWN: dict[str, tuple[Need, ...]] = {}
"""Conditions by how they are written: the same few hundred stand on tens of thousands of lines."""


def parse_needs(row: Row) -> tuple[Need, ...]:
    """The conditions in the column `needs`.

    Raises:
        CuratedFileError: a condition is none of those in docs/data-formats.md.
    """
    written = row["needs"]
    if written and written not in _KNOWN:
        _KNOWN[written] = tuple(_parse_need(row, need) for need in written.split(" "))
    return _KNOWN[written] if written else ()


def _parse_need(row: Row, written: str) -> Need:
    match = _NEED.fullmatch(written)
    if match is None or match["subject"] not in set(NeedSubject):
        allowed = ", ".join(NeedSubject)
        raise row.problem("needs", f"{written!r} is not a condition on {allowed}")
    subject = NeedSubject(match["subject"])
    if match["operator"] not in _OPERATORS[subject]:
        raise row.problem("needs", f"{written!r}: {subject} allows {' '.join(_OPERATORS[subject])} only")
    return Need(subject, match["operator"], _values(row, subject, match["value"]))


def _values(row: Row, subject: NeedSubject, value: str) -> tuple[str, ...]:
    if subject in WORDED:
        words = tuple(fold_phrase(word.replace("_", " ")) for word in value.split("|"))
        if not all(words):
            raise row.problem("needs", f"{value!r} has an empty word")
        return words
    right = {
        NeedSubject.SEX: value in {"female", "male"},
        NeedSubject.PATIENT: value in PATIENT_FACTS,
        NeedSubject.ADMISSION: value in _ADMISSIONS,
        NeedSubject.AGE: bool(_AGE.fullmatch(value)),
        NeedSubject.SECTION: value in set(SectionKind),
    }
    if not right[subject]:
        raise row.problem("needs", f"{value!r} is not a value of {subject}")
    return (value,)
