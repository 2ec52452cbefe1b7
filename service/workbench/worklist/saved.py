"""Saves, renames and deletes a person's own views of the list."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from service.deps import Decider, Held, Services
from service.errors import Conflict, Unprocessable
from service.identity import Actor
from service.workbench import rendering
from service.workbench.episode import Submitted
from service.workbench.worklist import words
from service.workbench.worklist.asked import Asked
from service.workbench.worklist.shown import Notice, worklist
from service.worklist import saved
from service.worklist.filters import Filters

router = APIRouter(prefix="/worklist/views", include_in_schema=False)

ViewId = Annotated[str, Path(max_length=36, pattern=r"^[0-9a-z-]+$")]
_Work = Callable[[Session], object]


@router.post("")
def post_view(request: Request, held: Held, actor: Decider, asked: Asked, form: Submitted) -> Response:
    """Saves the filters that stand in the address, under a name."""

    def work(session: Session) -> None:
        saved.save(session, actor, form.get("name", ""), asked, at=held.clock.now())

    return _done(request, held, actor, asked, (work, "saved"))


@router.post("/{view_id}/rename")
def post_rename(
    request: Request, held: Held, actor: Decider, asked: Asked, view_id: ViewId, form: Submitted
) -> Response:
    def work(session: Session) -> None:
        saved.rename(session, actor, view_id, form.get("name", ""))

    return _done(request, held, actor, asked, (work, "renamed"))


@router.post("/{view_id}/delete")
def post_delete(request: Request, held: Held, actor: Decider, asked: Asked, view_id: ViewId) -> Response:
    def work(session: Session) -> None:
        saved.delete(session, actor, view_id)

    return _done(request, held, actor, asked, (work, "deleted"))


def _done(
    request: Request, held: Services, actor: Actor, filters: Filters, wanted: tuple[_Work, str]
) -> Response:
    """
    Args:
        wanted: what to do, and what the list says afterwards.
    """
    work, told = wanted
    try:
        with held.db.write() as session:
            work(session)
    except (Conflict, Unprocessable) as error:
        notice = Notice(error.detail or error.title(), is_failure=True)
        shown = worklist(held, actor, filters, notice=notice)
        return rendering.page(request, "worklist.html", status=error.status, worklist=shown, words=words)
    return RedirectResponse(filters.address(done=told), status_code=303)
