"""The words of the code book: conditions of terms, natures, where titles come from."""

import re
from types import SimpleNamespace

from data.classifications import EntryKind, NationalUse, Nature, TitleSource
from data.terms import TermKind
from service.classifications.use import Use

KINDS = {
    EntryKind.CHAPTER: "Chapter",
    EntryKind.BLOCK: "Block",
    EntryKind.CATEGORY: "Category",
    EntryKind.SUBCATEGORY: "Code",
}

NATURES = {
    Nature.DAGGER: "† Dagger: a cause; its asterisk code comes directly after it",
    Nature.ASTERISK: "* Asterisk: a manifestation; comes directly after the dagger code of its cause",
    Nature.SECONDARY: "Never stands alone: comes after the operation that it describes",
    Nature.ORDINARY: "",
}

TITLE_SOURCES = {
    TitleSource.OFFICIAL: "official title",
    TitleSource.WHO: "WHO's title",
    TitleSource.OURS: "title in our own words",
}

TERM_KINDS = {
    TermKind.NAME: "",
    TermKind.SYNONYM: "",
    TermKind.ABBREVIATION: "abbreviation",
    TermKind.EPONYM: "eponym",
    TermKind.SPELLING: "spelling",
    TermKind.LAY: "lay words",
    TermKind.HINT: "medicine",
}

USES = {
    Use.SUGGESTED: "Suggested",
    Use.ACCEPTED: "Accepted",
    Use.REJECTED: "Rejected",
    Use.REPLACED: "Replaced by another code",
    Use.CHOSEN: "Chosen in place of another code",
    Use.ADDED: "Added by hand",
    Use.REMOVED: "Removed again",
    Use.FINALISED: "In finalised codings",
}

_NEED = re.compile(r"([a-z_]+)(!=|>=|<=|=|>|<)(.+)")
_AGES = {">=": "{} or older", "<=": "{} or younger", ">": "over {}", "<": "under {}", "=": "{} exactly"}
_PLACES = {
    "near": "beside {} in the sentence",
    "close": "close to {}",
    "before": "directly after {}",
    "after": "directly before {}",
    "not_near": "without {} in the sentence",
    "told": "with {} in the document",
    "not_told": "without {} in the document",
}


def condition(need: str) -> str:
    """`near=hip|knee` as `beside “hip” or “knee” in the sentence`."""
    match = _NEED.fullmatch(need)
    if match is None:
        return need
    subject, operator, value = match.groups()
    if subject == "age":
        return "aged " + _AGES[operator].format(value)
    if subject in _PLACES:
        return _PLACES[subject].format(" or ".join(f"“{word}”" for word in value.split("|")))
    denied = "not " if operator == "!=" else ""
    told = value.replace("_", " ")
    return f"{denied}under {told}" if subject == "section" else f"{denied}{told}"


def rank(use: NationalUse) -> str:
    """`the most used of 4`, `3rd of 9`; nothing where it stands alone or is never used."""
    if use.beside < 2 or not use.count:
        return ""
    if use.rank == 1:
        return f"the most used of {use.beside}"
    return f"{use.rank}{_ending(use.rank)} of {use.beside}"


def _ending(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def share(value: float) -> str:
    if 0 < value < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < value < 1 else f"{value:.0%}"


def count(number: int) -> str:
    return f"{number:,}"


WORDS = SimpleNamespace(
    kinds=KINDS,
    natures=NATURES,
    title_sources=TITLE_SOURCES,
    term_kinds=TERM_KINDS,
    uses=USES,
    use=Use,
    condition=condition,
    rank=rank,
    share=share,
    count=count,
)
"""What templates of the code book say."""
