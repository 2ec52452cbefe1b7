"""The episode as it lies on a coder's desk: what the templates of the episode page show."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from data.classifications import Classification, Entry
from data.episodes import NotCodedReason, Role
from data.standards import Severity
from service.coding.coding import LineState
from service.coding.status import CODING_KINDS, TRANSITIONS, DecisionKind
from service.deps import CodeTables
from service.episodes import schemas as s
from service.episodes.reading import age_years
from service.identity import Actor, UserRole
from service.workbench import history, wording
from service.workbench.marks import Mark, MarkKind, Piece, pieces

_HITS = 15
_QUALIFIED_ONLY = frozenset({DecisionKind.REOPEN, DecisionKind.APPROVE, DecisionKind.RETURN})


_FIX_WORDS = {
    "remove": "{line} goes",
    "replace": "{line} becomes {code}",
    "add": "add {code}",
    "move": "move {line}",
    "arrange": "put the group in order",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What just happened, or why it did not."""

    text: str
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A code that a search found."""

    code: str
    display: str
    title: str
    matched: str
    """The term that was found, where it is not the title or the code."""
    usage: int
    stands: bool
    """It is in the coding already, and a diagnosis stands once."""


@dataclass(frozen=True, slots=True)
class Search:
    """The box for finding a code, and what it found."""

    role: Role = Role.DIAGNOSIS
    query: str = ""
    hits: tuple[Hit, ...] = ()
    replacing: s.LineOut | None = None
    evidence: s.EvidenceIn | None = None
    evidence_text: str = ""


@dataclass(frozen=True, slots=True)
class DocumentPane:
    number: int
    document: s.DocumentOut
    label: str
    pieces: tuple[Piece, ...]

    @property
    def is_withdrawn(self) -> bool:
        return self.document.status is s.DocumentStatus.ENTERED_IN_ERROR


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A mention that was understood and not coded."""

    words: str
    because: str
    would_be: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Desk:
    episode: s.EpisodeOut
    actor: Actor
    tables: CodeTables
    on: date
    search: Search = Search()
    notice: Notice | None = None

    @property
    def label(self) -> str:
        return wording.episode_label(self.episode.spell_number, self.episode.episode_number)

    @property
    def due(self) -> wording.Tag:
        return wording.due(self.episode.due_date, self.episode.status, self.on)

    @property
    def age(self) -> str:
        """Completed years at the episode start."""
        start = self.episode.episode_start or self.episode.spell_start or self.episode.episode_end
        years = age_years(self.episode.patient.birth_date, start)
        return "" if years is None else f"{years} years"

    @property
    def undecided(self) -> tuple[s.LineOut, ...]:
        return self.episode.suggestions.undecided if self.episode.suggestions else ()

    @property
    def candidates(self) -> tuple[s.LineOut, ...]:
        return self.episode.suggestions.candidates if self.episode.suggestions else ()

    @property
    def rejected(self) -> tuple[s.LineOut, ...]:
        return self.episode.suggestions.rejected if self.episode.suggestions else ()

    @property
    def standing(self) -> tuple[s.LineOut, ...]:
        return self.episode.coding.diagnoses + self.episode.coding.procedures

    @property
    def procedure_groups(self) -> list[tuple[int | None, list[s.LineOut]]]:
        """Procedures that belong together, in coding order."""
        return [(group, list(lines)) for group, lines in groupby(self.episode.coding.procedures, _group)]

    def may(self, kind: str) -> bool:
        """Whether the status and the reader's role allow a decision."""
        decision = DecisionKind(kind)
        if (self.episode.status, decision) not in TRANSITIONS:
            return False
        return decision not in _QUALIFIED_ONLY or self.actor.role is not UserRole.TRAINEE

    @property
    def is_open(self) -> bool:
        return self.may(DecisionKind.ACCEPT)

    def findings_of(self, line_id: str) -> list[tuple[int, s.FindingOut]]:
        """Findings, by number, shown beside the first line that they speak of."""
        return [item for item in enumerate(self.episode.findings) if item[1].lines[:1] == (line_id,)]

    @property
    def findings_of_none(self) -> list[tuple[int, s.FindingOut]]:
        """What the standards miss."""
        return [item for item in enumerate(self.episode.findings) if not item[1].lines]

    @property
    def blocking(self) -> list[s.FindingOut]:
        errors = (one for one in self.episode.findings if one.severity is Severity.ERROR)
        return [one for one in errors if one.overridden_by is None]

    def may_override(self, finding: s.FindingOut) -> bool:
        qualified = self.actor.role in (UserRole.AUDITOR, UserRole.MANAGER)
        return qualified and finding in self.blocking and self.may(DecisionKind.OVERRIDE)

    def fix_words(self, finding: s.FindingOut) -> str:
        """What the fix does: `J22.X goes, J44.9 becomes J44.0`."""
        lines = {line.id: line for line in self.standing}
        table = self.tables.by_role[finding.role]
        shown = [_FIX_WORDS[step.kind] for step in finding.fix]
        told = [
            words.format(
                line=lines[step.line].display if step.line else "",
                code=table.display(step.code) if step.code else "",
            )
            for words, step in zip(shown, finding.fix, strict=True)
        ]
        return ", ".join(told)

    @property
    def undoable(self) -> s.DecisionOut | None:
        """The last decision on lines that was not undone."""
        every = self.episode.decisions
        undone = {d.content["decision"] for d in every if d.kind is DecisionKind.UNDO}
        on_lines = (d for d in reversed(every) if d.kind in CODING_KINDS and d.id not in undone)
        return next(on_lines, None) if self.may(DecisionKind.UNDO) else None

    @property
    def last(self) -> history.Entry | None:
        """The decision that an undo would take back, in words."""
        told = zip(reversed(self.episode.decisions), self.history, strict=True)
        return next((entry for decision, entry in told if decision is self.undoable), None)

    @property
    def history(self) -> tuple[history.Entry, ...]:
        lines = (*self.standing, *self.undecided, *self.candidates, *self.rejected)
        return history.entries(self.episode.decisions, lines, self.tables)

    @property
    def documents(self) -> tuple[DocumentPane, ...]:
        marks = [*self._marks(), *self._marks_of_left_out()]
        return tuple(_pane(number, d, marks) for number, d in enumerate(self.episode.documents, 1))

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        return tuple(self._left_out())

    def document_label(self, sender_id: str) -> str:
        found = next((d for d in self.episode.documents if d.id == sender_id), None)
        return document_label(found) if found else ""

    def _marks(self) -> Iterator[tuple[str, Mark]]:
        kinds = (
            (MarkKind.STANDING, self.standing),
            (MarkKind.SUGGESTED, self.undecided),
            (MarkKind.QUIET, self.candidates + self.rejected),
        )
        return (item for kind, lines in kinds for line in lines for item in _marks_of(line, kind))

    def _left_out(self) -> Iterator[LeftOut]:
        table = self.tables.by_role[Role.DIAGNOSIS]
        mentions = self.episode.suggestions.not_coded if self.episode.suggestions else ()
        for number, mention in enumerate(mentions):
            because = wording.LEFT_OUT_REASONS[NotCodedReason(mention.reason)]
            yield LeftOut(
                words=mention.evidence.text,
                because=f"{because}: {mention.note}" if mention.note else because,
                would_be=table.display(mention.would_be) if mention.would_be else "",
                anchor=f"left-out-{number}" if mention.evidence.place in s.IN_TEXT else "",
            )

    def _marks_of_left_out(self) -> Iterator[tuple[str, Mark]]:
        mentions = self.episode.suggestions.not_coded if self.episode.suggestions else ()
        for mention, told in zip(mentions, self._left_out(), strict=True):
            where = mention.evidence
            if told.anchor:
                label = f"Not coded: {told.because}"
                mark = Mark(where.start, where.end, MarkKind.LEFT_OUT, None, label, told.anchor)
                yield where.document, mark


