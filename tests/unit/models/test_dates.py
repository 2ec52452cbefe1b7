"""Days that a note names, and procedures that it dates outside the stay."""

from datetime import date

import pytest

from data.episodes import Document, DocumentKind, Episode, Role
from models.text import named_days
from tests.unit.models.small_model import reader

STAY = (date(2026, 2, 16), 3)
"""Last day and days of stay: 13 to 16 February."""


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("scan 21/02", [(21, 2, None)]),
        ("scan 3/2/26 and 04.02.2026", [(3, 2, 2026), (4, 2, 2026)]),
        ("scan on 3 march, and 4th of april 2025", [(3, 3, None), (4, 4, 2025)]),
        ("for 9/7, seen 6/12 ago", []),
        ("bp 120/80, 9.8/10.1 cm, l3/4", []),
        ("2 separate bleeds, 3 marked", []),
    ],
)
def test_days_are_told_from_durations_and_measurements(
    text: str, days: list[tuple[int, int, int | None]]
) -> None:
    assert [(one.day, one.month, one.year) for one in named_days(text, 0, len(text))] == days


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("OGD 14/02: normal.", "present"),
        ("OGD 12/02: normal.", "present"),
        ("OGD 02/02: normal.", "past_procedure"),
        ("14/11: OGD normal.", "past_procedure"),
        ("OGD on 3 April.", "planned"),
        ("OGD 14/02/2025.", "past_procedure"),
        ("OGD 30/02.", "present"),
        ("OGD (Dec): normal.", "past_procedure"),
        ("OGD Nov 25 normal.", "past_procedure"),
        ("OGD (April).", "planned"),
        ("OGD (Feb): normal.", "present"),
        ("OGD Feb 2025.", "past_procedure"),
        ("OGD, case 3/4.", "present"),
        ("OGD on the day after she had felt so unwell with the tablets of 02/02.", "present"),
    ],
)
def test_a_procedure_dated_outside_the_stay_is_of_another(text: str, said: str) -> None:
    last, days = STAY
    document = Document("1", DocumentKind.DISCHARGE_SUMMARY, text)
    read = reader().read(Episode("e", (document,), end=last, length_of_stay_days=days))
    assert [one.judgement.assertion for one in read.judged[Role.PROCEDURE]] == [said]


def test_without_the_days_of_the_stay_the_text_alone_counts() -> None:
    document = Document("1", DocumentKind.DISCHARGE_SUMMARY, "OGD 02/02: normal.")
    read = reader().read(Episode("e", (document,), end=STAY[0]))
    assert [one.judgement.assertion for one in read.judged[Role.PROCEDURE]] == ["present"]


@pytest.mark.parametrize(
    ("last", "days"),
    [
        (date(2026, 1, 1), 10**10),
        (date(2026, 1, 1), 800_000),
        (date.min, 0),
        (date.max, 0),
        (date(2026, 1, 1), -5),
    ],
)
def test_a_stay_that_no_calendar_has_is_none(last: date, days: int) -> None:
    document = Document("1", DocumentKind.DISCHARGE_SUMMARY, "OGD 02/02: normal. OGD 39/11. OGD (Dec).")
    read = reader().read(Episode("e", (document,), end=last, length_of_stay_days=days))
    assert [one.judgement.assertion for one in read.judged[Role.PROCEDURE]] == ["present"] * 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hip replacement 2014. Pneumonia.", "past_procedure"),
        ("Seen 12/03/24. Hip replacement 2014.", "past_procedure"),
        ("Born 4 May 1954. Hip replacement in 2014.", "past_procedure"),
        ("She had a hip replacement for a bad fall in 2014.", "past_procedure"),
        ("Hip replacement March 2014.", "present"),
        ("Hip replacement 2014-03-12.", "present"),
    ],
)
def test_without_the_end_of_the_episode_a_year_alone_is_past_and_that_of_the_latest_date_is_not(
    text: str, said: str
) -> None:
    episode = Episode("e", (Document("1", DocumentKind.DISCHARGE_SUMMARY, text),))
    judged = reader().read(episode).judged[Role.PROCEDURE]
    assert judged[0].judgement.assertion.value == said
