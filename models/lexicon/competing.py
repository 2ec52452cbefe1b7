"""Codes that compete for the same words: usually one of them is right, so each is told of the best other."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from models.lexicon.proposal import Proposal, Span

_NOTHING = 1e-6


class _Claim(NamedTuple):
    code: str
    strength: float
    """Zero to one: how much speaks for the code, before any ranker."""


Claims = Mapping[tuple[int, int], Sequence[_Claim]]
"""Document and word: the codes that rest on it."""


def compete(proposals: Mapping[str, Proposal], strengths: Mapping[str, float]) -> None:
    """Adds to each proposal what else its words may mean.

    Args:
        strengths: zero to one: how much speaks for each code, before any ranker.
    """
    spans = {code: one.best_spans() for code, one in proposals.items()}
    votes: dict[str, float] = defaultdict(float)
    claims: dict[tuple[int, int], list[_Claim]] = defaultdict(list)
    for code, one in proposals.items():
        votes[code[:3]] += one.get("votes")
        for word in {word for span in spans[code] for word in _words(span)}:
            claims[word].append(_Claim(code, strengths[code]))
    for code, one in proposals.items():
        one.set(category_votes=votes[code[:3]] - one.get("votes"))
        _add_rivals(one, strengths[code], [_rivals(code, span, claims) for span in spans[code]])


def _words(span: Span) -> Iterator[tuple[int, int]]:
    document, first, last = span
    return ((document, word) for word in range(first, last + 1))


def _rivals(code: str, span: Span, claims: Claims) -> dict[str, float]:
    """The other codes that rest on words of a span, and how much speaks for each."""
    return {
        claim.code: claim.strength for word in _words(span) for claim in claims[word] if claim.code != code
    }


def _add_rivals(one: Proposal, strength: float, at_places: Sequence[Mapping[str, float]]) -> None:
    """Args: the rivals at each place of the code, the most telling place first."""
    rivals = at_places[0] if at_places else {}
    best = max(rivals.values(), default=0.0)
    one.set(
        rivals=len(rivals),
        rivals_better=sum(other > strength for other in rivals.values()),
        rival=best,
        rival_behind=strength - best,
        rival_at_best_place=min((max(found.values(), default=0.0) for found in at_places), default=0.0),
        rival_share=strength / (strength + sum(rivals.values()) + _NOTHING),
        rival_of_category=_best_beginning(rivals, one.code[:3]),
        rival_of_chapter=_best_beginning(rivals, one.code[:1]),
    )


def _best_beginning(rivals: Mapping[str, float], beginning: str) -> float:
    return max((found for code, found in rivals.items() if code.startswith(beginning)), default=0.0)
