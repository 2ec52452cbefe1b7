"""What a note says a diagnosis is to the episode: the nearest lead before a mention, and the one after it."""

from collections.abc import Iterable, Sequence

from data.language import Lead, LeadDirection, LeadKind
from models.mentions import Mention, phrase_key
from models.text import Reading

_WORDS_BACK = 12
_WORDS_AHEAD = 3
"""Words that may stand between a mention and what follows it."""

_Phrases = dict[str, list[tuple[list[str], LeadKind]]]


class LeadIndex:
    """Looks near mentions only, which costs less than finding all leads. Immutable; threads may share it."""

    def __init__(self, leads: Iterable[Lead]) -> None:
        self._before: _Phrases = {}
        """By the last word, the longest first."""
        self._after: _Phrases = {}
        """By the first word, the longest first."""
        for lead in leads:
            words = phrase_key(lead.phrase).split(" ")
            if lead.direction is LeadDirection.BEFORE:
                self._before.setdefault(words[-1], []).append((words, lead.kind))
            else:
                self._after.setdefault(words[0], []).append((words, lead.kind))
        for found in (*self._before.values(), *self._after.values()):
            found.sort(key=lambda phrase: -len(phrase[0]))

    def near(self, reading: Reading, mention: Mention) -> tuple[LeadKind | None, LeadKind | None]:
        """Before and after the mention, within its statement."""
        first, end = reading.statement_words(mention.statement)
        return (
            self._last_before(reading.words, first, mention.first),
            self._first_after(reading.words, mention.last + 1, end),
        )

    def _last_before(self, words: Sequence[str], first: int, mention: int) -> LeadKind | None:
        for place in range(mention, max(first, mention - _WORDS_BACK), -1):
            for phrase, kind in self._before.get(words[place - 1], ()):
                start = place - len(phrase)
                if start >= first and words[start:place] == phrase:
                    return kind
        return None

    def _first_after(self, words: Sequence[str], following: int, end: int) -> LeadKind | None:
        for place in range(following, min(end, following + _WORDS_AHEAD + 1)):
            for phrase, kind in self._after.get(words[place], ()):
                if place + len(phrase) <= end and words[place : place + len(phrase)] == phrase:
                    return kind
        return None


NO_LEADS = LeadIndex(())
