"""What speaks against automating an episode, whatever the confidence: read from its text and prediction."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from data.episodes import DocumentKind, Episode, Evidence, NotCodedReason
from data.gate import Stratum, Wording, WordingKind
from data.standards import Severity
from models.gate.identifiers import disagree
from models.prediction import Prediction, SuggestedLine
from models.reasons import Reason

_LANGUAGE = "en"
"""The warning words are English: of another language the gate knows too little."""
_REFUSED = re.compile(r"\b(?:no|not|without|nil|never)(?:\s+\w+)?\s+$")
_BETWEEN = r"[\s-]+"
_REACH = 30
"""Code points before a phrase in which a negation is looked for."""


class Signs:
    """Finds the reasons that are said of the episode itself. Immutable; threads may share it."""

    def __init__(self, wording: Sequence[Wording]) -> None:
        self.wording = tuple(wording)

    def reasons(self, episode: Episode, prediction: Prediction, stratum: Stratum) -> Iterator[Reason]:
        if not any(document.text.strip() for document in episode.documents):
            yield Reason.NO_TEXT
        if not stratum.automatic:
            yield Reason.UNKNOWN_STRATUM
        if episode.language != _LANGUAGE:
            yield Reason.UNKNOWN_LANGUAGE
        if episode.end is None or not prediction.tables:
            yield Reason.UNKNOWN_TABLES
        yield from _of_prediction(episode, prediction)
        yield from self._of_texts(episode, prediction)

    def _of_texts(self, episode: Episode, prediction: Prediction) -> Iterator[Reason]:
        said = {kind for document in episode.documents for kind in self._said(document.text)}
        biopsied = any("biopsy" in line.title.lower() for line in suggested(prediction.procedures))
        histology = any(document.kind is DocumentKind.HISTOLOGY for document in episode.documents)
        if (biopsied or said & {WordingKind.TISSUE, WordingKind.AWAITED}) and not histology:
            yield Reason.HISTOLOGY_MISSING
        if WordingKind.SPELL in said:
            yield Reason.SPELL_TEXT
        if WordingKind.PRELIMINARY in said:
            yield Reason.PRELIMINARY
        if disagree(episode.documents):
            yield Reason.IDENTIFIERS_DISAGREE

    def _said(self, text: str) -> set[WordingKind]:
        lowered = text.lower()
        stems = [stem for stem in self._phrases if stem in lowered]
        return {kind for stem in stems for kind, phrase in self._phrases[stem] if _stands(phrase, lowered)}

    @cached_property
    def _phrases(self) -> dict[str, list[tuple[WordingKind, re.Pattern[str]]]]:
        """By the longest piece of a phrase: most texts hold none of these, and that is soon seen."""
        found: dict[str, list[tuple[WordingKind, re.Pattern[str]]]] = {}
        for one in self.wording:
            words = [re.escape(word).replace(r"\*", r"\w*") for word in one.phrase.split()]
            stem = max((word.rstrip("*") for word in one.phrase.split()), key=len)
            found.setdefault(stem, []).append((one.kind, re.compile(_BETWEEN.join(words) + r"\b")))
        return found


def _stands(phrase: re.Pattern[str], text: str) -> bool:
    """Not within a word, and not refused. (Patterns that begin with a letter are found ten times as fast.)"""
    starts = (found.start() for found in phrase.finditer(text))
    return any(
        not text[start - 1 : start].isalnum() and not _REFUSED.search(text[max(0, start - _REACH) : start])
        for start in starts
    )


def _of_prediction(episode: Episode, prediction: Prediction) -> Iterator[Reason]:
    lines = [*suggested(prediction.diagnoses), *suggested(prediction.procedures)]
    if not suggested(prediction.diagnoses):
        yield Reason.NO_PRIMARY
    if any(not _located(line, episode) for line in lines):
        yield Reason.NO_EVIDENCE
    queried = [one.evidence for one in prediction.not_coded if one.reason is NotCodedReason.QUERIED]
    if any(line.evidence and all(_within(item, queried) for item in line.evidence) for line in lines):
        yield Reason.QUERIED_SUPPORT
    if any(one.severity is Severity.ERROR for one in prediction.findings):
        yield Reason.ERROR_FINDING


def _located(line: SuggestedLine, episode: Episode) -> bool:
    """Every word that the line rests on stands where it is said to."""
    return bool(line.evidence) and all(
        item.document < len(episode.documents)
        and episode.documents[item.document].text[item.start : item.end] == item.text
        and item.end > item.start
        for item in line.evidence
    )


def _within(item: Evidence, queried: Sequence[Evidence]) -> bool:
    return any(
        item.document == one.document and item.start < one.end and one.start < item.end for one in queried
    )


def suggested(lines: Iterable[SuggestedLine]) -> tuple[SuggestedLine, ...]:
    return tuple(line for line in lines if line.suggested)
