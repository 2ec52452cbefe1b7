"""Which side a procedure was done on, from the words near it."""

from collections.abc import Iterable
from typing import NamedTuple

from models.mentions import Mention
from models.text import Reading

BILATERAL, RIGHT, LEFT = "Z941", "Z942", "Z943"

_WORDS = {
    "right": RIGHT, "rt": RIGHT, "left": LEFT, "lt": LEFT, "bilateral": BILATERAL, "bilaterally": BILATERAL,
    "rhs": RIGHT, "lhs": LEFT,
}  # fmt: skip
_LETTERS = {"r": RIGHT, "l": LEFT}
_NAMES_A_SIDE = _WORDS.keys() | _LETTERS.keys() | {"both"}
"""Other words need not be looked at."""
_NO_SIDE_BEFORE = frozenset(
    ["handed", "hand_dominant", "ventricular", "ventricle", "atrium", "atrial", "bundle", "heart", "upto"]
)
_PAIRED_WORDS = frozenset(
    [
        "side",
        "eye",
        "ear",
        "knee",
        "hip",
        "hand",
        "foot",
        "breast",
        "leg",
        "arm",
        "wrist",
        "tube",
        "ovary",
        "tonsil",
        "testis",
    ]
)
_LEFT_AS_A_VERB_AFTER = frozenset(
    ["was", "were", "been", "being", "be", "he", "she", "they", "who", "has", "had", "have"]
)
_LEFT_AS_A_VERB_BEFORE = frozenset(
    ["in", "on", "open", "through", "behind", "to", "over", "the", "at", "with", "for", "by", "alone"]
)
_FARTHEST = 25


class Side(NamedTuple):
    code: str
    first: int
    """Words that name it."""
    last: int
    distance: int


def side_of(reading: Reading, mention: Mention) -> Side | None:
    """The side named nearest to a procedure in its statement; both sides are one bilateral operation."""
    first, end = reading.statement_words(mention.statement)
    return _nearest(reading, mention, range(first, end))


def only_side(reading: Reading) -> Side | None:
    """The only side that a document names, for procedures whose statement names none."""
    named = [word for word, written in enumerate(reading.words) if written in _NAMES_A_SIDE]
    found = [(word, code) for word in named if (code := _side_at(reading, word))]
    if len({code for _, code in found}) != 1:
        return None
    word, code = found[0]
    return Side(code, word, word, _FARTHEST)


def _nearest(reading: Reading, mention: Mention, words: Iterable[int]) -> Side | None:
    written = reading.words
    named = [(w, code) for w in words if written[w] in _NAMES_A_SIDE and (code := _side_at(reading, w))]
    if not named:
        return None
    nearest, code = min(named, key=lambda pair: (_gap(mention, pair[0]), pair[0]))
    both = [word for word, other in named if abs(word - nearest) == 2 and other != code]
    if both and BILATERAL not in {code} and reading.words[(both[0] + nearest) // 2] == "and":
        return Side(BILATERAL, min(both[0], nearest), max(both[0], nearest), _gap(mention, nearest))
    return Side(code, nearest, nearest, _gap(mention, nearest))


def _gap(mention: Mention, word: int) -> int:
    if word < mention.first:
        return mention.first - word
    return max(0, word - mention.last)


def _side_at(reading: Reading, word: int) -> str | None:
    written = reading.words[word]
    code = _WORDS.get(written)
    following = reading.words[word + 1] if word + 1 < len(reading.words) else ""
    if written == "left" and _is_verb(reading, word, following):
        return None
    if code is not None:
        return None if following in _NO_SIDE_BEFORE else code
    if written == "both" and following in _PAIRED_WORDS:
        return BILATERAL
    return _LETTERS[written] if written in _LETTERS and _is_side_letter(reading, word) else None


def _is_verb(reading: Reading, word: int, following: str) -> bool:
    """`the drain was left in`, `she left hospital`."""
    before = reading.words[word - 1] if word else ""
    return before in _LEFT_AS_A_VERB_AFTER or following in _LEFT_AS_A_VERB_BEFORE


def _is_side_letter(reading: Reading, word: int) -> bool:
    """`R knee`, `(L)`; not `4 L saline`, `L3`, `r/o`."""
    letter = reading.written(word, word)
    before = reading.words[word - 1] if word else ""
    touching = reading.gap(word + 1) if word + 1 < len(reading.words) else " "
    return letter.isupper() and not before.isdecimal() and touching[:1] in {" ", ")", ".", ",", "\n", ":"}
