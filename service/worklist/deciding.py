"""Claims, releases, holds and assigns episodes of the list: each an event of its own, one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from service.automation.auditing import holds_open_audit
from service.coding.status import Status
from service.deps import Services
from service.episodes import schemas as s
from service.episodes.deciding import decide
from service.episodes.store import episode_of
from service.errors import AlreadyClaimed, Conflict, StaleVersion
from service.identity import Actor
from service.tables import EpisodeRow
from service.worklist.filters import Filters
from service.worklist.queries import next_to_code

Choice = s.Claim | s.Release | s.Hold
"""What can be done to an episode without opening it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An episode as the list showed it."""

    episode_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Refusal:
    spell_number: str
    episode_number: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    done: int
    refused: tuple[Refusal, ...] = ()


def carry_out(held: Services, actor: Actor, seen: Sequence[Seen], choice: Choice) -> Outcome:
    """Decides on each that allows it; the others are left as they are, with the reason.

    Raises:
        NotFound, Forbidden, Unprocessable
    """
    done, refused = 0, []
    with held.db.write() as session:
        for one in sorted(
            seen, key=lambda one: one.episode_id
        ):  # one order, so that two never wait crosswise
            row = episode_of(session, actor, one.episode_id, lock=True)
            try:
                _decide(held, session, actor, row, one.version, choice)
                done += 1
            except (Conflict, StaleVersion) as error:
                why = error.detail or error.title()
                refused.append(Refusal(row.spell_number, row.episode_number, why))
    return Outcome(done, tuple(refused))


def claim_next(held: Services, actor: Actor, filters: Filters, on: date) -> str | None:
    """Claims the next episode to code; its id, or None where nothing waits. Two readers get two."""
    with held.db.write() as session:
        row = next_to_code(session, actor, filters, on, lock=True)
        if row is None:
            return None
        if row.claimed_by != actor.id:
            claim = s.Claim(kind="claim")
            decide(session, held.tables, actor, row.id, row.version, claim, at=held.clock.now())
        return row.id


def _decide(
    held: Services, session: Session, actor: Actor, row: EpisodeRow, version: int, choice: Choice
) -> None:
    """
    Raises:
        Conflict, StaleVersion: it cannot be done, or was based on what stands no longer.
    """
    if _stands_already(row, actor, choice):
        return
    if holds_open_audit(session, actor, row.id):
        raise Conflict("you code this episode blind")
    if row.version != version:
        _check_late(row, actor, choice)
    decide(session, held.tables, actor, row.id, row.version, choice, at=held.clock.now())


def _stands_already(row: EpisodeRow, actor: Actor, choice: Choice) -> bool:
    """A form that is sent twice adds nothing."""
    if isinstance(choice, s.Claim):
        return row.claimed_by == (choice.coder or actor.id) and row.status == Status.IN_PROGRESS
    if isinstance(choice, s.Release):
        return row.claimed_by is None and row.status not in (Status.IN_PROGRESS, Status.ON_HOLD)
    return False


def _check_late(row: EpisodeRow, actor: Actor, choice: Choice) -> None:
    """New suggestions do not matter to a claim; whoever came first does, for a manager too.

    Raises:
        StaleVersion, AlreadyClaimed: the list that the choice was made on is out of date.
    """
    if isinstance(choice, s.Hold):
        raise StaleVersion("it was changed meanwhile: look again")
    if row.claimed_by not in (None, actor.id):
        raise AlreadyClaimed
