"""The backlog of a provider: what is open by when it is due, what came and what was finalised."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.coding.status import Status
from service.progress.hours import by_day, hour_of, start_of
from service.tables import EpisodeRow
from service.worklist.queries import IS_OPEN

BANDS: Mapping[str, int | None] = {
    "Overdue": -1,
    "Today to 7 days": 7,
    "8 to 14 days": 14,
    "15 to 21 days": 21,
    "More than 21": None,
}
"""By the days that are left until an episode is due: at most so many."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open episodes, by the day they are due and their status."""

    counts: Mapping[tuple[date, Status], int]

    @property
    def episodes(self) -> int:
        return sum(self.counts.values())

    @property
    def due(self) -> Counter[date]:
        """By the day they are due."""
        found: Counter[date] = Counter()
        for (day, _), count in self.counts.items():
            found[day] += count
        return found

    def overdue(self, on: date) -> int:
        return sum(count for day, count in self.due.items() if day < on)

    def by_band(self, statuses: Collection[Status], on: date) -> list[int]:
        """Those of some statuses, by the days that are left, in the order of the bands."""
        found: Counter[str] = Counter()
        for (day, status), count in self.counts.items():
            if status in statuses:
                found[band_of((day - on).days)] += count
        return [found[band] for band in BANDS]


def band_of(days_left: int) -> str:
    return next(band for band, most in BANDS.items() if most is None or days_left <= most)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What happens if as much is finalised a day as lately, and what is due first is coded first."""

    days: int
    due: int
    """Open episodes that fall due in these days."""
    late: int
    """Of them, those that would be finalised after their day."""
    per_day: float


def backlog(session: Session, provider_id: str) -> Backlog:
    query = (
        select(EpisodeRow.due_date, EpisodeRow.status, func.count())
        .where(EpisodeRow.provider_id == provider_id, IS_OPEN)
        .group_by(EpisodeRow.due_date, EpisodeRow.status)
    )
    return Backlog({(due, Status(status)): count for due, status, count in session.execute(query)})


def arrived(session: Session, provider_id: str, since: date) -> Counter[date]:
    return _by_day(session, provider_id, EpisodeRow.received_at, since)


def finalised(session: Session, provider_id: str, since: date) -> Counter[date]:
    """By people and by the gate, on the day it was done last."""
    return _by_day(session, provider_id, EpisodeRow.finalised_at, since)


def forecast(due: Mapping[date, int], done: Sequence[int], on: date, days: int = 14) -> Forecast | None:
    """
    Args:
        due: open episodes by the day they are due, overdue ones too.
        done: how many were finalised on each of the days before.

    Returns:
        None where fewer than five of those days had anything finalised: that is no pace.
    """
    if sum(count > 0 for count in done) < 5:
        return None
    per_day = sum(done) / len(done)
    ahead = sum(count for day, count in due.items() if day < on)
    late = falling_due = 0
    for number in range(days):
        today = due.get(on + timedelta(days=number), 0)
        in_time = min(max(int(per_day * (number + 1)) - ahead, 0), today)
        late, falling_due, ahead = late + today - in_time, falling_due + today, ahead + today
    return Forecast(days, falling_due, late, per_day)


def _by_day(
    session: Session, provider_id: str, column: InstrumentedAttribute[object], since: date
) -> Counter[date]:
    hour = hour_of(column)
    query = (
        select(hour, func.count())
        .where(EpisodeRow.provider_id == provider_id, column >= start_of(since))
        .group_by(hour)
    )
    return by_day((at, count) for at, count in session.execute(query))
