"""The folding under which phrases are compared: variants of one wording become one string."""

import re
import unicodedata

_APOSTROPHES = re.compile("['\u2018\u2019\u201b\u2032\u02bc\u00b4`]")
_PUNCTUATION = re.compile(r"[^\w#+&]|_")
"""What separates words. `#` (fracture), `+` and `&` (and) are words themselves."""
_NO_DECOMPOSITION = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ß": "ss"})


def fold_phrase(phrase: str) -> str:
    """Lower case, no accents, no apostrophes, punctuation as single spaces.

    >>> fold_phrase("Non-Hodgkin’s  lymphoma")
    'non hodgkins lymphoma'
    >>> fold_phrase("# NOF (left)")
    '# nof left'
    """
    lowered = _APOSTROPHES.sub("", phrase).lower()
    plain = lowered if lowered.isascii() else _without_accents(lowered)
    return " ".join(_PUNCTUATION.sub(" ", plain).split())


def _without_accents(lowered: str) -> str:
    decomposed = unicodedata.normalize("NFKD", lowered)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return plain.translate(_NO_DECOMPOSITION)
