"""Words of a text, normalised so that variants of one word meet.

The same normalising is applied to the phrases that are looked for, so it need not be linguistically
right, only consistent: plural and singular, British and American spelling, `Parkinson's` and `Parkinsons`
become one; so do double and single consonants of long words, where most are misspelt (`celulitis`,
`haemorrage`); letters and digits that touch are two words (`T2DM` and `T 2 DM` are one).
"""

import re
from bisect import bisect_left
from itertools import accumulate

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[+-]ve\b|[#?&+]")
_PARTS = re.compile(f"({_TOKEN.pattern})")
"""Splits a text into what stands between tokens, and the tokens: half the time of a match object for each."""
_SECONDARY = re.compile(r"(?<!\d)2(?=['\u00b0] to\b)")
"""`CKD 2' to hypertension`: of no stage."""
_SYMBOLS = {"&": "and", "+": "and", "+ve": "positive", "-ve": "negative"}
_UNKNOWN = "~"
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1|(?<=r)h")
_INFLAMED = re.compile(r"(?<=[tlrgh])its\Z")
_MAY_BE_INFLAMED = 8
"""Letters: `gastrits`, `bronchiolits` lost one, `visits` none."""
_MAY_BE_MISSPELT = 6
"""Letters: of shorter words the doubled one often makes another word (`ball`, `bal`)."""
_LONGEST_WORD = 40
_REMEMBERED_WORDS = 100_000
_IRREGULAR = {
    "metastases": "metastasis", "metastatic": "metastatic", "vertebrae": "vertebra", "ova": "ovum",
    "bronchi": "bronchus", "emboli": "embolus", "thrombi": "thrombus", "calculi": "calculus",
    "fistulae": "fistula", "bullae": "bulla", "septa": "septum", "varices": "varix", "cervices": "cervix",
    "feet": "foot", "teeth": "tooth", "women": "woman", "men": "man", "children": "child",
    "does": "does", "goes": "goes", "shoes": "shoe", "toes": "toe",
}  # fmt: skip
FILLERS = frozenset(
    [
        "the",
        "a",
        "an",
        "his",
        "her",
        "their",
        "this",
        "left",
        "right",
        "both",
        "bilateral",
        "lt",
        "rt",
        "l",
        "r",
        "mild",
        "moderate",
        "severe",
        "small",
        "large",
        "marked",
        "significant",
        "extensive",
    ]
)
"""Words that may stand inside a phrase without changing it: `fracture of the left hip`."""
_remembered: dict[str, str] = {}


def normal_word(token: str) -> str:
    """The form under which a folded token is compared."""
    known = _remembered.get(token)
    if known is not None:
        return known
    if len(token) > _LONGEST_WORD:
        return _UNKNOWN
    normal = _normalise(token)
    if len(_remembered) < _REMEMBERED_WORDS:
        _remembered[token] = normal
    return normal


def _normalise(token: str) -> str:
    if token in _SYMBOLS:
        return _SYMBOLS[token]
    word = token.replace("'", "")
    if len(word) <= 3:
        return word
    if len(word) >= _MAY_BE_INFLAMED:
        word = _INFLAMED.sub("itis", word)
    return _one_spelling(_singular(word))


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("oses", "tases", "lyses", "ureses")) and len(word) > 6:
        return word[:-2] + "is"
    if word.endswith(("sses", "ches", "shes", "xes", "uses")):
        return word[:-2]
    return word[:-1]


def _one_spelling(word: str) -> str:
    word = word.replace("ae", "e").replace("oe", "e")
    if word.endswith("our") and len(word) > 5:
        word = word[:-3] + "or"
    word = word.replace("isation", "ization").replace("ise", "ize")
    return _DOUBLED.sub(r"\1", word) if len(word) >= _MAY_BE_MISSPELT else word


def first_word(folded: str) -> str:
    """The first of `normal_words`; empty where there is none."""
    match = _TOKEN.search(folded)
    return normal_word(match[0]) if match else ""


def normal_words(folded: str) -> list[str]:
    return [normal_word(token) for token in _TOKEN.findall(folded)]


def find_words(folded: str) -> tuple[list[str], list[int], list[int]]:
    """The normalised words of a folded text, where each starts and where each ends."""
    parts = _PARTS.split(folded)
    known = _remembered.get
    words = [known(token) or normal_word(token) for token in parts[1::2]]
    bounds = list(accumulate(map(len, parts)))
    starts, ends = bounds[:-1:2], bounds[1::2]
    for found in _SECONDARY.finditer(folded):
        words[bisect_left(starts, found.start())] = "secondary"
    return words, starts, ends
