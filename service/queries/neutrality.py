"""Whether a question to a clinician is neutral: it asks what was meant, and gives no answer away.

A query asks about documentation and never suggests a diagnosis (the non-leading query of clinical coding).
What is checked: codes, conditions that the documents do not name, leading words, talk of money, and questions
that can only be answered yes or no.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from data.terms import fold_phrase, read_terms

OTHER = "Other (please say)"
UNABLE = "Unable to determine"
_ALWAYS = (OTHER, UNABLE)

_MOST_WORDS = 7
"""Words of the longest phrase that is looked up."""
_CODE = re.compile(r"\b[A-Z][0-9]{2}(?:\.?[0-9X])?\b")
_LEADING = re.compile(
    r"\b(agree|agreed|confirm|should|surely|obviously|clearly|presumably|likely|please document|can we code"
    r"|could we code|may we code|is it correct|isn.t it|wasn.t it|don.t you|would you say|do you think)\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"\b(tariff|payment|income|HRG|price|funding|reimburse\w*)\b", re.IGNORECASE)
_YES_OR_NO = re.compile(
    r"(?:^|[.!?]\s+)(is|was|are|were|did|does|do|has|had|have|will|would)\b", re.IGNORECASE
)


class Doubt(StrEnum):
    CODE = "code"
    CONDITION = "condition"
    LEADING = "leading"
    MONEY = "money"
    YES_OR_NO = "yes_or_no"


@dataclass(frozen=True, slots=True)
class Concern:
    """Something in the wording that a clinician could be led by."""

    doubt: Doubt
    words: str
    """The words of the question that it is about."""


@dataclass(frozen=True, slots=True)
class Template:
    """A question that leads nowhere, with answers to choose from."""

    name: str
    label: str
    question: str
    options: tuple[str, ...] = ()


TEMPLATES = (
    Template("meaning", "What the words mean", "What do the words shown mean for this episode?"),
    Template(
        "condition",
        "What was treated",
        "Which condition, where there was one, was investigated or treated when these words were written?",
    ),
    Template(
        "certainty",
        "How certain it became",
        "How certain had what the words describe become by the end of this episode?",
        ("Established", "Probable, and treated as such", "Considered, and not established", "Ruled out"),
    ),
    Template(
        "detail",
        "Type, site, side or stage",
        "What type, site, side or stage of what the words describe can be stated?",
    ),
    Template("cause", "The cause", "What was the cause of what the words describe, where one is known?"),
    Template(
        "relation",
        "How it relates to the treatment",
        "How does what the words describe relate to the treatment that was given?",
        ("It came from the treatment", "It is expected after the treatment", "It has nothing to do with it"),
    ),
    Template(
        "relevance",
        "What it meant for this episode",
        "What part did the finding shown play in this episode?",
        ("It was investigated or treated; the condition is stated below", "It was noted and needed nothing"),
    ),
)


def with_fixed_options(options: Iterable[str]) -> list[str]:
    """The answers to choose from: there is always another one, and always none."""
    fixed = {option.casefold() for option in _ALWAYS}
    own = [option for option in dict.fromkeys(options) if option.casefold() not in fixed]
    return [*own, *_ALWAYS]


def concerns(question: str, options: Sequence[str], documents: Iterable[str]) -> list[Concern]:
    """What could lead the clinician.

    Args:
        documents: texts of the episode.
    """
    texts = tuple(documents)
    found = [*_worded(question), *_unnamed(" . ".join((question, *options)), texts)]
    codes = (match[0] for asked in (question, *options) for match in _CODE.finditer(asked))
    found += [Concern(Doubt.CODE, code) for code in codes if not any(code in text for text in texts)]
    return list(dict.fromkeys(found))


def _worded(question: str) -> Iterator[Concern]:
    for doubt, pattern in ((Doubt.LEADING, _LEADING), (Doubt.MONEY, _MONEY), (Doubt.YES_OR_NO, _YES_OR_NO)):
        yield from (Concern(doubt, match[1]) for match in pattern.finditer(question))


def _unnamed(asked: str, documents: Iterable[str]) -> Iterator[Concern]:
    """Conditions that the question names and no document does, by none of their names."""
    named = {phrase: categories for phrase, categories in _named(asked).items() if phrase not in _words()}
    if not named:
        return
    texts = [f" {fold_phrase(text)} " for text in documents]
    known = {category for text in texts for categories in _named(text).values() for category in categories}
    for phrase, categories in named.items():
        if categories.isdisjoint(known) and not any(f" {phrase} " in text for text in texts):
            yield Concern(Doubt.CONDITION, phrase)


def _named(text: str) -> dict[str, frozenset[str]]:
    """The longest phrases of the text that name a condition, with the categories that each may mean."""
    vocabulary, words = _vocabulary(), fold_phrase(text).split()
    found, place = {}, 0
    while place < len(words):
        phrase = _longest(vocabulary, words[place : place + _MOST_WORDS])
        if phrase:
            found[phrase] = vocabulary[phrase]
        place += phrase.count(" ") + 1
    return found


def _longest(vocabulary: Mapping[str, frozenset[str]], words: Sequence[str]) -> str:
    phrases = (" ".join(words[:length]) for length in range(len(words), 0, -1))
    return next((phrase for phrase in phrases if phrase in vocabulary), "")


@cache
def _vocabulary() -> Mapping[str, frozenset[str]]:
    """Folded phrases of clinicians, each with the ICD-10 categories that it leads to."""
    meanings: dict[str, set[str]] = {}
    for term in read_terms("icd10"):
        phrase = fold_phrase(term.phrase)
        if phrase.count(" ") < _MOST_WORDS and not term.needs:
            meanings.setdefault(phrase, set()).add(term.code[:3])
    return {phrase: frozenset(categories) for phrase, categories in meanings.items()}


@cache
def _words() -> frozenset[str]:
    """Abbreviations that are also words, when they are folded: `ALL`, `MS`."""
    return frozenset(fold_phrase(term.phrase) for term in read_terms("icd10") if term.exact_case)


def warm() -> None:
    """Reads the vocabulary: not while a coder waits for it."""
    _vocabulary()
