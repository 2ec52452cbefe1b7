"""What the model asks of a classification again and again, worked out once."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from data.classifications import Classification, Entry

_OF_THEIR_OWN = frozenset(
    [
        "G934",
        "G952",
        "I447",
        "K567",
        "L293",
        "M792",
        "M793",
        "N391",
        "R000",
        "R001",
        "R410",
        "R443",
        "R682",
        "Z560",
    ]
)
"""Titled `unspecified`, though no other code of the category is a kind of it: an ileus is no obstruction."""


class CodeTable:
    """A classification by stored code. Immutable once made; threads may share it."""

    def __init__(self, classification: Classification) -> None:
        self._classification = classification
        entries = {entry.code: entry for entry in classification}
        self.label = classification.label
        self.usage: Mapping[str, int] = {code: entry.usage for code, entry in entries.items()}
        self.blocks: Mapping[str, str | None] = {code: entry.block for code, entry in entries.items()}
        ninth = classification.name == "opcs4"
        self.unspecified = frozenset(code for code, entry in entries.items() if _is_unspecified(entry, ninth))
        self.secondary = frozenset(code for code in entries if classification.secondary_only(code))
        """Codes that never stand alone: methods, sites and sides."""
        self._always = frozenset(code for code, entry in entries.items() if _is_always_valid(entry))

    def title(self, code: str) -> str:
        return self._classification.title(code)

    def valid_on(self, code: str, day: date | None) -> bool:
        return code in self._always or self._classification.valid_on(code, day)


@lru_cache(maxsize=16)
def code_table(classification: Classification) -> CodeTable:
    """That of a classification, which all who ask for it share."""
    return CodeTable(classification)


def _is_unspecified(entry: Entry, ninth: bool) -> bool:
    """A code for what the text leaves open: by its title, in OPCS-4 always the ninth of a category."""
    title = entry.title.lower()
    if ninth or not title:
        return len(entry.code) == 4 and entry.code.endswith("9")
    if entry.code in _OF_THEIR_OWN:
        return False
    return title.endswith((", unspecified", "without complications")) or (
        entry.code.endswith("9") and "unspecified" in title
    )


def _is_always_valid(entry: Entry) -> bool:
    return entry.assignable and entry.valid_from is None and entry.valid_to is None
