"""How the coders of a provider use a code: written with each suggestion and decision, counted by code."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from data.episodes import Role
from service.classifications.tables import CodeUseRow
from service.coding.coding import STANDING, Coding
from service.coding.status import DecisionKind, Status
from service.tables import DecisionRow, EpisodeRow, SuggestionLineRow, SuggestionRow

WINDOW = timedelta(days=365)
MOST_READ = 5000
"""Uses of one code that are counted: the newest."""
_MOST_OTHERS = 5


class Use(StrEnum):
    SUGGESTED = "suggested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"
    """Another code took its place."""
    CHOSEN = "chosen"
    """It took the place of another."""
    ADDED = "added"
    """By hand."""
    REMOVED = "removed"
    FINALISED = "finalised"


@dataclass(frozen=True, slots=True)
class CodeUse:
    """Episodes by what became of the code in them, within the window."""

    episodes: Counter[Use]
    replaced_by: tuple[tuple[str, int], ...]
    """Codes that took its place, the most frequent first."""
    instead_of: tuple[tuple[str, int], ...]
    since: datetime
    is_partial: bool
    """There were more than are counted: what is told is of the newest."""

    @property
    def is_empty(self) -> bool:
        return not self.episodes


def code_use(session: Session, provider_id: str, role: Role, code: str, *, now: datetime) -> CodeUse:
    """What became of the code at a provider in the last twelve months."""
    since = now - WINDOW
    asked = {"provider": provider_id, "role": role, "code": code, "since": since}
    by_kind = session.execute(_BY_KIND, asked).all()
    others = [(Use(kind), other, uses) for kind, other, uses in session.execute(_BY_OTHER, asked)]
    return CodeUse(
        Counter({Use(kind): episodes for kind, episodes, _ in by_kind}),
        _others(others, Use.REPLACED),
        _others(others, Use.CHOSEN),
        since,
        is_partial=sum(uses for _, _, uses in by_kind) == MOST_READ,
    )


_NEWEST = (
    select(CodeUseRow.kind, CodeUseRow.other, CodeUseRow.episode_id)
    .where(
        CodeUseRow.provider_id == bindparam("provider"),
        CodeUseRow.role == bindparam("role"),
        CodeUseRow.code == bindparam("code"),
        CodeUseRow.at >= bindparam("since"),
    )
    .order_by(CodeUseRow.at.desc())
    .limit(MOST_READ)
    .subquery()
)
"""The index holds all of it. The database counts: thousands of rows are slow to make and to throw away."""
_BY_KIND = select(_NEWEST.c.kind, func.count(_NEWEST.c.episode_id.distinct()), func.count()).group_by(
    _NEWEST.c.kind
)
_BY_OTHER = (
    select(_NEWEST.c.kind, _NEWEST.c.other, func.count())
    .where(_NEWEST.c.other.is_not(None))
    .group_by(_NEWEST.c.kind, _NEWEST.c.other)
)


def _others(counted: Iterable[tuple[Use, str, int]], kind: Use) -> tuple[tuple[str, int], ...]:
    found = [(other, uses) for use, other, uses in counted if use is kind]
    return tuple(sorted(found, key=lambda item: (-item[1], item[0]))[:_MOST_OTHERS])


def note_suggestion(
    session: Session, suggestion: SuggestionRow, lines: Iterable[SuggestionLineRow], at: datetime
) -> None:
    """Notes the codes that a model suggested."""
    uses = [(line.role, line.code, Use.SUGGESTED, None) for line in lines if line.suggested]
    _note(session, (suggestion.provider_id, suggestion.episode_id, suggestion.id), uses, at)


def note_decision(
    session: Session, decision: DecisionRow, episode: EpisodeRow, before: Coding, at: datetime
) -> None:
    """Notes what a decision makes of codes.

    Args:
        episode: with the status that the decision leads to.
        before: the coding as it stood when the decision was made.
    """
    if decision.kind == DecisionKind.UNDO:
        _forget(session, episode.id, source=decision.content["decision"])
    elif decision.kind in (DecisionKind.FINALISE, DecisionKind.APPROVE):
        if Status(episode.status) in (Status.FINALISED, Status.AUTOMATED):
            _forget(session, episode.id, kind=Use.FINALISED)
            standing = [(line.role, line.code, Use.FINALISED, None) for line in before.standing]
            _note(session, (episode.provider_id, episode.id, decision.id), standing, at)
    else:
        uses = list(_uses(decision, before))
        _note(session, (episode.provider_id, episode.id, decision.id), uses, at)


_Noted = tuple[str, str, Use, str | None]
"""Role, code, use, other code."""
_PLAIN = {
    DecisionKind.ACCEPT: Use.ACCEPTED,
    DecisionKind.REJECT: Use.REJECTED,
    DecisionKind.REMOVE: Use.REMOVED,
}


def _uses(decision: DecisionRow, before: Coding) -> Iterator[_Noted]:
    content, kind = decision.content, DecisionKind(decision.kind)
    if kind is DecisionKind.ADD:
        yield content["role"], content["code"], Use.ADDED, None
        return
    line = before.line(decision.line_id) if decision.line_id else None
    if line is None:
        return
    if kind in _PLAIN:
        yield line.role, content["code"], _PLAIN[kind], None
    if kind is DecisionKind.REPLACE and content["was"] == content["code"]:
        if line.state not in STANDING:  # with a fifth character beside it
            yield line.role, content["code"], Use.ACCEPTED, None
    elif kind is DecisionKind.REPLACE:
        yield line.role, content["was"], Use.REPLACED, content["code"]
        yield line.role, content["code"], Use.CHOSEN, content["was"]


_NOTE = insert(CodeUseRow.__table__)  # type: ignore[arg-type]
"""Into the table itself: nothing reads these rows as objects, and to make them takes ten times as long."""


def _note(session: Session, of: tuple[str, str, str], uses: Iterable[_Noted], at: datetime) -> None:
    provider_id, episode_id, source_id = of
    rows = [
        {
            "provider_id": provider_id,
            "episode_id": episode_id,
            "source_id": source_id,
            "role": role,
            "code": code,
            "kind": use,
            "other": other,
            "at": at,
        }
        for role, code, use, other in uses
    ]
    if rows:
        session.execute(_NOTE, rows)


def _forget(session: Session, episode_id: str, *, source: str | None = None, kind: Use | None = None) -> None:
    rows = delete(CodeUseRow).where(CodeUseRow.episode_id == episode_id)
    if source is not None:
        rows = rows.where(CodeUseRow.source_id == source)
    if kind is not None:
        rows = rows.where(CodeUseRow.kind == kind)
    session.execute(rows.execution_options(synchronize_session=False))
