"""What the templates of the worklist show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.accounts.directory import coders_of
from service.clock import uk_date
from service.deps import Services
from service.episodes import schemas as s
from service.episodes.views import claimant_names, suggested_ids, summary_view
from service.identity import Actor, UserRole
from service.tables import Account
from service.workbench import wording
from service.workbench.worklist import words
from service.worklist.deciding import Refusal
from service.worklist.filters import Filters, View
from service.worklist.queries import Count, choices, counts, find
from service.worklist.saved import views_of
from service.worklist.tables import SavedView

PAGE = 25
_ALWAYS = (View.TO_DO, View.ON_HOLD, View.FINALISED, View.AUTOMATED, View.ALL)
_LABELS: Mapping[str, Callable[[str], str]] = {
    "site": str,
    "specialty": wording.treatment_function,
    "source": words.source,
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A view, with how many episodes it shows; what is finalised is not counted, because it only grows."""

    view: View
    label: str
    count: int | None
    overdue: int
    is_chosen: bool
    address: str


@dataclass(frozen=True, slots=True)
class Notice:
    text: str = ""
    refused: tuple[Refusal, ...] = ()
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class Worklist:
    filters: Filters
    on: date
    episodes: tuple[s.EpisodeSummaryOut, ...]
    next_page: str | None
    is_later_page: bool
    tabs: tuple[Tab, ...]
    choices: Mapping[str, tuple[str, ...]]
    saved: Sequence[SavedView]
    mine: frozenset[str]
    """Episodes of the page that the reader has claimed."""
    is_manager: bool
    coders: Sequence[Account]
    """To whom the reader may assign."""
    notice: Notice

    def action(self, name: str) -> str:
        """Where a form goes, with the filters that its answer keeps."""
        return self.filters.address(f"/worklist/{name}")

    @property
    def unfiltered(self) -> str:
        """The same view, with nothing left out."""
        return Filters(view=self.filters.view, sort=self.filters.sort).address()

    @property
    def review_date(self) -> date:
        """A week from now, for a hold that says nothing else."""
        return self.on + timedelta(days=7)

    def labelled(self, name: str) -> list[tuple[str, str]]:
        """Sites, treatment functions or sources to choose from, with their words; what was chosen stays."""
        chosen = getattr(self.filters, name)
        values = sorted({*self.choices[name], *([chosen] if chosen else ())})
        return [(value, _LABELS[name](value)) for value in values]

    def may_release(self, episode: s.EpisodeSummaryOut) -> bool:
        return self.is_manager or episode.id in self.mine

    @property
    def saved_here(self) -> SavedView | None:
        """The saved view that these filters are."""
        return next((view for view in self.saved if view.address == self.filters.address()), None)


def worklist(
    held: Services, actor: Actor, filters: Filters, cursor: str | None = None, notice: Notice | None = None
) -> Worklist:
    """
    Raises:
        Unprocessable: the cursor is not one that this service gave.
    """
    on = uk_date(held.clock.now())
    with held.db.read() as session:
        found = find(session, actor, filters, on, cursor, PAGE)
        names, suggested = claimant_names(session, found.rows), suggested_ids(session, found.rows)
        return Worklist(
            filters=filters,
            on=on,
            episodes=tuple(summary_view(row, names, suggested=row.id in suggested) for row in found.rows),
            next_page=filters.address(cursor=found.next_cursor) if found.next_cursor else None,
            is_later_page=cursor is not None,
            tabs=_tabs(counts(session, actor, filters, on), filters),
            choices=choices(session, actor),
            saved=views_of(session, actor),
            mine=frozenset(row.id for row in found.rows if row.claimed_by == actor.id),
            is_manager=actor.role is UserRole.MANAGER,
            coders=coders_of(session, actor.provider_id) if actor.role is UserRole.MANAGER else (),
            notice=notice or Notice(),
        )


def _tabs(counted: Sequence[Count], filters: Filters) -> tuple[Tab, ...]:
    """Every view that holds something, and those that are always asked for."""
    every = (_tab(view, [count for count in counted if _stands_in(view, count)], filters) for view in View)
    return tuple(tab for tab in every if tab.count or tab.view in _ALWAYS or tab.is_chosen)


def _tab(view: View, counted: Sequence[Count], filters: Filters) -> Tab:
    return Tab(
        view=view,
        label=words.VIEWS[view],
        count=sum(count.episodes for count in counted) if view.is_open else None,
        overdue=sum(count.episodes for count in counted if count.overdue),
        is_chosen=view is filters.view,
        address=filters.address(status=view.value),
    )


def _stands_in(view: View, count: Count) -> bool:
    if view is View.TO_DO:
        return count.status in (View.READY.status, View.IN_PROGRESS.status) or count.review_due
    return count.review_due if view is View.REVIEW_DUE else count.status is view.status
