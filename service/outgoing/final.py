"""A finalised coding as messages tell it: facts of the episode now, and the lines that stood when it was
finalised, folded from the decisions up to that one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from data.episodes import Role
from service.coding.coding import Coding, Line
from service.coding.status import DecisionKind
from service.deps import CodeTables
from service.episodes.schemas import CodingOut
from service.episodes.store import coding_of, decisions_of, document_history, suggestions_of
from service.episodes.views import coding_view
from service.outgoing.written import pairs, written
from service.tables import DecisionRow, EpisodeRow, Provider, SuggestionRow

CLOSING = frozenset({DecisionKind.FINALISE, DecisionKind.APPROVE})


@dataclass(frozen=True, slots=True)
class FinalLine:
    id: str
    stored: str
    """`E113`"""
    code: str
    """As a commissioning data set writes it: `E113-D`."""
    display: str
    """`E11.3`"""
    title: str
    date: date | None
    """Of a procedure, its own or that of its group; None where nobody gave one."""
    pair: str = ""


@dataclass(frozen=True, slots=True)
class FinalCoding:
    provider: Provider
    episode: EpisodeRow
    decision: DecisionRow
    """The one that finalised it."""
    version: int
    diagnoses: tuple[FinalLine, ...]
    procedures: tuple[FinalLine, ...]
    retracted: tuple[tuple[Role, str], ...]
    """Keys of lines that an earlier coding had and this one has not."""

    @property
    def is_correction(self) -> bool:
        return self.version > 1

    @property
    def at(self) -> datetime:
        return self.decision.decided_at


def final_coding(
    session: Session, tables: CodeTables, decision: DecisionRow, version: int
) -> tuple[FinalCoding, CodingOut]:
    """The coding as values, and in the shape of the API."""
    row = session.get_one(EpisodeRow, decision.episode_id)
    decisions = [one for one in decisions_of(session, row.id) if one.number <= decision.number]
    suggestions = suggestions_of(session, row.id)
    coding = coding_of(session, suggestions, decisions)
    keys = {key(line.id, line.code) for line in coding.standing}
    final = FinalCoding(
        provider=session.get_one(Provider, row.provider_id),
        episode=row,
        decision=decision,
        version=version,
        diagnoses=diagnosis_lines(tables, coding),
        procedures=procedure_lines(tables, coding),
        retracted=tuple(one for one in _former(session, suggestions, decisions) if one[1] not in keys),
    )
    return final, coding_view(tables, coding, document_history(session, row.id))


def key(line_id: str, code: str) -> str:
    """Names a line with its code: replaced by another code, it is another fact."""
    return f"{line_id}/{code}"


def diagnosis_lines(tables: CodeTables, coding: Coding) -> tuple[FinalLine, ...]:
    marks = pairs([line.code for line in coding.diagnoses])
    return tuple(_line(tables, line, None, mark) for line, mark in zip(coding.diagnoses, marks, strict=True))


def procedure_lines(tables: CodeTables, coding: Coding) -> tuple[FinalLine, ...]:
    """The method and site of a procedure share its date."""
    dates = {line.group: line.date for line in reversed(coding.procedures) if line.group and line.date}
    return tuple(_line(tables, one, one.date or dates.get(one.group or 0), "") for one in coding.procedures)


def _line(tables: CodeTables, line: Line, day: date | None, mark: str) -> FinalLine:
    table = tables.by_role[line.role]
    entry = table.get(line.code)
    title = entry.title if entry else ""
    code = written(line.code, fifth=line.fifth, pair=mark) if line.role is Role.DIAGNOSIS else line.code
    return FinalLine(line.id, line.code, code, table.display(line.code, line.fifth), title, day, mark)


def _former(
    session: Session, suggestions: Sequence[SuggestionRow], decisions: Sequence[DecisionRow]
) -> tuple[tuple[Role, str], ...]:
    """Lines of the codings that were reopened, each once."""
    found: dict[tuple[Role, str], None] = {}
    for place, one in enumerate(decisions):
        if one.kind == DecisionKind.REOPEN:
            coding = coding_of(session, suggestions, decisions[:place])
            found |= dict.fromkeys((line.role, key(line.id, line.code)) for line in coding.standing)
    return tuple(found)


def latest_closing(decisions: Sequence[DecisionRow]) -> tuple[DecisionRow, int] | None:
    """The decision that made the coding that stands final, and which coding of the episode that is."""
    closing = [one for one in decisions if one.kind in CLOSING]
    reopened = sum(one.kind == DecisionKind.REOPEN for one in decisions)
    return (closing[-1], reopened + 1) if closing else None
