"""The named sets of filters that a person keeps."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service.accounts.directory import is_storable, new_id
from service.errors import Conflict, NameTaken, NotFound, Unprocessable
from service.identity import Actor
from service.worklist.filters import Filters
from service.worklist.tables import SavedView

MOST = 20
"""Views that one person keeps."""


def views_of(session: Session, actor: Actor) -> Sequence[SavedView]:
    """The actor's own, by name."""
    return session.scalars(_own(actor).order_by(SavedView.name)).all()


def save(session: Session, actor: Actor, name: str, filters: Filters, *, at: datetime) -> SavedView:
    """
    Raises:
        Unprocessable: no name that can be stored.
        NameTaken, Conflict: the person has a view of this name, or has enough of them.
    """
    kept = views_of(session, actor)
    name = _free_name(name, kept)
    if len(kept) >= MOST:
        raise Conflict(f"You keep {MOST} views already. Delete one first.")
    view = SavedView(
        id=new_id(),
        provider_id=actor.provider_id,
        owner_id=actor.id,
        name=name,
        address=filters.address(),
        created_at=at,
    )
    session.add(view)
    return view


def rename(session: Session, actor: Actor, view_id: str, name: str) -> None:
    """
    Raises:
        NotFound, Unprocessable, NameTaken
    """
    view = _own_view(session, actor, view_id)
    others = [other for other in views_of(session, actor) if other.id != view.id]
    view.name = _free_name(name, others)


def delete(session: Session, actor: Actor, view_id: str) -> None:
    """
    Raises:
        NotFound: the actor keeps no such view.
    """
    session.delete(_own_view(session, actor, view_id))


def _own(actor: Actor) -> Select[SavedView]:
    return select(SavedView).where(SavedView.provider_id == actor.provider_id, SavedView.owner_id == actor.id)


def _own_view(session: Session, actor: Actor, view_id: str) -> SavedView:
    view = session.scalar(_own(actor).where(SavedView.id == view_id))
    if view is None:
        raise NotFound("there is no such view")
    return view


def _free_name(written: str, kept: Sequence[SavedView]) -> str:
    name = " ".join(written.split())
    if not name or not is_storable(name, SavedView.name):
        raise Unprocessable("Give the view a name of at most 60 characters.")
    if name.casefold() in {view.name.casefold() for view in kept}:
        raise NameTaken("You have a view of this name. Choose another name.")
    return name
