"""Time is injected, so that tests and replays are reproducible. Instants are aware and in UTC."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

UK = ZoneInfo("Europe/London")


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def uk_date(instant: datetime) -> date:
    """The day that people here call it."""
    return instant.astimezone(UK).date()