def document_label(document: s.DocumentOut) -> str:
    return document.title or wording.DOCUMENT_KINDS[document.kind]


def find_codes(table: Classification, role: Role, query: str, episode: s.EpisodeOut) -> tuple[Hit, ...]:
    """Codes that may stand in this coding; of a category, the codes below it."""
    standing = {line.code for line in episode.coding.diagnoses} if role is Role.DIAGNOSIS else set()
    found: dict[str, Hit] = {}
    for hit in table.search(query, 2 * _HITS) if query else ():
        for entry in _assignable(table, hit.entry):
            if entry.code not in found and table.valid_on(entry.code, episode.episode_end):
                matched = "" if hit.matched in (entry.code, entry.title) else hit.matched
                found[entry.code] = Hit(
                    entry.code,
                    table.display(entry.code),
                    entry.title,
                    matched,
                    entry.usage,
                    entry.code in standing,
                )
    return tuple(found.values())[:_HITS]


def _assignable(table: Classification, entry: Entry) -> Iterable[Entry]:
    return (entry,) if entry.assignable else (e for e in table.children(entry.code) if e.assignable)


def _group(line: s.LineOut) -> int | None:
    return line.group


def evidence_anchor(line: s.LineOut, number: int) -> str:
    return f"evidence-{line.id}-{number}"


def _marks_of(line: s.LineOut, kind: MarkKind) -> Iterator[tuple[str, Mark]]:
    """By document."""
    state = (
        "" if line.state in (LineState.ADDED, LineState.ACCEPTED, LineState.REPLACED) else f" ({line.state})"
    )
    label = f"{line.display} {line.title}{state}"
    for number, where in enumerate(line.evidence):
        if where.place in s.IN_TEXT:
            anchor = evidence_anchor(line, number)
            yield where.document, Mark(where.start, where.end, kind, line.id, label, anchor)


def _pane(number: int, document: s.DocumentOut, marks: list[tuple[str, Mark]]) -> DocumentPane:
    own = [mark for document_id, mark in marks if document_id == document.id]
    return DocumentPane(number, document, document_label(document), tuple(pieces(document.text, own)))
