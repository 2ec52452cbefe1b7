"""The episode as it lies on a coder's desk: what the templates of the episode page show."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from data.classifications import Classification, Entry
from data.episodes import NotCodedReason, Role
from data.standards import Severity, fifths_of
from service.coding.coding import LineState
from service.coding.status import CODING_KINDS, TRANSITIONS, DecisionKind, Status
from service.deps import CodeTables
from service.episodes import schemas as s
from service.episodes.person import age_words
from service.identity import Actor, UserRole
from service.workbench import history, wording
from service.workbench.alternatives import Alternative, Sibling, alternatives_of, siblings_of
from service.workbench.headings import Heading, headings_of
from service.workbench.marks import Mark, MarkKind, Piece, pieces

_HITS = 15
_QUALIFIED_ONLY = frozenset({DecisionKind.REOPEN, DecisionKind.APPROVE, DecisionKind.RETURN})


_FIX_WORDS = {
    "remove": "{line} goes",
    "replace": "{line} becomes {code}",
    "add": "add {code}",
    "move": "move {line}",
    "arrange": "put the group in order",
    "set_fifth": "{line} gets the fifth character {fifth}",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What just happened, or why it did not."""

    text: str
    is_failure: bool = False
    theirs: tuple[history.Entry, ...] = ()
    """What others decided meanwhile."""
    mine: str = ""
    """What was attempted."""
    again: tuple[tuple[str, str], ...] = ()
    """The fields of the form that was refused, so that it can be sent again."""
    action: str = ""
    """Where it was sent: `decisions`."""
    confirm: str = ""
    """What a second press would do; empty where there is nothing to confirm."""


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
    headings: tuple[Heading, ...]

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


