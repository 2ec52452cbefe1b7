"""Notes of the seeded year, as different EPR templates print them: who wrote, who operated, who supervised.

The line of the consultant is printed from the PAS: it repeats what was recorded, right or wrong.
"""

import random
from dataclasses import dataclass
from datetime import date

from data.episodes import DocumentKind
from service.clinicians.register import Entry

RATES = {
    "the author is missing": 0.02,
    "the header is missing": 0.02,
    "supervision is not written down": 0.03,
    "covering is not written down": 0.2,
    "the reviewer is not written down": 0.05,
    "an operation note is typed by somebody else": 0.15,
    "a number stands beside the name": 0.6,
}
_OPERATOR = ("Surgeon", "Operating surgeon", "Operator", "Performed by", "Primary surgeon")
_SUPERVISOR = ("Supervising consultant", "Supervised by", "Supervisor", "Consultant present in theatre")
_REVIEWER = ("Senior reviewing clinician", "Reviewed by", "Responsible clinician on discharge")
_CONSULTANT = ("Consultant", "Named consultant")
_TYPIST = "Theatre secretary"


@dataclass(frozen=True, slots=True)
class Note:
    kind: DocumentKind
    author: str | None
    text: str
    date: date


class NoteWriter:
    def __init__(self, chance: random.Random, silence: float) -> None:
        """Args: silence: how many times more than usual notes leave out who did what."""
        self._chance = chance
        self._silence = silence

    def operation(
        self,
        day: date,
        *,
        operator: str,
        consultant: Entry,
        person: Entry | None = None,
        supervisor: Entry | None = None,
        head: Entry | None = None,
        covering_for: Entry | None = None,
    ) -> tuple[Note, ...]:
        """
        Args:
            consultant: as the PAS recorded.
            person: the operator, where they are in the register.
            head: who leads a list on which a resident operates.
        """
        shown = self._shown(person) if person else operator
        lines = [f"{self._chance.choice(_CONSULTANT)}: {self._shown(consultant)}"]
        lines.append(f"{self._chance.choice(_OPERATOR)}: {shown}")
        if supervisor and not self._happens("supervision is not written down"):
            lines.append(f"{self._chance.choice(_SUPERVISOR)}: {self._shown(supervisor)}")
        if head:
            lines.append(f"{self._chance.choice(_SUPERVISOR)}: {self._shown(head)}")
        if covering_for and not self._happens("covering is not written down"):
            lines.append(f"Covering for: {self._shown(covering_for)}")
        author = _TYPIST if self._happens("an operation note is typed by somebody else") else shown
        return (
            self._note(DocumentKind.OPERATION_NOTE, author, lines, "Findings and procedure as below.", day),
        )

    def summary(
        self, day: date, *, author: str, reviewer: Entry, consultant: Entry, person: Entry | None = None
    ) -> tuple[Note, ...]:
        shown = self._shown(person) if person else author
        lines = [f"{self._chance.choice(_CONSULTANT)}: {self._shown(consultant)}", f"Completed by: {shown}"]
        if not self._happens("the reviewer is not written down"):
            lines.append(f"{self._chance.choice(_REVIEWER)}: {self._shown(reviewer)}")
        return (
            self._note(DocumentKind.DISCHARGE_SUMMARY, shown, lines, "Course in hospital as below.", day),
        )

    def _note(self, kind: DocumentKind, author: str, lines: list[str], body: str, day: date) -> Note:
        header = [] if self._happens("the header is missing") else lines
        known = None if self._happens("the author is missing") else author
        return Note(kind, known, "\n".join([*header, "", body]), day)

    def _shown(self, entry: Entry) -> str:
        """A name in one of the forms in which systems write them."""
        title, given, family = entry.name.split()
        if self._happens("a number stands beside the name"):
            return self._chance.choice(
                (
                    f"{title} {given} {family} ({entry.code})",
                    f"{family}, {given} GMC {entry.number}",
                    f"{entry.code} {given} {family}",
                )
            )
        return self._chance.choice((f"{title} {given} {family}", f"{family}, {given}", f"{given} {family}"))

    def _happens(self, what: str) -> bool:
        more = self._silence if "missing" in what or "not written" in what else 1
        return self._chance.random() < RATES[what] * more
