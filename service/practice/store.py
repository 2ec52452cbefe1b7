"""Attempts at practice cases: each account's own, and nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data.episodes import Episode
from service.accounts.directory import new_id
from service.errors import NotFound
from service.identity import Actor
from service.practice.marking import Marking
from service.practice.tables import PracticeAttempt


@dataclass(frozen=True, slots=True)
class Progress:
    """What an account has practised, of one treatment function or of all."""

    cases: int
    right: int
    wanted: int
    written: int
    primary_right: int
    """Cases."""

    @property
    def found_percent(self) -> int:
        """Of the codes that were wanted."""
        return round(100 * self.right / self.wanted) if self.wanted else 0

    @property
    def right_percent(self) -> int:
        """Of the codes that were given."""
        return round(100 * self.right / self.written) if self.written else 0

    @property
    def primary_percent(self) -> int:
        return round(100 * self.primary_right / self.cases) if self.cases else 0


def store_attempt(  # noqa: PLR0913 (who coded which case how)
    session: Session,
    actor: Actor,
    episode: Episode,
    given: dict[str, list[str]],
    marking: Marking,
    *,
    with_suggestions: bool,
    at: datetime,
) -> PracticeAttempt:
    row = PracticeAttempt(
        id=new_id(),
        provider_id=actor.provider_id,
        account_id=actor.id,
        case_id=episode.id,
        treatment_function=episode.treatment_function,
        given=given,
        with_suggestions=with_suggestions,
        right=marking.right,
        wanted=marking.wanted,
        written=marking.written,
        primary_right=marking.primary_right,
        finished_at=at,
    )
    session.add(row)
    session.flush()
    return row


def attempts_of(session: Session, actor: Actor) -> Sequence[PracticeAttempt]:
    """The latest first."""
    return session.scalars(_own(actor).order_by(PracticeAttempt.finished_at.desc(), PracticeAttempt.id)).all()


def attempt_of(session: Session, actor: Actor, attempt_id: str) -> PracticeAttempt:
    """
    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    row = session.scalar(_own(actor).where(PracticeAttempt.id == attempt_id))
    if row is None:
        raise NotFound("there is no such attempt")
    return row


def progress(attempts: Sequence[PracticeAttempt]) -> Progress:
    """Of first attempts only: who has seen the right coding knows it."""
    first = {
        attempt.case_id: attempt
        for attempt in sorted(attempts, key=lambda one: one.finished_at, reverse=True)
    }
    return Progress(
        cases=len(first),
        right=sum(one.right for one in first.values()),
        wanted=sum(one.wanted for one in first.values()),
        written=sum(one.written for one in first.values()),
        primary_right=sum(one.primary_right for one in first.values()),
    )


def progress_by_function(attempts: Sequence[PracticeAttempt]) -> list[tuple[str, Progress]]:
    """By treatment function, the most practised first."""
    by_function: dict[str, list[PracticeAttempt]] = {}
    for attempt in attempts:
        by_function.setdefault(attempt.treatment_function or "", []).append(attempt)
    found = [(function, progress(own)) for function, own in by_function.items()]
    return sorted(found, key=lambda item: (-item[1].cases, item[0]))


def _own(actor: Actor) -> Select[PracticeAttempt]:
    return select(PracticeAttempt).where(
        PracticeAttempt.provider_id == actor.provider_id, PracticeAttempt.account_id == actor.id
    )