@dataclass(frozen=True)
class Desk:
    episode: s.EpisodeOut
    actor: Actor
    tables: CodeTables
    on: date
    accept_from: float | None = None
    """The confidence from which suggestions may be accepted together; None where they may not."""
    search: Search = Search()
    notice: Notice | None = None
    documents_seen: str = ""
    """What the page has of the documents: they are not sent again while it holds."""

    @property
    def label(self) -> str:
        return wording.episode_label(self.episode.spell_number, self.episode.episode_number)

    @property
    def due(self) -> wording.Tag:
        return wording.due(self.episode.due_date, self.episode.status, self.on)

    @property
    def age(self) -> str:
        """Completed years at the episode start; of a baby days."""
        start = self.episode.episode_start or self.episode.spell_start or self.episode.episode_end
        return age_words(self.episode.patient.birth_date, start)

    @property
    def undecided(self) -> tuple[s.LineOut, ...]:
        return self.episode.suggestions.undecided if self.episode.suggestions else ()

    @cached_property
    def candidates(self) -> tuple[s.LineOut, ...]:
        """What is less likely, without the diagnoses that stand."""
        every = self.episode.suggestions.candidates if self.episode.suggestions else ()
        standing = {line.code for line in self.episode.coding.diagnoses}
        return tuple(one for one in every if one.role is Role.PROCEDURE or one.code not in standing)

    @cached_property
    def sure(self) -> tuple[s.LineOut, ...]:
        """Undecided suggestions that may be accepted together."""
        least = self.accept_from
        return () if least is None else tuple(x for x in self.undecided if (x.confidence or 0) >= least)

    @cached_property
    def alternatives(self) -> dict[str, tuple[Alternative, ...]]:
        """Other codes for a line, by its id."""
        return alternatives_of((*self.undecided, *self.standing), self.candidates, self.standing)

    def fifths_of(self, line: s.LineOut) -> Mapping[str, str]:
        """The fifth characters that a diagnosis may have, with what each says; most have none."""
        return fifths_of(line.code) if line.role is Role.DIAGNOSIS else {}

    def siblings_of(self, line: s.LineOut) -> list[Sibling]:
        """The codes of the line's category."""
        return siblings_of(self.tables.by_role[line.role], line, self.standing)

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
        qualified = decision in _QUALIFIED_ONLY or self.episode.status is Status.AWAITING_CHECK
        return not qualified or self.actor.role is not UserRole.TRAINEE

    @property
    def is_open(self) -> bool:
        return self.may(DecisionKind.ACCEPT)

    @cached_property
    def _findings(self) -> dict[str, list[tuple[int, s.FindingOut]]]:
        """By the first line that they speak of; what speaks of none is under an empty name."""
        found: dict[str, list[tuple[int, s.FindingOut]]] = {}
        for place, one in enumerate(self.episode.findings):
            found.setdefault(one.lines[0] if one.lines else "", []).append((place, one))
        return found

    def findings_of(self, line_id: str) -> list[tuple[int, s.FindingOut]]:
        """Findings, by number, shown beside the first line that they speak of."""
        return self._findings.get(line_id, [])

    @property
    def findings_of_none(self) -> list[tuple[int, s.FindingOut]]:
        """What the standards miss."""
        return self._findings.get("", [])

    @property
    def severities(self) -> Counter[Severity]:
        """Findings that nobody has overridden, by severity."""
        return Counter(one.severity for one in self.episode.findings if one.overridden_by is None)

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
                fifth=step.fifth or "",
            )
            for words, step in zip(shown, finding.fix, strict=True)
        ]
        return ", ".join(told)

    @cached_property
    def undoable(self) -> s.DecisionOut | None:
        """The last decision on lines that was not undone."""
        every = self.episode.decisions
        undone = {d.content["decision"] for d in every if d.kind is DecisionKind.UNDO}
        on_lines = (d for d in reversed(every) if d.kind in CODING_KINDS and d.id not in undone)
        return next(on_lines, None) if self.may(DecisionKind.UNDO) else None

    @property
    def last(self) -> history.Entry | None:
        """The decision that an undo would take back, in words."""
        wanted = self.undoable
        return next((entry for entry in self.history if wanted and wanted.id in entry.decisions), None)

    @cached_property
    def history(self) -> tuple[history.Entry, ...]:
        lines = (*self.standing, *self.undecided, *self.candidates, *self.rejected)
        return history.entries(self.episode.decisions, lines, self.tables)

    @cached_property
    def documents(self) -> tuple[DocumentPane, ...]:
        marks = [*self._marks(), *self._marks_of_left_out()]
        return tuple(_pane(number, d, marks) for number, d in enumerate(self.episode.documents, 1))

    @cached_property
    def documents_token(self) -> str:
        """Changes with the documents and with the places of evidence in them; not with what is decided."""
        said = hashlib.sha256()
        for document in self.episode.documents:
            said.update(f"{document.id} {document.version} {document.status}\n".encode())
        for mark in sorted((where, m.start, m.end, m.anchor) for where, m in self._marks()):
            said.update(f"{mark}\n".encode())
        return said.hexdigest()[:16]

    @property
    def has_same_documents(self) -> bool:
        """Whether the page shows the documents as they are."""
        return self.documents_seen == self.documents_token

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
    label = f"{line.display}{state}"
    for number, where in enumerate(line.evidence):
        if where.place in s.IN_TEXT:
            anchor = evidence_anchor(line, number)
            yield where.document, Mark(where.start, where.end, kind, line.id, label, anchor)


def _pane(number: int, document: s.DocumentOut, marks: Sequence[tuple[str, Mark]]) -> DocumentPane:
    own = [mark for document_id, mark in marks if document_id == document.id]
    headings = headings_of(document.text)
    found = tuple(pieces(document.text, [*own, *_heading_marks(number, headings)]))
    return DocumentPane(number, document, document_label(document), found, headings)


def _heading_marks(document: int, headings: Iterable[Heading]) -> Iterator[Mark]:
    for number, heading in enumerate(headings):
        anchor = f"section-{document}-{number}"
        yield Mark(heading.start, heading.end, MarkKind.HEADING, None, "", anchor)
