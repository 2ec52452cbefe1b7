"""Reads what waits for a check, and what came of a check, from the decisions of an episode."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.checking.comparing import Agreement, Compared, agreement, compared
from service.coding.coding import Line
from service.coding.status import DecisionKind, Status
from service.episodes.store import coding_of, decisions_of, episodes_of, suggestions_of
from service.identity import Actor, UserRole
from service.tables import DecisionRow, EpisodeRow, SuggestionRow

_CLOSES = (DecisionKind.APPROVE, DecisionKind.RETURN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An episode whose coding waits for a check."""

    row: EpisodeRow
    by: str
    at: datetime
    codes: int
    is_own: bool
    """Of the reader, who may not check it."""


@dataclass(frozen=True, slots=True)
class Check:
    """A submitted coding, and the coding when it was approved or returned, or as it stands now."""

    submission: DecisionRow
    closing: DecisionRow | None
    lines: tuple[Compared, ...]
    turned_down: tuple[Line, ...]
    """Suggestions that were not taken, as things stand."""

    @property
    def agreement(self) -> Agreement:
        return agreement(self.lines)

    @property
    def notes(self) -> dict[str, str]:
        """What the checker said of lines, by line."""
        said = self.closing.content.get("notes", ()) if self.closing else ()
        return {note["line"]: note["note"] for note in said}

    @property
    def notes_on_others(self) -> list[tuple[str, str]]:
        """Notes on lines that neither coding has: code and words."""
        shown = {line.id for line in self.lines}
        said = self.closing.content.get("notes", ()) if self.closing else ()
        return [(note["code"], note["note"]) for note in said if note["line"] not in shown]

    @property
    def word(self) -> str:
        """What the checker said of it all."""
        return str(self.closing.content.get("reason") or "") if self.closing else ""


def waiting(session: Session, actor: Actor, most: int = 200) -> list[Waiting]:
    """By due date, the earliest first."""
    query = episodes_of(actor).where(EpisodeRow.status == Status.AWAITING_CHECK)
    rows = session.scalars(query.order_by(EpisodeRow.due_date, EpisodeRow.id).limit(most)).all()
    submissions = _last_submissions(session, [row.id for row in rows])
    return [_waiting(row, submissions[row.id], actor) for row in rows if row.id in submissions]


def _waiting(row: EpisodeRow, submission: DecisionRow, actor: Actor) -> Waiting:
    codes = len(submission.content["lines"])
    own = submission.actor_id == actor.id
    return Waiting(row, submission.actor_name, submission.decided_at, codes, own)


def _last_submissions(session: Session, episode_ids: Sequence[str]) -> dict[str, DecisionRow]:
    query = select(DecisionRow).where(
        DecisionRow.episode_id.in_(episode_ids), DecisionRow.kind == DecisionKind.FINALISE
    )
    return {row.episode_id: row for row in session.scalars(query.order_by(DecisionRow.number))}


def check_now(session: Session, episode_id: str) -> Check | None:
    """The last submission beside what stands; None where nothing was submitted."""
    decisions = decisions_of(session, episode_id)
    submission = next((one for one in reversed(decisions) if one.kind == DecisionKind.FINALISE), None)
    return _check(session, decisions, submission) if submission else None


def own_checks(session: Session, actor: Actor, most: int = 30) -> list[tuple[EpisodeRow, Check]]:
    """What this person submitted as a trainee, the latest first, with what came of it."""
    query = (
        select(DecisionRow)
        .where(
            DecisionRow.provider_id == actor.provider_id,
            DecisionRow.actor_id == actor.id,
            DecisionRow.actor_role == UserRole.TRAINEE,
            DecisionRow.kind == DecisionKind.FINALISE,
        )
        .order_by(DecisionRow.decided_at.desc(), DecisionRow.number.desc())
    )
    submissions = session.scalars(query.limit(most)).all()
    return [
        (
            session.get_one(EpisodeRow, one.episode_id),
            _check(session, decisions_of(session, one.episode_id), one),
        )
        for one in submissions
    ]


def _check(session: Session, decisions: Sequence[DecisionRow], submission: DecisionRow) -> Check:
    closing = _closing(decisions, submission)
    until = closing.number if closing else decisions[-1].number
    suggestions = suggestions_of(session, submission.episode_id)
    before = [one for one in decisions if one.number <= submission.number]
    after = [one for one in decisions if one.number <= until]
    seen = _made_before(suggestions, submission.decided_at)
    checked = coding_of(session, _made_before(suggestions, after[-1].decided_at), after)
    lines = compared(coding_of(session, seen, before), checked)
    return Check(submission, closing, lines, checked.rejected)


def _closing(decisions: Sequence[DecisionRow], submission: DecisionRow) -> DecisionRow | None:
    """The approval or the return of this submission; a later submission has one of its own."""
    later = (one for one in decisions if one.number > submission.number)
    found = next((one for one in later if one.kind in (*_CLOSES, DecisionKind.FINALISE)), None)
    return found if found is not None and found.kind in _CLOSES else None


def _made_before(suggestions: Sequence[SuggestionRow], at: datetime) -> list[SuggestionRow]:
    return [row for row in suggestions if row.created_at <= at]
