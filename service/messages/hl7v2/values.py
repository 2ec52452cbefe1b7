"""Times of HL7 v2 (`YYYYMMDDHHMM[SS][.S][+ZZZZ]`) as UK calendar dates and instants."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from service.messages.errors import Unusable

UK = ZoneInfo("Europe/London")
_TIME = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:(?P<hour>\d\d)(?P<minute>\d\d)?(?P<second>\d\d)?(?:\.\d+)?)?"
    r"(?P<zone>[+-]\d{4})?"
)
_YEARS = range(1850, 2200)


def read_instant(written: str, where: str) -> datetime | None:
    """An instant in UTC; without a zone the time is UK local time. None where nothing stands.

    Raises:
        Unusable: it is no time.
    """
    if not written:
        return None
    found = _TIME.fullmatch(written)
    try:
        if found is None:
            raise ValueError
        local = datetime(*(int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute")))  # type: ignore[arg-type]  # noqa: DTZ001
        return local.replace(tzinfo=_zone(found["zone"])).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unusable(f"{where} must be a time as YYYYMMDDHHMM, with a zone or without") from None


def read_date(written: str, where: str) -> date | None:
    """A UK calendar date; None where nothing stands, or a year that means "not known".

    Raises:
        Unusable: it is no date.
    """
    instant = read_instant(written, where)
    if instant is None:
        return None
    day = instant.astimezone(UK).date()
    return day if day.year in _YEARS else None


def _zone(written: str | None) -> timezone | ZoneInfo:
    if written is None:
        return UK
    offset = timedelta(hours=int(written[1:3]), minutes=int(written[3:5]))
    return timezone(-offset if written[0] == "-" else offset)
