"""The use cases of extracts. Each one made is a record in the audit: they hold whole patients' records."""

from collections.abc import Iterator
from datetime import date, timedelta

from service import audit
from service.deps import Services
from service.errors import Unprocessable
from service.extracts import writing
from service.extracts.items import Format
from service.extracts.reading import Days, Extracted, extracted
from service.identity import Actor

_LONGEST = timedelta(days=366)


def checked_days(first: date, last: date) -> Days:
    """
    Raises:
        Unprocessable: it ends before it begins, or is longer than a year.
    """
    if last < first:
        raise Unprocessable("the last day comes before the first")
    if last - first >= _LONGEST:
        raise Unprocessable("an extract covers a year at most")
    return Days(first, last)


def extract(held: Services, actor: Actor, days: Days, wanted: Format) -> Iterator[str]:
    """The file, in pieces; that it was made is recorded before the first."""
    _record(held, actor, days, wanted, "extract.make")
    return writing.lines(wanted, _episodes(held, actor, days))


def missing(held: Services, actor: Actor, days: Days, wanted: Format) -> Iterator[str]:
    _record(held, actor, days, wanted, "extract.missing")
    return writing.missing_lines(wanted, _episodes(held, actor, days))


def tally(held: Services, actor: Actor, days: Days, wanted: Format) -> writing.Tally:
    """What an extract would hold."""
    return writing.tally(wanted, _episodes(held, actor, days))


def _episodes(held: Services, actor: Actor, days: Days) -> Iterator[Extracted]:
    return extracted(held.db, held.tables, actor.provider_id, days)


def _record(held: Services, actor: Actor, days: Days, wanted: Format, action: str) -> None:
    content = {"first": days.first.isoformat(), "last": days.last.isoformat(), "format": wanted.value}
    subject = f"extract:{days.first}/{days.last}"
    with held.db.write() as session:
        audit.record(session, actor, action=action, subject=subject, content=content, at=held.clock.now())
