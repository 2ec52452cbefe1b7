"""Dates of FHIR as UK calendar dates."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from service.messages.fhir.nodes import words

_UK = ZoneInfo("Europe/London")
_WHEN = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?")
_YEARS = range(1850, 2200)


def uk_day(node: object, *path: str) -> date | None:
    """The UK day of a date or an instant; None where nothing stands, or less than a day is known.

    A time without a zone is UK local time. Years such as 9999, which mean "still open", are no dates.
    """
    found = _WHEN.fullmatch(words(node, *path))
    if found is None:
        return None
    try:
        day = _day(*found.groups())
    except (ValueError, OverflowError):
        return None
    return day if day.year in _YEARS else None


def _day(written: str, time: str | None, zone: str | None) -> date:
    if time is None or zone is None:
        return date.fromisoformat(written)
    offset = "+00:00" if zone == "Z" else zone
    return datetime.fromisoformat(f"{written}T{time}:00{offset}").astimezone(_UK).date()
