"""A coder's action on the page of an episode: read once, decided, shown from what was read.

The API answers a decision by reading the episode again; a page is the busiest thing here, so it does not.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.prediction import ModelVersion
from service.automation.auditing import holds_open_audit
from service.clinicians.deciding import latest_attribution
from service.deps import Services
from service.episodes import schemas as s
from service.episodes.desk import Desk, open_desk
from service.episodes.views import Stored, claimant_names, stored_view
from service.errors import IllegalState
from service.idempotency import Reply, Request, carry_out
from service.identity import Actor

Work = Callable[[Session, Desk], Desk]
"""Decides on the desk that it is given, and returns the desk after."""


@dataclass(slots=True)
class _Seen:
    view: s.EpisodeOut | None = None


def edit(held: Services, actor: Actor, episode_id: str, same: str, work: Work) -> s.EpisodeOut:
    """The episode after the work, which is one transaction.

    Args:
        same: what makes two requests the same one; the second is not carried out.

    Raises:
        NotFound, IllegalState, StaleVersion and what else a decision raises.
    """
    seen, now = _Seen(), held.clock.now()

    def carried_out(session: Session) -> Reply:
        desk = _unblinded(session, held, actor, episode_id, lock=True)
        after = work(session, desk)
        seen.view = _view(session, held, after)
        return Reply(200, b"", f'"{after.row.version}"')

    carry_out(held.db, _request(actor, episode_id, same), now, carried_out)
    return seen.view or look(held, actor, episode_id)


def look(held: Services, actor: Actor, episode_id: str) -> s.EpisodeOut:
    """The episode as it stands.

    Raises:
        NotFound, IllegalState: the reader is to code this episode blind.
    """
    with held.db.read() as session:
        return _view(session, held, _unblinded(session, held, actor, episode_id, lock=False))


def _unblinded(session: Session, held: Services, actor: Actor, episode_id: str, *, lock: bool) -> Desk:
    desk = open_desk(session, held.tables, actor, episode_id, lock=lock)
    if holds_open_audit(session, actor, episode_id):
        raise IllegalState("you code this episode blind: finish its audit first")
    return desk


def _view(session: Session, held: Services, desk: Desk) -> s.EpisodeOut:
    stored = Stored(
        coding=desk.coding,
        history=desk.history,
        decisions=desk.decisions,
        suggestion=desk.suggestion,
        in_force=desk.in_force,
        claimant=claimant_names(session, [desk.row]),
        attribution=latest_attribution(session, desk.row.id),
    )
    return stored_view(held.tables, desk.row, stored, _serving(held))


def _request(actor: Actor, episode_id: str, same: str) -> Request:
    digest = hashlib.sha256(f"{episode_id} {same}".encode()).hexdigest()
    return Request(actor, f"page-{digest}", digest)


def _serving(held: Services) -> ModelVersion | None:
    coder = held.suggester.holder.serving.coder
    return coder.version if coder else None
