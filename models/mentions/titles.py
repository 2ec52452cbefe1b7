"""Phrases that clinicians may write, derived from the titles of a classification.

Only where the result is plausible and leads to one code: residual titles ("Other specified ..."),
combinations and external causes are left out, qualifiers such as "unspecified" are dropped.
"""

import re
from collections.abc import Iterator

from data.classifications import Classification, Entry
from models.text import normal_words

_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_QUALIFIER = re.compile(
    r",? (?:unspecified|not elsewhere classified|not otherwise specified|nec|nos"
    r"|without mention of .*|without complications?|of unspecified (?:site|organ|cause|origin)"
    r"|unspecified (?:as to|whether) .*|uncomplicated)\Z"
)
_LEADING = re.compile(r"\A(?:unspecified|primary) ")
_RESIDUAL = re.compile(
    r"\b(?:other|others|elsewhere|classified|classifiable|certain|specified|unspecified|involving|mention"
    r"|following|multiple|whether|except|and/or|not)\b|[:;/*]"
)
_CONNECTED = re.compile(r"\b(?:and|or|by|as|for)\b")
_STOP_WORDS = frozenset(
    [
        "death",
        "accident",
        "examination",
        "observation",
        "isolation",
        "care",
        "walking",
        "reaction",
        "counselling",
        "problem",
        "symptom",
        "surgery",
        "finding",
        "disease",
        "disorder",
        "syndrome",
        "injury",
        "pain",
        "fever",
        "lesion",
        "anomaly",
        "delivery",
        "pregnancy",
        "infection",
        "complication",
        "assault",
        "exposure",
        "contact",
        "fracture",
        "operation",
        "rehabilitation",
        "weakness",
    ]
)
_EXTERNAL_CAUSES = frozenset("VWXY")
_MOST_WORDS = 8
_SHORTEST_WORD = 7


def title_phrases(classification: Classification) -> tuple[tuple[str, str], ...]:
    """Phrase and code, sorted by code; a phrase that would lead to two codes leads to none."""
    codes: dict[str, set[str]] = {}
    phrases: dict[str, str] = {}
    for entry in classification.assignable():
        for phrase in _phrases(entry, classification.parent(entry.code)):
            key = " ".join(normal_words(phrase))
            codes.setdefault(key, set()).add(entry.code)
            phrases.setdefault(key, phrase)
    unambiguous = ((phrases[key], min(found)) for key, found in codes.items() if len(found) == 1)
    return tuple(sorted(unambiguous, key=lambda pair: (pair[1], pair[0])))


def _phrases(entry: Entry, parent: Entry | None) -> Iterator[str]:
    if not entry.title or entry.code[0] in _EXTERNAL_CAUSES:
        return
    titles = [entry.title]
    if parent is not None and _is_unspecified(entry):
        titles.append(parent.title)
    for title in titles:
        phrase = _plain(title)
        if _is_plausible(phrase):
            yield phrase


def _is_unspecified(entry: Entry) -> bool:
    title = entry.title.lower()
    return entry.code.endswith("9") and title.endswith(("unspecified", "without complications"))


def _plain(title: str) -> str:
    phrase = _BRACKETS.sub("", title.lower()).strip()
    previous = ""
    while phrase != previous:
        previous, phrase = phrase, _QUALIFIER.sub("", phrase)
    return _uninverted(_LEADING.sub("", phrase))


def _uninverted(phrase: str) -> str:
    """`hernia, incisional` as it is said: `incisional hernia`."""
    head, comma, qualifier = phrase.partition(", ")
    if not comma or "," in qualifier or len(qualifier.split()) > 2:
        return phrase
    return f"{qualifier} {head}"


def _is_plausible(phrase: str) -> bool:
    if not phrase or "," in phrase or _RESIDUAL.search(phrase) or _CONNECTED.search(phrase):
        return False
    words = phrase.split()
    if len(words) == 1:
        return len(phrase) >= _SHORTEST_WORD and phrase.rstrip("s") not in _STOP_WORDS
    return len(words) <= _MOST_WORDS
