"""Counts by the hour of an instant, folded into days of the calendar here.

A day in summer begins at 23:00 UTC, so a database that counts by UTC days would count some work on the day
before. Every offset of the United Kingdom is a whole hour.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from service.clock import UK, uk_date


class hour_of(FunctionElement[str]):
    """`2026-03-02 09`, in UTC."""

    type = String()
    inherit_cache = True


@compiles(hour_of, "sqlite")
def _on_sqlite(element: hour_of, compiler: SQLCompiler, **options: Any) -> str:
    """Instants are kept as text there: 2026-03-02 09:00:00.000000."""
    return f"substr({compiler.process(element.clauses, **options)}, 1, 13)"


@compiles(hour_of, "postgresql")
def _on_postgresql(element: hour_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


def by_day(hours: Iterable[tuple[str, int]]) -> Counter[date]:
    """Counts by day, from counts by hour."""
    days: Counter[date] = Counter()
    for hour, count in hours:
        days[uk_date(datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC))] += count
    return days


def start_of(day: date) -> datetime:
    """The instant at which the day begins here."""
    return datetime.combine(day, time(), UK).astimezone(UTC)


def span(until: date, days: int) -> list[date]:
    """The days up to and with `until`, the earliest first."""
    return [until - timedelta(days=back) for back in range(days - 1, -1, -1)]


def within(counted: Mapping[date, int], days: Iterable[date]) -> list[int]:
    return [counted.get(day, 0) for day in days]
