"""Procedures of another stay: those that the note dates before this one, or after it."""

import datetime
from typing import NamedTuple

from data.episodes import Episode
from data.language import Assertion
from models.assertion.judging import Judgement
from models.mentions import Mention
from models.text import NamedDay, Reading, named_days

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
        """None where the episode does not say."""
        if episode.end is None or episode.length_of_stay_days is None:
            return None
        return cls(episode.end - datetime.timedelta(days=episode.length_of_stay_days), episode.end)

    def judged(self, judgement: Judgement, mention: Mention, reading: Reading) -> Judgement:
        """The judgement of a procedure, other where the day beside it lies outside the stay."""
        if judgement.assertion is not Assertion.PRESENT:
            return judgement
        day = _day_beside(mention, reading)
        meant = self._meant(day) if day else None
        if day is None or meant is None or self.first - _MARGIN <= meant <= self.last + _MARGIN:
            return judgement
        assertion = Assertion.PLANNED if meant > self.last else Assertion.PAST_PROCEDURE
        return Judgement(assertion, reading.text.folded[day.start : day.end])

    def _meant(self, day: NamedDay) -> datetime.date | None:
        """In the year that is told, else the nearest to the discharge; None where no calendar has it."""
        years = [day.year] if day.year else range(self.last.year - 1, self.last.year + 2)
        try:
            days = [datetime.date(year, day.month, day.day) for year in years]
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
