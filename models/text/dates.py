"""Days that a note names: `12/03/2026`, `03/03`, `12 March`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from models.text.reading import Reading

_DATE_SIGNS = frozenset("/.-")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(
    r"(?<![a-z\d/.])(?P<day>[0-3]?\d)(?:"
    r"(?P<sign>[/.])(?P<month>[01]?\d)(?P=sign)(?P<year>(?:20)?\d\d)(?![\d/])"
    r"|/(?P<no_year>0[1-9]|1[01]|[1-689])(?![\d/])"
    r"|(?:st|nd|rd|th)?(?: of)? (?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?: (?P<year_after>20\d\d))?\b)"
)
"""`9/7` are nine days and `6/12` six months: without a year these are no dates."""


_MONTH_BEHIND = re.compile(
    r"[ (]{1,2}(?:in |of |on )?(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b(?: '?(?:20)?(?P<year>2\d)\b)?"
)
"""Behind what was done: `MRI neck Dec`, `echo (Jan)`. May is a verb, too."""


class NamedDay(NamedTuple):
    start: int
    """Folded characters."""
    end: int
    day: int
    month: int
    year: int | None
    in_full: bool
    """Told as day/month/year."""

    @property
    def sure(self) -> bool:
        """`3/4` may be a level of the spine, a case of a list or a score."""
        return self.in_full or self.end - self.start > len("3/4")


def named_days(folded: str, start: int, end: int) -> Iterator[NamedDay]:
    """The days between two positions of a folded text, in order; not all of them are in a calendar."""
    for found in _DAY.finditer(folded, start, end):
        month = found["month"] or found["no_year"] or str(_MONTHS.index(found["name"][:3]) + 1)
        year = found["year"] or found["year_after"]
        yield NamedDay(
            found.start(),
            found.end(),
            int(found["day"]),
            int(month),
            2000 + int(year) % 100 if year else None,
            found["month"] is not None,
        )


def month_behind(folded: str, position: int) -> tuple[int, int | None] | None:
    """Month and year, if it is told, directly behind a place of a folded text, without a day."""
    found = _MONTH_BEHIND.match(folded, position)
    if found is None:
        return None
    return _MONTHS.index(found["name"][:3]) + 1, 2000 + int(found["year"]) if found["year"] else None


def named_years(reading: Reading) -> tuple[set[int], set[int]]:
    """The years of dates (`12/03/24`, `2024-03-12`, `March 2024`), and those that stand alone: `TKR 2014`."""
    places = [
        place
        for place, word in enumerate(reading.words)
        if len(word) == 4 and word.isascii() and word.isdecimal() and 1990 <= int(word) <= 2099
    ]
    alone = {int(reading.words[place]) for place in places if not _in_date(reading, place)}
    dated = {int(reading.words[place]) for place in places} - alone
    if alone:  # what is compared with them; to look for every date takes time
        folded = reading.text.folded
        dated |= {one.year for one in named_days(folded, 0, len(folded)) if one.year is not None}
    return dated, alone - dated


def _in_date(reading: Reading, place: int) -> bool:
    behind = reading.gap(place + 1) if place + 1 < len(reading.words) else ""
    month = place > 0 and reading.words[place - 1][:3] in _MONTHS
    return month or behind == "-" or (place > 0 and reading.gap(place) in _DATE_SIGNS)
