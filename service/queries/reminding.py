"""How long a query has waited, and which reminder that is. Pure."""

from datetime import datetime
from enum import StrEnum

_FIRST_DAYS, _SECOND_DAYS, _ESCALATE_DAYS = 3, 7, 14


class Reminder(StrEnum):
    NONE = "none"
    FIRST = "first"
    SECOND = "second"
    ESCALATE = "escalate"
    """To the clinical lead, by a person."""


REVIEW_AFTER_DAYS = _SECOND_DAYS
"""An episode that waits for an answer is looked at again after so many days."""


def age_days(asked_at: datetime, until: datetime) -> int:
    """Whole days."""
    return max((until - asked_at).days, 0)


def reminder(days: int) -> Reminder:
    """
    >>> [str(reminder(days)) for days in (0, 3, 7, 14)]
    ['none', 'first', 'second', 'escalate']
    """
    for least, due in (
        (_ESCALATE_DAYS, Reminder.ESCALATE),
        (_SECOND_DAYS, Reminder.SECOND),
        (_FIRST_DAYS, Reminder.FIRST),
    ):
        if days >= least:
            return due
    return Reminder.NONE
