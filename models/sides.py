"""Which side a procedure was done on, from the words near it."""

from collections.abc import Iterable
from typing import NamedTuple

from models.mentions import Mention
from models.text import Reading, normal_words

BILATERAL, RIGHT, LEFT = "Z941", "Z942", "Z943"

_WORDS = {
    "right": RIGHT, "rt": RIGHT, "left": LEFT, "lt": LEFT, "bilateral": BILATERAL,
    normal_words("bilaterally")[0]: BILATERAL, "bilat": BILATERAL, "rhs": RIGHT, "lhs": LEFT,
    "rul": RIGHT, "rml": RIGHT, "rll": RIGHT, "lul": LEFT, "lll": LEFT,
}  # fmt: skip
_LETTERS = {"r": RIGHT, "l": LEFT}
_EYES = {"re": RIGHT, "le": LEFT}
_OF_BOTH = frozenset(["b", "bl", "both"])
_ITEM_SIGNS = frozenset([":", ".", "-", "\u2013", "\u2014", "+"])
_NAMES_A_SIDE = _WORDS.keys() | _LETTERS.keys() | _EYES.keys() | _OF_BOTH
"""Other words need not be looked at."""
_OF_EYES = frozenset(
    normal_words(
        "eye cataract phaco intravitreal iol macula macular amd retina retinal cornea corneal vitreous"
        " vitrectomy glaucoma trabeculectomy lucentis eylea avastin aflibercept ranibizumab faricimab vabysmo"
        " ozurdex ptosis chalazion pterygium squint strabismus ectropion entropion dcr"
    )
)
"""Where none of these words stands, `RE` is no right eye."""
_NO_SIDE_BEFORE = frozenset(
    [
        "handed",
        "hand_dominant",
        "ventricular",
        "ventricle",
        "atrium",
        "atrial",
        "bundle",
        "heart",
        "upto",
        "colon",
    ]
)
_POSITIONS = (("side", "down"), ("side", "up"), ("lateral", "position"), ("lateral", "decubitus"))
"""How the patient lay: `left side down`."""
_WAYS_IN = frozenset(["groin", "femoral", "radial", "brachial", "ijv", "jugular", "subclavian", "cfa", "cfv"])
_ACCESS = frozenset(normal_words("access approach puncture route sheath"))
_ACCESS_AHEAD = 4
"""`right groin puncture` is where the catheter went in, not what was treated."""
_AFTER_A_NUMBER = frozenset(".):-\u2013\u2014")
"""Of an item or a date, not of a measure: `4. R hip`, `20.2.26 - R hip`, but `4 L`."""
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "prof", "professor"])
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
        "teste",
    ]
)
_LEFT_AS_A_VERB_AFTER = frozenset(
    ["was", "were", "been", "being", "be", "he", "she", "they", "who", "has", "had", "have"]
)
_LEFT_AS_A_VERB_BEFORE = frozenset(
    ["in", "on", "through", "behind", "to", "over", "the", "at", "with", "for", "by", "alone"]
)
_LEFT_INSIDE = frozenset(["stent", "drain", "tube", "catheter", "pigtail", "pack", "packing", "wick", "wire"])
"""What a surgeon leaves: `no stent left.`, `flatus tube left 48 h`."""
_AFTER_LEFT_OPEN = frozenset(["to", "for", "and", "with", "on"])
"""What follows a wound that was left open; another word belongs to an open operation on the left."""
_LIMBS = frozenset(
    [
        "leg",
        "arm",
        "calf",
        "thigh",
        "knee",
        "hip",
        "ankle",
        "foot",
        "hand",
        "wrist",
        "elbow",
        "shoulder",
        "eye",
        "ear",
    ]
)
"""After these letters are sides in small writing, too: `doppler of the l leg`."""
_JOINING = frozenset(["and", "then"])
_JOINING_SIGNS = frozenset("+&")
_LABELS = frozenset(["eye", "ear", "side", "site", "laterality", "limb", "knee", "hip", "hand", "foot"])
_LONGEST_LABEL = 3
_IN_SECTION = 15
"""Words between, at most: so much is it worse than a side of the same statement."""
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


def section_side(reading: Reading, mention: Mention) -> Side | None:
    """The only side that the section of a procedure names, for statements without one."""
    number = reading.sections.number_at(reading.starts[mention.first])
    named = [
        (word, code)
        for word, written in enumerate(reading.words)
        if written in _NAMES_A_SIDE
        and reading.sections.number_at(reading.starts[word]) == number
        and (code := _side_at(reading, word))
    ]
    if len({code for _, code in named}) != 1:
        return None
    word, code = min(named, key=lambda pair: (_gap(mention, pair[0]), pair[0]))
    return Side(code, word, word, min(_gap(mention, word), _IN_SECTION))


def only_side(reading: Reading) -> Side | None:
    """For statements without one: the side of a form (`Eye: LEFT`), else the only one of the document."""
    named = [word for word, written in enumerate(reading.words) if written in _NAMES_A_SIDE]
    found = [(word, code) for word in named if (code := _side_at(reading, word))]
    labelled = [(word, code) for word, code in found if _is_labelled(reading, word)]
    for sides in (labelled, found):
        if len({code for _, code in sides}) == 1:
            word, code = sides[0]
            return Side(code, word, word, _FARTHEST)
    return None


