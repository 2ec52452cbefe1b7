"""Operations that a patient came for and did not have: `Admitted for TKR. Cancelled on the day: UTI`."""

from collections.abc import Sequence
from itertools import pairwise

from data.episodes import Role
from data.language import Assertion
from models.assertion.judging import Judgement
from models.mentions import Mention
from models.text import Reading, normal_words

_NOT_CARRIED_OUT = "Z53"
"""ICD-10: persons encountering health services for specific procedures, not carried out."""
_MEANT = frozenset(normal_words("booked intended planned listed list scheduled"))
_CAME = frozenset(normal_words("in here came attended attending adm admitted admission brought"))


class CalledOff:
    """What one document says of the operations that its patient came for."""

    def __init__(self, judged: Sequence[tuple[Mention, Judgement]], reading: Reading) -> None:
        self._reading = reading
        self._called_off = any(
            mention.term.code.startswith(_NOT_CARRIED_OUT) and judgement.assertion is Assertion.PRESENT
            for mention, judgement in judged
            if mention.term.role is Role.DIAGNOSIS
        )

    def judged(self, judgement: Judgement, mention: Mention) -> Judgement:
        """Planned where the document tells of a cancellation, and its sentence of what was meant."""
        is_done = mention.term.role is Role.PROCEDURE and judgement.assertion is Assertion.PRESENT
        if self._called_off and is_done and self._was_meant(mention):
            return Judgement(Assertion.PLANNED, "cancelled")
        return judgement

    def _was_meant(self, mention: Mention) -> bool:
        first, _ = self._reading.statement_words(mention.statement)
        before = self._reading.words[first : mention.first]
        if not _MEANT.isdisjoint(before):
            return True
        return any(word in _CAME and following == "for" for word, following in pairwise(before))
