"""The words that pages of queries use, and where typed words stand in the documents of an episode."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.episodes import schemas as s
from service.queries.neutrality import Doubt
from service.queries.reminding import Reminder
from service.queries.schemas import Addressee, QueryOut, QueryStatus
from service.workbench.wording import Tag, treatment_function

STATUSES = {
    QueryStatus.OPEN: Tag("Open", "blue", "○"),
    QueryStatus.ANSWERED: Tag("Answered", "green", "✓"),
    QueryStatus.WITHDRAWN: Tag("Withdrawn", "grey"),
}

REMINDERS = {
    Reminder.FIRST: Tag("First reminder", "orange", "◆"),
    Reminder.SECOND: Tag("Second reminder", "orange", "◆◆"),
    Reminder.ESCALATE: Tag("Ask the clinical lead", "red", "▲"),
}

ADDRESSEES = {
    Addressee.CLINICIAN: "The responsible clinician",
    Addressee.SPECIALTY: "Anyone of the treatment function",
    Addressee.ANYONE: "Any clinician",
}

_DOUBTS = {
    Doubt.CODE: "“{words}” is a code. Clinicians are asked about what is documented, not about codes.",
    Doubt.CONDITION: "No document here names “{words}”. Leave it to the clinician to name a condition.",
    Doubt.LEADING: "“{words}” leads to an answer. Ask openly: what, which, how.",
    Doubt.MONEY: "“{words}” speaks of money, which must not bear on the answer.",
    Doubt.YES_OR_NO: "What begins with “{words}” is answered yes or no. Ask openly: what, which, how.",
}


def told(concern: Mapping[str, Any]) -> str:
    """A concern about the wording as a sentence."""
    return _DOUBTS[Doubt(concern["doubt"])].format(words=concern["words"])


def put_to(query: QueryOut) -> str:
    if query.clinician:
        return f"clinician {query.clinician}"
    return f"anyone of {treatment_function(query.specialty)}" if query.specialty else "any clinician"


def waiting(days: int) -> str:
    return "today" if days == 0 else "1 day" if days == 1 else f"{days} days"


def readable(episode: s.EpisodeOut) -> list[s.DocumentOut]:
    in_error = s.DocumentStatus.ENTERED_IN_ERROR
    return [d for d in episode.documents if d.status is not in_error and d.text.strip()]


def place_of(words: str, documents: Iterable[tuple[str, int, str]]) -> dict[str, Any] | None:
    """The first place of the words, as evidence; in this case if there is one, else in any.

    Args:
        documents: id, version and text of each.
    """
    every = tuple(documents)
    for fold in (str, _lower):
        for document, version, text in every:
            start = fold(text).find(fold(words))
            if start >= 0:
                return {"document": document, "version": version, "start": start, "end": start + len(words)}
    return None


def _lower(text: str) -> str:
    """Lower case without a change of length: some letters have a lower case of two code points."""
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
