"""What was learned of phrases and codes, as counts that a person can read. No patient text but the phrases.

For each role: phrases that justified codes, how many training documents hold each of them and how many of
these were given the code; how often each word stood inside evidence; how words of the text relate to words
of the titles of codes; how often each code was given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from data.episodes import Role
from models.lexicon.order import Order

_MOST_PHRASES = 2_000_000


class Reach(NamedTuple):
    """In how many training documents a phrase stood, and in how many of them each code was given."""

    held: int
    both: Mapping[str, int]

    def share(self, code: str, hits: float = 0.3, misses: float = 0.3) -> float:
        """How often the code was given where the phrase stood, smoothed."""
        return (self.both.get(code, 0) + hits) / (self.held + hits + misses)


@dataclass(frozen=True, slots=True)
class Phrase:
    words: tuple[str, ...]
    """Distinct stems in alphabetical order."""
    codes: tuple[str, ...]
    """Those that it has justified."""
    tight: Reach
    """Its words side by side, in any order."""
    longest: Reach
    """Side by side, and not inside a longer phrase."""
    loose: Reach
    """In one statement, other words between them."""


@dataclass(frozen=True)
class RoleLexicon:
    """What was learned for one role."""

    documents: int
    phrases: tuple[Phrase, ...]
    given: Mapping[str, int]
    """Code: training documents that were given it."""
    stops: frozenset[str]
    words: Mapping[str, tuple[int, int]]
    """Word: how often it stood in the text, and how often inside evidence."""
    endings: Mapping[str, tuple[int, int]]
    """The same for endings of words: for words never seen."""
    translations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Word of the text: words of titles, and how surely it stands for them."""
    wide: bool = True
    """Look beyond the phrases as they were seen: gaps, similar words, descriptions of codes."""
    order: Order | None = None
    """What descriptions propose is ordered by it, and titles are looked for wherever their words stand; a
    wide lexicon from before there were orders has none, and proposes what it always did."""

    @cached_property
    def categories(self) -> Mapping[str, int]:
        """Category: how often its codes were given."""
        counts: dict[str, int] = {}
        for code, given in self.given.items():
            counts[code[:3]] = counts.get(code[:3], 0) + given
        return counts

    @cached_property
    def _inside(self) -> float:
        """How often any word stands inside evidence."""
        stood = sum(found for found, _ in self.words.values())
        return sum(inside for _, inside in self.words.values()) / max(stood, 1)

    def telling(self, word: str) -> float:
        """How often the word, or words that end like it, stood inside evidence."""
        share = self._inside
        for length in ENDINGS:
            if len(word) > length:
                stood, inside = self.endings.get(word[-length:], (0, 0))
                share = (inside + 3 * share) / (stood + 3)
        stood, inside = self.words.get(word, (0, 0))
        return (inside + 2 * share) / (stood + 2)


ENDINGS = (3, 4, 5)
"""Lengths of the endings that are counted."""


@dataclass(frozen=True)
class Lexicon:
    roles: Mapping[Role, RoleLexicon] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(of_role.phrases for of_role in self.roles.values())

    def to_json(self) -> dict[str, Any]:
        return {"roles": {role.value: _role_json(self.roles[role]) for role in Role if role in self.roles}}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Lexicon":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        return cls({Role(role): _role_lexicon(found) for role, found in written["roles"].items()})


def _role_json(lexicon: RoleLexicon) -> dict[str, Any]:
    return {
        "order": lexicon.order.to_json() if lexicon.order else None,
        "documents": lexicon.documents,
        "wide": lexicon.wide,
        "stops": sorted(lexicon.stops),
        "given": dict(lexicon.given),
        "words": {word: list(counts) for word, counts in lexicon.words.items()},
        "endings": {ending: list(counts) for ending, counts in lexicon.endings.items()},
        "translations": {word: dict(found) for word, found in lexicon.translations.items()},
        "phrases": [_phrase_row(phrase) for phrase in lexicon.phrases],
    }


def _role_lexicon(written: Mapping[str, Any]) -> RoleLexicon:
    if len(written["phrases"]) > _MOST_PHRASES:
        raise ValueError("more phrases than any corpus teaches")
    return RoleLexicon(
        documents=int(written["documents"]),
        phrases=tuple(_phrase(row) for row in written["phrases"]),
        given={str(code): int(count) for code, count in written["given"].items()},
        stops=frozenset(map(str, written["stops"])),
        words={str(word): _pair(counts) for word, counts in written["words"].items()},
        endings={str(ending): _pair(counts) for ending, counts in written["endings"].items()},
        translations={
            str(word): {str(other): float(weight) for other, weight in found.items()}
            for word, found in written["translations"].items()
        },
        wide=bool(written["wide"]),
        order=Order.from_json(written["order"]) if written.get("order") else None,
    )


def _pair(counts: Sequence[Any]) -> tuple[int, int]:
    stood, inside = counts
    return int(stood), int(inside)


def _phrase_row(phrase: Phrase) -> list[Any]:
    """`["abdominal dolor", 41, 35, 3, [["R109", 30, 28, 2]]]`: documents that hold it tight, longest, loose;
    for each code in how many of them it was given."""
    counts = [
        [code, *(reach.both.get(code, 0) for reach in (phrase.tight, phrase.longest, phrase.loose))]
        for code in phrase.codes
    ]
    return [" ".join(phrase.words), phrase.tight.held, phrase.longest.held, phrase.loose.held, counts]


def _phrase(row: Sequence[Any]) -> Phrase:
    words, *held, counts = row
    codes = tuple(str(count[0]) for count in counts)
    tight, longest, loose = (
        Reach(int(held[place]), {str(count[0]): int(count[place + 1]) for count in counts})
        for place in range(3)
    )
    return Phrase(tuple(str(words).split(" ")), codes, tight, longest, loose)
