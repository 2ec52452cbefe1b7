"""The list itself, and the way to the next episode."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.clock import uk_date
from service.deps import Anyone, Decider, Held
from service.identity import CODING_ROLES, UserRole
from service.workbench import rendering
from service.workbench.worklist import words
from service.workbench.worklist.asked import Asked
from service.workbench.worklist.shown import Notice, worklist
from service.worklist.cursors import MAX_LENGTH, PATTERN
from service.worklist.deciding import claim_next
from service.worklist.queries import next_to_code

router = APIRouter(include_in_schema=False)

Cursor = Annotated[str | None, Query(max_length=MAX_LENGTH, pattern=PATTERN)]
Done = Annotated[str, Query(max_length=20, pattern=r"^[a-z]*$")]
Number = Annotated[int, Query(ge=0, le=1000)]


@router.get("/")
def get_home(request: Request, actor: Anyone) -> Response:
    """Everyone's first page."""
    if actor.role in CODING_ROLES:
        return RedirectResponse("/worklist", status_code=303)
    if actor.role is UserRole.ADMIN:
        return RedirectResponse("/administration", status_code=303)
    if actor.role is UserRole.CLINICIAN:
        return RedirectResponse("/queries", status_code=303)
    return rendering.page(request, "home.html")


@router.get("/worklist")
def get_worklist(  # noqa: PLR0913 (the page, its filters, its place and what was just done)
    request: Request,
    held: Held,
    actor: Decider,
    asked: Asked,
    *,
    cursor: Cursor = None,
    done: Done = "",
    count: Number = 0,
) -> HTMLResponse:
    """Args: done, count: what a form of the list has just done, told once above the list."""
    shown = worklist(held, actor, asked, cursor or None, Notice(words.told(done, count)))
    return rendering.page(request, "worklist.html", worklist=shown, words=words)


@router.get("/worklist/next")
def get_next(held: Held, actor: Decider, asked: Asked) -> RedirectResponse:
    """The episode to code next, left unclaimed."""
    with held.db.read() as session:
        row = next_to_code(session, actor, asked, uk_date(held.clock.now()))
    return _to_episode(row.id if row else None)


@router.post("/worklist/next")
def post_next(held: Held, actor: Decider, asked: Asked) -> RedirectResponse:
    """Claims the episode to code next, so that two coders do not open the same one."""
    return _to_episode(claim_next(held, actor, asked, uk_date(held.clock.now())))


def _to_episode(episode_id: str | None) -> RedirectResponse:
    return RedirectResponse(f"/episodes/{episode_id}" if episode_id else "/worklist", status_code=303)
