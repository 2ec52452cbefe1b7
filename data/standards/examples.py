"""Codings as one line of text, in the examples of rules and in worked cases.

`J449 J22X / C751 C712 Z942 + U051 Y981 {sex=male age=70 documented=Z921} => J440 / C751 …`

Diagnoses, then after `/` procedures in groups between `+`. `S720:1` has a fifth character, `*J449` was
touched by a person. In braces: sex, age, end, side, `is` (flags), `documented` (codes that the text states),
`fifth` (characters that the text gives, `M109:7`).
After `=>`, what the coding becomes.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from data.standards.codes import is_stored
from data.standards.vocabulary import PATIENT_FLAGS

_FACTS = re.compile(r"\{([^}]*)\}")
_LINE = re.compile(r"(\*?)([A-Z]\w{3})(?::(\d))?")
_SIDES = {"both": "Z941", "right": "Z942", "left": "Z943"}


@dataclass(frozen=True, slots=True)
class WrittenLine:
    code: str
    fifth: str | None = None
    touched: bool = False


@dataclass(frozen=True, slots=True)
class WrittenFacts:
    sex: str | None = None
    age: int | None = None
    end: date | None = None
    side: str | None = None
    """Z941, Z942 or Z943."""
    flags: frozenset[str] = frozenset()
    documented: frozenset[str] = frozenset()
    fifths: tuple[tuple[str, str], ...] = ()
    """Fifth characters that the text gives: (code, digit)."""


@dataclass(frozen=True, slots=True)
class WrittenCoding:
    diagnoses: tuple[WrittenLine, ...] = ()
    groups: tuple[tuple[WrittenLine, ...], ...] = ()

    def __str__(self) -> str:
        diagnoses = " ".join(map(_written, self.diagnoses))
        groups = " + ".join(" ".join(map(_written, group)) for group in self.groups)
        return f"{diagnoses} / {groups}" if groups else diagnoses


@dataclass(frozen=True, slots=True)
class Example:
    before: WrittenCoding
    after: WrittenCoding | None = None
    facts: WrittenFacts = field(default_factory=WrittenFacts)


def read_example(text: str) -> Example:
    """
    Raises:
        ValueError: it is not in this notation.
    """
    before, arrow, after = text.partition("=>")
    found = _FACTS.search(before)
    facts = _facts(found[1]) if found else WrittenFacts()
    return Example(_coding(_FACTS.sub("", before)), _coding(after) if arrow else None, facts)


def _coding(text: str) -> WrittenCoding:
    diagnoses, _, procedures = text.partition("/")
    groups = tuple(_lines(group) for group in procedures.split("+") if group.strip())
    return WrittenCoding(_lines(diagnoses), groups)


def _lines(text: str) -> tuple[WrittenLine, ...]:
    return tuple(_line(word) for word in text.split())


def _line(word: str) -> WrittenLine:
    found = _LINE.fullmatch(word)
    if found is None or not is_stored(found[2]):
        raise ValueError(f"{word!r} is not a code in stored form")
    return WrittenLine(found[2], found[3], bool(found[1]))


def _facts(text: str) -> WrittenFacts:
    given = dict(pair.split("=", 1) for pair in text.split())
    flags = frozenset(filter(None, given.pop("is", "").split(",")))
    if not flags <= set(PATIENT_FLAGS):
        raise ValueError(f"{', '.join(sorted(flags - set(PATIENT_FLAGS)))}: no such fact of a patient")
    side, age, end = given.pop("side", None), given.pop("age", None), given.pop("end", None)
    facts = WrittenFacts(
        sex=given.pop("sex", None),
        age=int(age) if age else None,
        end=date.fromisoformat(end) if end else None,
        side=_SIDES[side] if side else None,
        flags=flags,
        documented=frozenset(filter(None, given.pop("documented", "").split(","))),
        fifths=tuple((one[:4], one[5:]) for one in filter(None, given.pop("fifth", "").split(","))),
    )
    if given:
        raise ValueError(f"{', '.join(given)}: no such fact")
    return facts


def _written(line: WrittenLine) -> str:
    touched, fifth = "*" * line.touched, f":{line.fifth}" if line.fifth else ""
    return f"{touched}{line.code}{fifth}"
