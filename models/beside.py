"""The words beside a mention, near enough to say what a diagnosis is to the episode.

Leads (models/leads.py) are phrases that people wrote down; here every word counts, and training learns
which of them tell. Nothing depends on the language.
"""

from collections.abc import Iterator, Sequence

from models.judged import Judged
from models.mentions import Mention
from models.text import Reading

_WORDS_BACK = 5
_WORDS_AHEAD = 3
_STARTS = "b1:^"
_ENDS = "a1:$"


def words_beside(mentions: Sequence[Judged], readings: Sequence[Reading]) -> frozenset[str]:
    """Keys of the words around any of the mentions, each within its statement."""
    return frozenset(
        key for judged in mentions for key in _keys(readings[judged.mention.document], judged.mention)
    )


def _keys(reading: Reading, mention: Mention) -> Iterator[str]:
    """`b:` and `a:` stand for before and after; `b1:` and `b2:` are the last word, and the last two."""
    first, end = reading.statement_words(mention.statement)
    before = reading.words[max(first, mention.first - _WORDS_BACK) : mention.first]
    after = reading.words[mention.last + 1 : min(end, mention.last + 1 + _WORDS_AHEAD)]
    yield from (f"b:{word}" for word in before)
    yield from (f"a:{word}" for word in after)
    yield f"b1:{before[-1]}" if before else _STARTS
    yield f"a1:{after[0]}" if after else _ENDS
    if len(before) > 1:
        yield f"b2:{before[-2]} {before[-1]}"
    if len(after) > 1:
        yield f"a2:{after[0]} {after[1]}"
