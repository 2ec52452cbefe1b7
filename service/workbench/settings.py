"""`/coding-settings`: from which confidence on coders may accept suggestions together. A manager says so."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service import audit
from service.accounts.directory import new_id
from service.deps import Decider, Held, Manager
from service.errors import Unprocessable
from service.identity import Actor, UserRole
from service.tables import Provider
from service.workbench import rendering
from service.workbench.tables import CodingSetting

router = APIRouter(prefix="/coding-settings", include_in_schema=False)

ACCEPT_FROM = 0.9
"""Until a manager says otherwise."""
LEAST_ALLOWED = 0.5


def accept_from(session: Session, provider_id: str) -> float | None:
    """The confidence from which suggestions may be accepted together; None where they may not."""
    row = _newest(session, provider_id)
    return row.accept_from if row else ACCEPT_FROM


def set_accept_from(session: Session, actor: Actor, least: float | None, *, at: datetime) -> None:
    """
    Raises:
        Unprocessable: not a confidence from which people may stop looking.
    """
    if least is not None and not LEAST_ALLOWED <= least <= 1:
        raise Unprocessable("Give a confidence between 50 and 100 per cent, or none.")
    session.get_one(Provider, actor.provider_id, with_for_update=True)
    last = _newest(session, actor.provider_id)
    number = last.number + 1 if last else 1
    row = CodingSetting(id=new_id(), provider_id=actor.provider_id, number=number, accept_from=least,
                        actor_name=actor.name, at=at)  # fmt: skip
    session.add(row)
    session.flush()
    content = {"number": number, "accept_from": least}
    audit.record(
        session,
        actor,
        action="coding_setting.set",
        subject=f"coding_setting:{row.id}",
        content=content,
        at=at,
    )


_NEWEST = (
    select(CodingSetting)
    .where(CodingSetting.provider_id == bindparam("provider"))
    .order_by(CodingSetting.number.desc())
    .limit(1)
)
"""Put together once: it is asked with every page of an episode."""


def _newest(session: Session, provider_id: str) -> CodingSetting | None:
    return session.scalar(_NEWEST, {"provider": provider_id})


@router.get("")
def get_settings(request: Request, held: Held, actor: Decider) -> HTMLResponse:
    with held.db.read() as session:
        row = _newest(session, actor.provider_id)
        least = accept_from(session, actor.provider_id)
    may_change = actor.role is UserRole.MANAGER
    return rendering.page(
        request, "coding_settings.html", setting=row, accept_from=least, may_change=may_change
    )


@router.post("")
def post_settings(
    held: Held, actor: Manager, per_cent: Annotated[str, Form(max_length=8, alias="accept_from")] = ""
) -> Response:
    """An empty field switches it off."""
    with held.db.write() as session:
        set_accept_from(session, actor, _share(per_cent), at=held.clock.now())
    return RedirectResponse("/coding-settings", status_code=303)


def _share(per_cent: str) -> float | None:
    written = per_cent.strip().removesuffix("%").strip()
    if not written:
        return None
    if not (written.isascii() and written.isdigit()):
        raise Unprocessable("Give a confidence between 50 and 100 per cent, or none.")
    return int(written) / 100
