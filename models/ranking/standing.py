"""How a diagnosis stands in the note: its leads, its place in lists, quotations and sections.

A coder sees at a glance that a line is the first of a numbered list, or stands inside a quotation
of an earlier letter. None of these features names a code.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.language import LeadKind
from models.candidates import Candidate
from models.judged import Judged, ReadEpisode
from models.leads import LeadIndex

_SHAPES = (
    "item_first", "item_later", "in_quotes", "in_brackets", "heads_statement", "alone_in_statement",
    "heads_section", "heads_diagnoses", "late", "at_start", "starts_line", "capitals",
)  # fmt: skip
_ALWAYS = ("item_later", "in_quotes", "in_brackets")
"""Tell more where they hold of every mention."""
STANDING_NAMES: tuple[str, ...] = (
    *_SHAPES,
    *(f"always_{name}" for name in _ALWAYS),
    *(f"lead_{kind}" for kind in LeadKind),
)
_LEAD_PLACE = {kind: len(_SHAPES) + len(_ALWAYS) + place for place, kind in enumerate(LeadKind)}
_NO_LEADS = (0.0,) * len(LeadKind)
_ALWAYS_PLACE = tuple(_SHAPES.index(name) for name in _ALWAYS)
_ITEM = re.compile(r"\s*(?:dx|diagnosis|problem|issue|imp)?\s*[#(]*\s*(\d{1,2})\b(?!\s*[/-]\s*\d)")
_LATE = 0.7
_START_WORDS = 20
_SHORTEST_CAPITALS = 5
_BESIDE = "VWXYZ"
"""Chapters of causes and statuses: they stand beside a diagnosis."""

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """The words of an episode at which its statements and sections first name a diagnosis."""

    read: ReadEpisode
    leads: LeadIndex
    statements: Mapping[Place, tuple[int, ...]]
    sections: Mapping[Place, int]

    @classmethod
    def of(cls, read: ReadEpisode, diagnoses: Iterable[Candidate], leads: LeadIndex) -> "Standing":
        statements: dict[Place, list[int]] = {}
        sections: dict[Place, int] = {}
        for one in diagnoses:
            if one.code[0] in _BESIDE:
                continue
            for judged in one.mentions:
                first = judged.mention.first
                statements.setdefault(_statement(judged), []).append(first)
                section = _section(read, judged)
                sections[section] = min(first, sections.get(section, first))
        return cls(read, leads, {place: tuple(found) for place, found in statements.items()}, sections)

    def features(self, candidate: Candidate) -> list[float]:
        """In the order of STANDING_NAMES."""
        rows = [self._shape(judged) for judged in candidate.mentions]
        if len(rows) == 1:
            ever, always = rows[0], [rows[0][place] for place in _ALWAYS_PLACE]
        else:
            ever = tuple(map(any, zip(*rows, strict=True)))
            always = [all(row[place] for row in rows) for place in _ALWAYS_PLACE]
        values = [*map(float, ever), *map(float, always), *_NO_LEADS]
        for judged in candidate.mentions:
            reading = self.read.readings[judged.mention.document]
            for kind in self.leads.near(reading, judged.mention):
                if kind is not None:
                    values[_LEAD_PLACE[kind]] = 1.0
        return values

    def _shape(self, judged: Judged) -> tuple[bool, ...]:
        mention = judged.mention
        reading = self.read.readings[mention.document]
        folded, start = reading.text.folded, reading.starts[mention.first]
        line_start = folded.rfind("\n", 0, start) + 1
        item = _ITEM.match(folded, line_start, start)
        paragraph = max(folded.rfind("\n\n", 0, start), 0)
        beside = self.statements.get(_statement(judged), (mention.first,))
        heads_section = mention.first == self.sections.get(_section(self.read, judged), mention.first)
        written = self.read.episode.documents[mention.document].text[mention.start : mention.end]
        return (
            item is not None and item.group(1) == "1",
            item is not None and item.group(1) not in {"0", "1"},
            _is_quoted(folded, paragraph, start),
            folded.count("[", paragraph, start) > folded.count("]", paragraph, start),
            mention.first == min(beside),
            len(beside) == 1,
            heads_section,
            heads_section and "diagnos" in mention.section,
            mention.first > _LATE * len(reading.words),
            mention.first < _START_WORDS,
            not folded[line_start:start].strip(),
            len(written) >= _SHORTEST_CAPITALS and written.isupper(),
        )


def _is_quoted(folded: str, paragraph: int, start: int) -> bool:
    """Inside straight or curled double quotation marks that are still open."""
    curled = folded.count("\u201c", paragraph, start) > folded.count("\u201d", paragraph, start)
    return curled or folded.count('"', paragraph, start) % 2 == 1


def _statement(judged: Judged) -> Place:
    return judged.mention.document, judged.mention.statement


def _section(read: ReadEpisode, judged: Judged) -> Place:
    reading = read.readings[judged.mention.document]
    return judged.mention.document, reading.sections.number_at(reading.starts[judged.mention.first])
