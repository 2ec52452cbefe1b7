"""Episodes of the worklist by page, by view, and the next to code. Twenty thousand may be open.

What is open is found in `ix_episode_open`, which holds every column that is filtered and ordered by: only the
rows of one page are read from the table. All of it is counted in `ix_episode_open_count`, which is small.
What is finalised is found by status and due date.

A query is put together once for the filters that it is asked with: that takes longer than the database does.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Date,
    Float,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, load_only

from service.automation.store import AuditStatus
from service.automation.tables import BlindAudit
from service.coding.status import Status
from service.episodes.views import SUMMARISED
from service.identity import Actor
from service.tables import OPEN_EPISODE, EpisodeRow
from service.worklist.cursors import Place, read_place
from service.worklist.filters import LENGTHS, SURENESSES, Filters, Length, Sort, Sureness, View

IS_OPEN: ColumnElement[bool] = literal_column(f"episode.{OPEN_EPISODE}")
"""As the index says it, and without a type: of a Boolean, SQLite would be asked whether it equals 1."""
_CODABLE = (Status.READY, Status.IN_PROGRESS)
_LAST = 1_000_000
"""After every length and confidence: what has none comes last."""
_MOST_KEPT = 256
"""Sets of filters whose queries are kept; people write some of them themselves."""

_PROVIDER: BindParameter[str] = bindparam("provider")
_ME: BindParameter[str] = bindparam("me")
_ON: BindParameter[date] = bindparam("on", type_=Date)

_KEYS: dict[Sort, ColumnElement[Any]] = {
    Sort.SUREST: -func.coalesce(EpisodeRow.confidence, -_LAST, type_=Float),
    Sort.LEAST_SURE: func.coalesce(EpisodeRow.confidence, _LAST, type_=Float),
    Sort.SHORTEST: func.coalesce(EpisodeRow.stay_days, _LAST, type_=Integer),
    Sort.LONGEST: -func.coalesce(EpisodeRow.stay_days, -_LAST, type_=Integer),
}
"""What is ordered by before the due date, the lowest first."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of episodes, in order."""

    rows: tuple[EpisodeRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many open episodes stand somewhere."""

    status: Status
    review_due: bool
    overdue: bool
    episodes: int


def find(session: Session, actor: Actor, filters: Filters, on: date, cursor: str | None, limit: int) -> Found:
    """
    Raises:
        Unprocessable: the cursor is not one of this order.
    """
    place = read_place(cursor, keyed=filters.sort in _KEYS) if cursor is not None else ()
    after = {f"after_{number}": value for number, value in enumerate(place)}
    query = _listed(filters, after=cursor is not None)
    found = session.execute(query, _asked(actor, on) | after | {"limit": limit + 1}).all()
    more = len(found) > limit
    return Found(
        _rows(session, [row[0] for row in found[:limit]]),
        Place(found[limit - 1][1:], found[limit - 1][0]).cursor() if more else None,
    )


def counts(session: Session, actor: Actor, filters: Filters, on: date) -> list[Count]:
    """Open episodes that these filters leave, whatever the view."""
    counted: Counter[tuple[Status, bool, bool]] = Counter()
    for status, due_date, episodes, review_due in session.execute(_counted(filters), _asked(actor, on)):
        counted[Status(status), False, due_date < on] += episodes - review_due
        counted[Status(status), True, due_date < on] += review_due
    return [Count(*where, episodes) for where, episodes in counted.items() if episodes]


def choices(session: Session, actor: Actor) -> dict[str, tuple[str, ...]]:
    """Sites, treatment functions and sources that open episodes have."""
    found: dict[str, list[str]] = {name: [] for name in _CHOSEN_BY}
    for name, value in session.execute(_CHOICES, {"provider": actor.provider_id}):
        found[name].append(value)
    return {name: tuple(sorted(values)) for name, values in found.items()}


def next_to_code(
    session: Session, actor: Actor, filters: Filters, on: date, *, lock: bool = False
) -> EpisodeRow | None:
    """The first due that can be coded now and that nobody else has claimed; of one day, one's own first.

    What is on hold is passed over until its review date, and so is what the reader has to code blind.

    Args:
        lock: keep it from others until the transaction ends; what others keep is passed over.
    """
    found = session.scalar(_next(filters, lock=lock), _asked(actor, on))
    return session.get(EpisodeRow, found) if found else None


def _asked(actor: Actor, on: date) -> dict[str, Any]:
    return {"provider": actor.provider_id, "me": actor.id, "on": on}


@lru_cache(_MOST_KEPT)
def _listed(filters: Filters, *, after: bool) -> Select[Any]:
    """
    Args:
        after: only what comes after a place in the order.
    """
    key = _KEYS.get(filters.sort)
    order = [column for column in (key, EpisodeRow.due_date, EpisodeRow.id) if column is not None]
    query = _of(filters).with_only_columns(EpisodeRow.id, *order[:-1])
    if after:
        types = [*([Float()] if key is not None else ()), Date(), String()]
        place = (bindparam(f"after_{number}", type_=kind) for number, kind in enumerate(types))
        query = query.where(tuple_(*order) > tuple_(*place))
    return query.order_by(*order).limit(bindparam("limit", type_=Integer))


@lru_cache(_MOST_KEPT)
def _counted(filters: Filters) -> Select[str, date, int, int]:
    """By status and due date, as `ix_episode_open_count` has them: nothing is sorted.

    Where filters leave less, SQLite would go from there to the table: it is kept to `ix_episode_open`.
    """
    review_due = func.count().filter(_REVIEW_DUE)
    status = func.coalesce(EpisodeRow.status, "") if filters.narrows else EpisodeRow.status
    by = (status, EpisodeRow.due_date)
    query = select(*by, func.count(), review_due).where(EpisodeRow.provider_id == _PROVIDER, IS_OPEN)
    return query.where(*_conditions(filters)).group_by(*by)


@lru_cache(_MOST_KEPT)
def _next(filters: Filters, *, lock: bool) -> Select[Any]:
    blind = select(BlindAudit.episode_id).where(
        BlindAudit.claimed_by == _ME, BlindAudit.status == AuditStatus.CLAIMED
    )
    query = (
        _of(filters)
        .with_only_columns(EpisodeRow.id)
        .where(
            _IS_CODABLE,
            or_(EpisodeRow.claimed_by.is_(None), EpisodeRow.claimed_by == _ME),
            EpisodeRow.id.not_in(blind),
        )
        .order_by(EpisodeRow.due_date, case((EpisodeRow.claimed_by == _ME, 0), else_=1), EpisodeRow.id)
        .limit(1)
    )
    return query.with_for_update(skip_locked=True) if lock else query


def _present(name: str, column: InstrumentedAttribute[str | None]) -> Select[Any]:
    """The values of a column: from each the index leads to the next, so that not every row is read."""
    least = select(func.min(column)).where(EpisodeRow.provider_id == _PROVIDER, IS_OPEN)
    first = least.where(column > "").scalar_subquery()
    walk = select(first.label("value")).cte(f"every_{name}", recursive=True)
    further = least.where(column > walk.c.value).scalar_subquery()
    walk = walk.union_all(select(further).where(walk.c.value.is_not(None)))
    return select(literal(name), walk.c.value).where(walk.c.value.is_not(None))


_CHOSEN_BY = {
    "site": EpisodeRow.site,
    "specialty": EpisodeRow.treatment_function,
    "source": EpisodeRow.source,
}
_CHOICES: CompoundSelect[Any] = union_all(*(_present(name, column) for name, column in _CHOSEN_BY.items()))

_REVIEW_DUE = and_(EpisodeRow.status == Status.ON_HOLD, EpisodeRow.review_date <= _ON)
_IS_CODABLE = or_(EpisodeRow.status.in_(_CODABLE), _REVIEW_DUE)


def _of(filters: Filters) -> Select[Any]:
    query = select(EpisodeRow).where(EpisodeRow.provider_id == _PROVIDER, *_conditions(filters))
    view = filters.view
    if view.is_open:
        query = query.where(IS_OPEN)
    if view is View.TO_DO:
        return query.where(_IS_CODABLE)
    if view is View.REVIEW_DUE:
        return query.where(_REVIEW_DUE)
    return query if view.status is None else query.where(EpisodeRow.status == view.status)


def _conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    equal: dict[InstrumentedAttribute[Any], Any] = {
        EpisodeRow.site: filters.site,
        EpisodeRow.treatment_function: filters.specialty,
        EpisodeRow.source: filters.source,
    }
    yield from (column == value for column, value in equal.items() if value)
    if filters.mine:
        yield EpisodeRow.claimed_by == _ME
    if filters.length is not None:
        yield from _of_length(filters.length)
    if filters.sureness is not None:
        yield from _of_sureness(filters.sureness)
    if filters.histology:
        yield EpisodeRow.histology_arrived.is_(True)


def _of_length(length: Length) -> Iterator[ColumnElement[bool]]:
    least, most = LENGTHS[length]
    yield EpisodeRow.stay_days >= least
    if most is not None:
        yield EpisodeRow.stay_days <= most


def _of_sureness(sureness: Sureness) -> Iterator[ColumnElement[bool]]:
    if sureness is Sureness.NONE:
        yield EpisodeRow.confidence.is_(None)
        return
    least, below = SURENESSES[sureness]
    yield EpisodeRow.confidence >= least
    yield EpisodeRow.confidence < below


_PAGE_ROWS = (
    select(EpisodeRow)
    .where(EpisodeRow.id.in_(bindparam("ids", expanding=True)))
    .options(load_only(*SUMMARISED, raiseload=True))
)
"""With what a list shows of each: an episode has twice as many columns."""


def _rows(session: Session, ids: Sequence[str]) -> tuple[EpisodeRow, ...]:
    by_id = {row.id: row for row in session.scalars(_PAGE_ROWS, {"ids": ids})}
    return tuple(by_id[episode_id] for episode_id in ids)
