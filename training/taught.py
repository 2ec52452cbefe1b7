"""Coded episodes as a lexicon is learned from them: words, codes, and which words justify which code."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from data.episodes import CodedEpisode, CodedLine, Role
from models.lexicon.words import stems
from models.text import HeadingIndex, Reading, read_text


@dataclass(frozen=True, slots=True)
class Support:
    """Words of one document that justify a code."""

    code: str
    document: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Taught:
    """An episode as the lexicon is learned from it, for one role."""

    readings: tuple[Reading, ...]
    stems: tuple[tuple[str, ...], ...]
    codes: frozenset[str]
    supports: tuple[Support, ...]

    def words(self, support: Support) -> list[str]:
        return [self.stems[support.document][place] for place in support.places]


def taught_episodes(
    episodes: Iterable[CodedEpisode], headings: HeadingIndex
) -> tuple[Mapping[Role, Taught], ...]:
    """Each episode read once, whatever number of lexica is learned from it."""
    return tuple(_taught(episode, headings) for episode in episodes)


def _taught(gold: CodedEpisode, headings: HeadingIndex) -> dict[Role, Taught]:
    readings = tuple(read_text(document.text, headings) for document in gold.episode.documents)
    words = tuple(tuple(stems(reading.words)) for reading in readings)
    lines = {Role.DIAGNOSIS: gold.diagnoses, Role.PROCEDURE: gold.procedures}
    return {
        role: Taught(
            readings,
            words,
            frozenset(line.code for line in of_role),
            tuple(support for line in of_role for support in _supports(line, readings)),
        )
        for role, of_role in lines.items()
    }


def _supports(line: CodedLine, readings: Sequence[Reading]) -> Iterable[Support]:
    """One for each mention: its items together."""
    places: dict[tuple[int, int], set[int]] = defaultdict(set)
    for number, item in enumerate(line.evidence):
        mention = item.mention if item.mention is not None else -1 - number
        places[item.document, mention].update(_words_within(readings[item.document], item.start, item.end))
    return [
        Support(line.code, document, tuple(sorted(found))) for (document, _), found in places.items() if found
    ]


def _words_within(reading: Reading, start: int, end: int) -> Iterable[int]:
    spans = [reading.span(word, word) for word in range(len(reading.words))]
    word = bisect_right([last for _, last in spans], start)
    while word < len(spans) and spans[word][0] < end:
        yield word
        word += 1