def _is_labelled(reading: Reading, word: int) -> bool:
    """`EYE TODAY: LEFT`, `Side operated: R`."""
    before = reading.words[max(word - _LONGEST_LABEL, 0) : word]
    return ":" in reading.gap(word) and not _LABELS.isdisjoint(before)


def _nearest(reading: Reading, mention: Mention, words: Iterable[int]) -> Side | None:
    written = reading.words
    named = [(w, code) for w in words if written[w] in _NAMES_A_SIDE and (code := _side_at(reading, w))]
    if not named:
        return None
    nearest, code = min(named, key=lambda pair: (_gap(mention, pair[0]), pair[0]))
    opposite = [word for word, other in named if {code, other} == {RIGHT, LEFT}]
    for first, last in (sorted((word, nearest)) for word in opposite):
        if _joined(reading, first, last):
            return Side(BILATERAL, first, last, _gap(mention, nearest))
    return Side(code, nearest, nearest, _gap(mention, nearest))


def _joined(reading: Reading, first: int, last: int) -> bool:
    """`right and left`, `R then L`, `R + L`: two sides, one after the other."""
    if last - first == 2:
        return reading.words[first + 1] in _JOINING
    return last - first == 1 and not _JOINING_SIGNS.isdisjoint(reading.gap(last))


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
    if following in _WAYS_IN and not _ACCESS.isdisjoint(reading.words[word + 2 : word + _ACCESS_AHEAD]):
        return None
    if code is not None:
        lying = tuple(reading.words[word + 1 : word + 3]) in _POSITIONS
        return None if following in _NO_SIDE_BEFORE or lying else code
    if written in _OF_BOTH:
        return BILATERAL if _is_both(reading, word, following) else None
    if written in _EYES:
        return _EYES[written] if _is_eye(reading, word) else None
    return _LETTERS[written] if written in _LETTERS and _is_side_letter(reading, word) else None


def _is_both(reading: Reading, word: int, following: str) -> bool:
    """`both knees`, `B/L knees`, `B grommets` at the head of a statement; not `Weber B`, `lesion B`."""
    written = reading.words[word]
    if written == "both":
        return following in _PAIRED_WORDS or _is_labelled(reading, word)
    if not following or written == "bl":
        return bool(following)
    touching, before = reading.gap(word + 1), reading.gap(word).strip()
    if (touching, following) == ("/", "l"):
        return True
    head = reading.statement_words(reading.statement_of(word))[0] == word or before[-1:] in _ITEM_SIGNS
    return head and reading.written(word, word).isupper() and touching == " "


def _is_eye(reading: Reading, word: int) -> bool:
    """`Phaco + IOL RE`; not `RE: cataract clinic`."""
    heads_a_line = word + 1 < len(reading.words) and reading.gap(word + 1).startswith(":")
    written_so = reading.written(word, word).isupper() and not heads_a_line
    return written_so and not _OF_EYES.isdisjoint(reading.words)


def _is_verb(reading: Reading, word: int, following: str) -> bool:
    """`the drain was left in`, `she left hospital`."""
    before = reading.words[word - 1] if word else ""
    if before in _LEFT_AS_A_VERB_AFTER or following in _LEFT_AS_A_VERB_BEFORE:
        return True
    if before in _LEFT_INSIDE and (_is_last(reading, word, frozenset()) or following.isdecimal()):
        return True
    return following == "open" and _is_last(reading, word + 1, _AFTER_LEFT_OPEN)


def _is_last(reading: Reading, word: int, but_for: frozenset[str]) -> bool:
    """Whether a word ends its clause: nothing follows, a sign, or one of a few words."""
    if word + 1 == len(reading.words):
        return True
    return bool(reading.gap(word + 1).strip()) or reading.words[word + 1] in but_for


def _is_side_letter(reading: Reading, word: int) -> bool:
    """`R knee`, `(L)`; not `4 L saline`, `L3`, `r/o`."""
    letter = reading.written(word, word)
    before = reading.words[word - 1] if word else ""
    if (before, reading.gap(word)) == ("b", "/"):
        return False
    touching = reading.gap(word + 1) if word + 1 < len(reading.words) else " "
    small = word + 1 < len(reading.words) and reading.words[word + 1] in _LIMBS
    return (
        (letter.isupper() or small)
        and not (before.isdecimal() and not _is_set_apart(reading, word))
        and before not in _TITLES
        and touching[:1] in {" ", ")", ".", ",", "\n", ":"}
    )


def _is_set_apart(reading: Reading, word: int) -> bool:
    """From a number before it, which is an item or a date: `4. R hip`, `15/2 R knee`."""
    if reading.gap(word).strip()[:1] in _AFTER_A_NUMBER:
        return True
    return word > 1 and reading.gap(word - 1) == "/" and reading.words[word - 2].isdecimal()
