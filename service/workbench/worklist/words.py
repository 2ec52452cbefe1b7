"""What the worklist calls its views and filters."""

from service.coding.status import Status
from service.workbench.wording import STATUSES
from service.worklist.filters import Length, Sort, Sureness, View

VIEWS = {
    View.TO_DO: "To do",
    View.REVIEW_DUE: "Review due",
    **{View(status.value): STATUSES[status].text for status in Status},
    View.ALL: "All",
}

LENGTHS = {
    Length.SAME_DAY: "Same day",
    Length.SHORT: "1 to 3 days",
    Length.MEDIUM: "4 to 9 days",
    Length.LONG: "10 days or more",
}

SURENESSES = {
    Sureness.SURE: "Every code 70% or more",
    Sureness.MIXED: "Least sure 50 to 69%",
    Sureness.UNSURE: "Least sure under 50%",
    Sureness.NONE: "No suggestion",
}

SORTS = {
    Sort.DUE: "Due first",
    Sort.SUREST: "Surest first",
    Sort.LEAST_SURE: "Least sure first",
    Sort.SHORTEST: "Shortest stay first",
    Sort.LONGEST: "Longest stay first",
}

SOURCES = {"api": "API", "hl7v2": "HL7 v2", "fhir": "FHIR"}

DONE = {
    "claimed": "claimed",
    "released": "released",
    "held": "put on hold",
    "assigned": "assigned",
    "saved": "View saved",
    "renamed": "View renamed",
    "deleted": "View deleted",
}
"""What the list says after an action; a view is told of as it is, episodes with their number."""


def source(written: str) -> str:
    return SOURCES.get(written, written)


def stay(days: int | None) -> str:
    if days is None:
        return "Not known"
    return {0: "Same day", 1: "1 day"}.get(days, f"{days} days")


def told(kind: str, count: int) -> str:
    """`3 episodes claimed`; nothing for a kind that this release does not know."""
    words = DONE.get(kind, "")
    if words.startswith("View") or not words:
        return words
    return f"{count} {'episode' if count == 1 else 'episodes'} {words}"
