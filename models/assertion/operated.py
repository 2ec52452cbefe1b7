"""Conditions that an earlier operation was for: `TKR for OA`, `cholecystectomy 2019 for gallstones`."""

import re
from collections.abc import Iterator, Sequence

from data.episodes import Role
from data.language import Assertion, SectionKind
from models.assertion.judging import Judgement
from models.assertion.statuses import StatusTable
from models.mentions import Mention
from models.text import Reading

_BETWEEN = 3
"""Words between an operation and `for`, or between that and the condition: a year, a side."""
_ENDS = re.compile(r"[.;:,\n]")
_NEOPLASM = ("C", "D0", "D3", "D4")
_AFTER_OPERATIONS = ("Z89", "Z90", "Z94", "Z95", "Z96", "Z98")
"""Statuses that an operation leaves behind."""


class OperatedOn:
    """The conditions of one document that lie behind operations of the past."""

    def __init__(
        self, judged: Sequence[tuple[Mention, Judgement]], reading: Reading, statuses: StatusTable
    ) -> None:
        self._statuses = statuses
        self._reasons = {
            word: reading.written(mention.first, mention.last)
            for mention, judgement in judged
            if _is_earlier_operation(mention, judgement)
            for word in _what_for(mention, reading)
        }
        """By the words that name what an operation was for."""

    def judged(self, judgement: Judgement, mention: Mention) -> Judgement:
        """History where the condition ends with its operation; a neoplasm's only in a past history:
        elsewhere what follows the operation may be its treatment."""
        operation = self._reasons.get(mention.first)
        if operation is None or not self._ends(judgement, mention):
            return judgement
        return Judgement(Assertion.HISTORY, f"{operation} for it")

    def _ends(self, judgement: Judgement, mention: Mention) -> bool:
        term = mention.term
        if term.role is not Role.DIAGNOSIS or judgement.assertion is not Assertion.PRESENT:
            return False
        in_past = mention.section is SectionKind.PAST_HISTORY or not term.code.startswith(_NEOPLASM)
        return in_past and self._statuses.passes(term.code) is not None


def _is_earlier_operation(mention: Mention, judgement: Judgement) -> bool:
    if mention.term.role is Role.DIAGNOSIS:
        is_status = mention.term.code.startswith(_AFTER_OPERATIONS)
        return is_status and mention.section is SectionKind.PAST_HISTORY
    return judgement.assertion is Assertion.PAST_PROCEDURE


def _what_for(operation: Mention, reading: Reading) -> Iterator[int]:
    """The words after `for`, up to the next punctuation."""
    _, end = reading.statement_words(operation.statement)
    behind = range(operation.last + 1, min(end, operation.last + 2 + _BETWEEN))
    start = next((word for word in _unbroken(behind, reading) if reading.words[word] == "for"), end)
    yield from _unbroken(range(start + 1, min(end, start + 2 + _BETWEEN)), reading)


def _unbroken(words: range, reading: Reading) -> Iterator[int]:
    for word in words:
        if _ENDS.search(reading.gap(word)):
            return
        yield word
