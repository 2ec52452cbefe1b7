"""Procedures of another stay: those that the note dates before this one, or after it."""

import datetime
from typing import NamedTuple

from data.episodes import Episode
from data.language import Assertion
from models.assertion.judging import Judgement
from models.mentions import Mention
from models.text import NamedDay, Reading, month_behind, named_days

_MARGIN = datetime.timedelta(days=1)
"""An episode may begin after the evening in the emergency department."""
_FARTHEST = 30
"""Folded characters between a procedure and its day."""


class Stay(NamedTuple):
    """The days from admission to discharge."""

    first: datetime.date
    last: datetime.date

    @classmethod
    def of(cls, episode: Episode) -> "Stay | None":
        """None where the episode does not say, or says what no calendar has."""
        if episode.end is None or episode.length_of_stay_days is None:
            return None
        try:
            first = episode.end - datetime.timedelta(days=episode.length_of_stay_days)
            is_stay = first - _MARGIN < episode.end + _MARGIN
        except OverflowError:
            return None
        return cls(first, episode.end) if is_stay else None

    def judged(self, judgement: Judgement, mention: Mention, reading: Reading) -> Judgement:
        """The judgement of a procedure, other where the day or month beside it lies outside the stay."""
        if judgement.assertion is not Assertion.PRESENT:
            return judgement
        day = _day_beside(mention, reading)
        if day is not None:
            return self._by_day(judgement, day, reading)
        month = month_behind(reading.text.folded, reading.ends[mention.last])
        return self._by_month(judgement, *month) if month else judgement

    def _by_day(self, judgement: Judgement, day: NamedDay, reading: Reading) -> Judgement:
        meant = self._nearest(day.year, day.month, day.day)
        if meant is None or self.first - _MARGIN <= meant <= self.last + _MARGIN:
            return judgement
        return self._of_another(meant, reading.text.folded[day.start : day.end])

    def _by_month(self, judgement: Judgement, month: int, year: int | None) -> Judgement:
        """Told without a day, a month is seldom that of the stay."""
        meant = self._nearest(year, month, 1)
        own = {(day.year, day.month) for day in (self.first - _MARGIN, self.last + _MARGIN)}
        if meant is None or (meant.year, meant.month) in own:
            return judgement
        return self._of_another(meant, meant.strftime("%B"))

    def _of_another(self, day: datetime.date, because: str) -> Judgement:
        return Judgement(Assertion.PLANNED if day > self.last else Assertion.PAST_PROCEDURE, because)

    def _nearest(self, year: int | None, month: int, day: int) -> datetime.date | None:
        """In the year that is told, else the nearest to the discharge; None where no calendar has it."""
        years = [year] if year else range(self.last.year - 1, self.last.year + 2)
        try:
            days = [datetime.date(one, month, day) for one in years]
        except ValueError:
            return None
        return min(days, key=lambda one: abs(one - self.last))


def _day_beside(mention: Mention, reading: Reading) -> NamedDay | None:
    """The nearest day in the statement of a mention, one behind it before others."""
    first, end = reading.statement_words(mention.statement)
    before, after = reading.starts[mention.first], reading.ends[mention.last]
    found = [
        day
        for day in named_days(reading.text.folded, reading.starts[first], reading.ends[end - 1])
        if day.sure and (after <= day.start <= after + _FARTHEST or before - _FARTHEST <= day.end <= before)
    ]
    return min(found, key=lambda day: (day.start < after, abs(day.start - after)), default=None)
