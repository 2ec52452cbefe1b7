"""Who a document names, and as what: its author, and the lines in which templates name people. Pure.

A line such as "Consultant: …" is not read: templates print it from the administration system, so it repeats
what was recorded and is no evidence of its own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from data.episodes import DocumentKind
from service.clinicians.register import Person, Register

_LINES_READ = 40
_LINE = re.compile(r"[ \t]*([A-Za-z][A-Za-z /]{3,40}?)[ \t]*:[ \t]*(\S.{1,150})")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])C?(\d{7})(?![0-9])|(?<![0-9A-Za-z])CD(\d{6})(?![0-9])", re.ASCII)
_TITLES = frozenset({"mr", "mrs", "miss", "ms", "mx", "dr", "prof", "professor", "sir", "dame", "gmc", "gdc"})
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


class NotedRole(StrEnum):
    SUPERVISOR = "supervisor"
    COVERED_FOR = "covered_for"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    AUTHOR_OF_OPERATION = "author_of_operation"
    AUTHOR = "author"


_HEADINGS: Mapping[str, NotedRole] = {
    **dict.fromkeys(
        (
            "supervising consultant", "supervised by", "supervisor", "supervising surgeon", "supervision",
            "consultant present", "consultant present in theatre", "consultant supervising",
        ),
        NotedRole.SUPERVISOR,
    ),
    **dict.fromkeys(
        ("covering for", "on behalf of", "in the absence of", "covered for"), NotedRole.COVERED_FOR
    ),
    **dict.fromkeys(
        (
            "senior reviewing clinician", "reviewed by", "responsible clinician", "discharging consultant",
            "responsible clinician on discharge", "under the care of",
        ),
        NotedRole.REVIEWER,
    ),
    **dict.fromkeys(
        (
            "surgeon", "operating surgeon", "operator", "performed by", "primary surgeon", "endoscopist",
            "lead surgeon", "primary operator", "proceduralist",
        ),
        NotedRole.OPERATOR,
    ),
}  # fmt: skip
_OPERATIONS = frozenset({DocumentKind.OPERATION_NOTE, DocumentKind.ENDOSCOPY_REPORT})


@dataclass(frozen=True, slots=True)
class Source:
    """As much of a document as names people."""

    kind: DocumentKind
    author: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A clinician of the register, named by a document."""

    role: NotedRole
    person: Person
    kind: DocumentKind


class NameReader:
    """Finds people of one register in the way documents write them."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._by_name: dict[frozenset[str], list[Person]] = {}
        for person in register.people:
            self._by_name.setdefault(_name_words(person.latest.name), []).append(person)

    def noted(self, sources: Sequence[Source], specialty: str | None) -> tuple[Noted, ...]:
        """Args: specialty: of the episode, to tell two people of one name apart."""
        return tuple(
            Noted(role, person, source.kind)
            for source in sources
            for role, written in _written(source)
            if (person := self.person(written, specialty)) is not None
        )

    def person(self, written: str, specialty: str | None) -> Person | None:
        """By number where there is one, else by a name that only one can be meant by."""
        number = _NUMBER.search(written)
        if number:
            return self._register.find(number[0])
        named = self._by_name.get(_name_words(written), [])
        near = [one for one in named if specialty and one.latest.main_specialty == specialty]
        found = near or named
        return found[0] if len(found) == 1 else None


def _written(source: Source) -> Iterator[tuple[NotedRole, str]]:
    if source.author:
        operates = source.kind in _OPERATIONS
        yield (NotedRole.AUTHOR_OF_OPERATION if operates else NotedRole.AUTHOR), source.author
    for line in source.text[:8_000].splitlines()[:_LINES_READ]:
        match = _LINE.match(line)
        role = _HEADINGS.get(" ".join(match[1].lower().split())) if match else None
        if match and role:
            yield role, match[2]


def _name_words(written: str) -> frozenset[str]:
    """Of a name in any order, without titles and what stands in brackets."""
    bare = re.sub(r"\(.*?\)", " ", written).lower()
    return frozenset(word for word in _WORD.findall(bare) if word not in _TITLES)
