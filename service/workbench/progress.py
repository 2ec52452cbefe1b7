"""`/progress`: my day, what I make of suggestions, and the backlog of the team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse

from service.accounts.directory import accounts_of
from service.clock import uk_date
from service.coding.status import DecisionKind, Status
from service.deps import Decider, Held
from service.identity import Actor, UserRole
from service.progress import coders, team
from service.progress.coders import ON_SUGGESTIONS, Acceptance, Work
from service.progress.hours import span, within
from service.progress.team import BANDS, Backlog, Forecast
from service.workbench import plots, rendering, wording
from service.workbench.plots import Plot, Series

router = APIRouter(include_in_schema=False)

DAYS = 30
_WEEK = 7
_NOTHING = Work({}, ())
_DONE = {
    DecisionKind.ACCEPT: "Accepted",
    DecisionKind.REPLACE: "Replaced",
    DecisionKind.REJECT: "Rejected",
    DecisionKind.ADD: "Added by hand",
}
_WAITING: Mapping[str, tuple[Status, ...]] = {
    "To code": (Status.READY, Status.IN_PROGRESS),
    "On hold": (Status.ON_HOLD,),
    "Awaiting check": (Status.AWAITING_CHECK,),
    "Awaiting text": (Status.AWAITING_TEXT,),
}


@dataclass(frozen=True, slots=True)
class Mine:
    """One coder's own figures."""

    today: int
    week: int
    minutes: float | None
    """Median of the last thirty days."""
    acceptance: Acceptance
    plot: Plot


@dataclass(frozen=True, slots=True)
class Team:
    """Figures of everyone together."""

    open_episodes: int
    overdue: int
    today: int
    week: int
    ages: Plot
    flow: Plot
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class CoderRow:
    """One coder, as managers see it, over a week."""

    name: str
    finalised: int
    minutes: float | None
    acceptance: Acceptance


@router.get("/progress")
def get_progress(request: Request, held: Held, actor: Decider) -> HTMLResponse:
    on = uk_date(held.clock.now())
    with held.db.read() as session:
        return rendering.page(
            request,
            "progress.html",
            days=DAYS,
            mine=_mine(session, actor, on),
            team=_team(session, actor.provider_id, on),
            coders=_coders(session, actor.provider_id, on) if actor.role is UserRole.MANAGER else (),
        )


def _mine(session: Session, actor: Actor, on: date) -> Mine:
    days = span(on, DAYS)
    work = coders.work_of(session, actor.provider_id, days[0], actor.id).get(actor.id, _NOTHING)
    decided = coders.acceptance_by_day(session, actor.provider_id, actor.id, days[0])
    series = [Series(_DONE[kind], within(decided[kind], days)) for kind in ON_SUGGESTIONS]
    return Mine(
        today=work.since(on),
        week=work.since(_monday(on)),
        minutes=work.median_minutes,
        acceptance=Acceptance({kind: sum(decided[kind].values()) for kind in ON_SUGGESTIONS}),
        plot=plots.stacked("What I made of suggestions, day by day", "Day", _labels(days), series),
    )


def _team(session: Session, provider_id: str, on: date) -> Team:
    days = span(on, DAYS)
    backlog = team.backlog(session, provider_id)
    ages = _ages(backlog, on)
    arrived = within(team.arrived(session, provider_id, days[0]), days)
    finalised = within(team.finalised(session, provider_id, days[0]), days)
    return Team(
        open_episodes=backlog.episodes,
        overdue=backlog.overdue(on),
        today=finalised[-1],
        week=sum(finalised[-(on.weekday() + 1) :]),
        ages=plots.stacked("Open episodes by the days left until due", "Due", list(BANDS), ages),
        flow=plots.lines(
            "Arrived and finalised, day by day",
            "Day",
            _labels(days),
            [Series("Arrived", arrived), Series("Finalised", finalised)],
        ),
        forecast=team.forecast(backlog.due, finalised[:-1], on),
    )


def _coders(session: Session, provider_id: str, on: date) -> list[CoderRow]:
    """Everyone who finalised or decided something in the last seven days, by name."""
    since = on - timedelta(days=_WEEK - 1)
    work = coders.work_of(session, provider_id, since)
    acceptance = coders.acceptance_of_each(session, provider_id, since)
    names = {account.id: account.name for account in accounts_of(session, provider_id)}
    rows = [
        CoderRow(
            names[one],
            work.get(one, _NOTHING).since(since),
            work.get(one, _NOTHING).median_minutes,
            acceptance.get(one, Acceptance()),
        )
        for one in work.keys() | acceptance.keys()
        if one in names
    ]
    return sorted(rows, key=lambda row: row.name)


def _ages(backlog: Backlog, on: date) -> list[Series]:
    """What waits, by why."""
    return [Series(label, backlog.by_band(statuses, on)) for label, statuses in _WAITING.items()]


def _labels(days: Sequence[date]) -> list[str]:
    return [wording.short_day(day) for day in days]


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())
