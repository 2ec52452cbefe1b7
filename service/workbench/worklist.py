"""`/worklist`: episodes by due date, with counts and filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from sqlalchemy import func, or_
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.coding.status import CLOSED, Status
from service.deps import Anyone, Decider, Held, Services
from service.episodes import workflow
from service.episodes.store import episodes_of
from service.identity import CODING_ROLES, Actor, UserRole
from service.tables import EpisodeRow
from service.workbench import rendering, wording

router = APIRouter(include_in_schema=False)

_PAGE = 25
TO_DO, EVERY = "to_do", "all"
_VIEWS = (TO_DO, *Status, EVERY)


@dataclass(frozen=True, slots=True)
class View:
    """A choice of status, with how many episodes it shows."""

    name: str
    label: str
    count: int
    is_chosen: bool
    address: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters, as they stand in the address of the page."""

    status: str
    site: str
    mine: bool

    def address(self, **changes: str) -> str:
        wanted = {"status": self.status, "site": self.site, "mine": "1" if self.mine else "", **changes}
        return "/worklist?" + urlencode({name: value for name, value in wanted.items() if value})

    def filters(self) -> workflow.Filters:
        status = Status(self.status) if self.status in set(Status) else None
        return workflow.Filters(status, self.site or None, None, self.mine, self.status == TO_DO)


@router.get("/")
def get_home(request: Request, actor: Anyone) -> Response:
    """Everyone's first page."""
    if actor.role in CODING_ROLES:
        return RedirectResponse("/worklist", status_code=303)
    if actor.role is UserRole.ADMIN:
        return RedirectResponse("/administration", status_code=303)
    return rendering.page(request, "home.html")


@router.get("/worklist")
def get_worklist(  # noqa: PLR0913 (each filter is a query parameter)
    request: Request,
    held: Held,
    actor: Decider,
    *,
    status: Annotated[str, Query(max_length=20)] = TO_DO,
    site: Annotated[str, Query(max_length=12, pattern=r"^[^\x00]*$")] = "",
    mine: Annotated[bool, Query()] = False,
    cursor: Annotated[str | None, Query(max_length=100, pattern=r"^[A-Za-z0-9_=-]*$")] = None,
) -> HTMLResponse:
    chosen = Chosen(status if status in _VIEWS else TO_DO, site, mine)
    shown = workflow.worklist(held, actor, chosen.filters(), cursor, _PAGE)
    return rendering.page(
        request,
        "worklist.html",
        episodes=shown.episodes,
        views=_views(_counts(held, actor), chosen),
        sites=_sites(held, actor),
        chosen=chosen,
        on=wording.today(held.clock.now()),
        next_page=chosen.address(cursor=shown.next_cursor) if shown.next_cursor else None,
        is_later_page=cursor is not None,
    )


@router.get("/worklist/next")
def get_next(held: Held, actor: Decider) -> RedirectResponse:
    """The episode to code next: the first due that nobody else has claimed."""
    query = (
        episodes_of(actor)
        .with_only_columns(EpisodeRow.id)
        .where(
            EpisodeRow.status.in_((Status.READY, Status.IN_PROGRESS)),
            or_(EpisodeRow.claimed_by.is_(None), EpisodeRow.claimed_by == actor.id),
        )
        .order_by(EpisodeRow.due_date, EpisodeRow.id)
        .limit(1)
    )
    with held.db.read() as session:
        episode_id = session.scalar(query)
    return RedirectResponse(f"/episodes/{episode_id}" if episode_id else "/worklist", status_code=303)


def _counts(held: Services, actor: Actor) -> dict[Status, int]:
    query = episodes_of(actor).with_only_columns(EpisodeRow.status, func.count()).group_by(EpisodeRow.status)
    with held.db.read() as session:
        return {Status(status): count for status, count in session.execute(query)}


def _sites(held: Services, actor: Actor) -> Sequence[str]:
    query = episodes_of(actor).with_only_columns(EpisodeRow.site).distinct().order_by(EpisodeRow.site)
    with held.db.read() as session:
        return [site for site in session.scalars(query) if site]


def _views(counts: dict[Status, int], chosen: Chosen) -> list[View]:
    """What is to do, each status that occurs, and everything."""
    to_do = sum(count for status, count in counts.items() if status not in CLOSED)
    labelled = [(TO_DO, "To do", to_do)]
    labelled += [(s, wording.STATUSES[s].text, counts[s]) for s in Status if s in counts]
    labelled += [(EVERY, "All", sum(counts.values()))]
    return [
        View(name, label, count, name == chosen.status, chosen.address(status=name))
        for name, label, count in labelled
    ]
