"""Days of the calendar here, the forecast, and plots that a strict page may hold."""

import re
from datetime import UTC, date, datetime

from service.coding.status import DecisionKind
from service.progress.coders import Acceptance, Work
from service.progress.hours import by_day, span, start_of, within
from service.progress.team import forecast
from service.workbench import plots, wording
from service.workbench.plots import Series

ON = date(2026, 3, 2)
PACE = [4] * 28


def test_an_hour_before_midnight_in_summer_is_the_next_day_here() -> None:
    counted = by_day([("2026-06-30 22", 1), ("2026-06-30 23", 2), ("2026-01-31 23", 4)])
    assert counted == {date(2026, 6, 30): 1, date(2026, 7, 1): 2, date(2026, 1, 31): 4}
    assert start_of(date(2026, 7, 1)) == datetime(2026, 6, 30, 23, tzinfo=UTC)


def test_days_without_anything_count_nought() -> None:
    assert within({ON: 3}, span(ON, 3)) == [0, 0, 3]


class TestForecast:
    def test_what_fits_into_the_pace_is_in_time(self) -> None:
        due = {date(2026, 3, 2 + day): 4 for day in range(14)}
        told = forecast(due, PACE, ON)
        assert told is not None
        assert (told.due, told.late, told.per_day) == (56, 0, 4.0)

    def test_overdue_ones_are_done_first_and_make_others_late(self) -> None:
        told = forecast({date(2026, 2, 1): 2, ON: 4, date(2026, 3, 3): 4}, PACE, ON)
        assert told is not None
        assert (told.due, told.late) == (8, 4), "the two overdue ones take the places of two, each day"

    def test_there_is_none_without_a_pace(self) -> None:
        assert forecast({ON: 4}, [0] * 24 + [9] * 4, ON) is None


def test_share_is_of_suggestions_and_not_of_added_codes() -> None:
    kinds = DecisionKind.ACCEPT, DecisionKind.REPLACE, DecisionKind.REJECT, DecisionKind.ADD
    done = Acceptance(dict(zip(kinds, (6, 1, 1, 50), strict=True)))
    assert (done.suggested, done.share) == (8, 0.75)
    assert Acceptance().share is None


def test_median_of_nothing_is_not_known() -> None:
    assert Work({}, ()).median_minutes is None
    assert Work({ON: 3}, (1.0, 2.0, 60.0)).median_minutes == 2.0
    told = [wording.minutes(value) for value in (None, 0.4, 4.4, 65)]
    assert told == ["Not known", "Under 1 min", "4 min", "1 h 5 min"]


class TestPlots:
    def test_hold_nothing_that_a_strict_page_forbids(self) -> None:
        series = [Series("<b>A</b>", [1, 2]), Series("B", [0, 3])]
        for kind in (plots.stacked, plots.lines):
            plot = kind("T", "Day", ["x", "y"], series)
            assert not re.search(r"style|script|\bid=|\bon\w+=|pygal\.org|xlink", plot.svg), plot.svg
            assert "&lt;b&gt;A" in plot.svg
            assert plot.rows == [("x", [1, 0]), ("y", [2, 3])]

    def test_series_are_told_apart_without_colour(self) -> None:
        bars = plots.stacked("T", "Day", ["x"], [Series(str(n), [n + 1]) for n in range(4)])
        assert len(set(re.findall(r'fill="([^"]+)"', bars.svg))) == 4
        assert "url(#plot-hatch)" in bars.svg
        dashed = plots.lines("T", "Day", ["x", "y"], [Series("A", [1, 2]), Series("B", [2, 1])])
        assert 'stroke-dasharray="7 4"' in dashed.svg

    def test_steps_are_whole_numbers_up_to_the_highest(self) -> None:
        assert plots._ticks(0) == [0, 1]
        assert plots._ticks(3) == [0, 1, 2, 3]
        assert plots._ticks(20_000) == [0, 5000, 10000, 15000, 20000]

    def test_nothing_but_noughts_is_empty(self) -> None:
        assert plots.lines("T", "Day", ["x"], [Series("A", [0]), Series("B", [0])]).is_empty
