"""Whether a confidence means what it says: expected calibration error and Brier score.

Only codes with a confidence of at least 0.10 count: the many candidates near zero would make any model look
calibrated.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from training.metrics import Coding

FLOOR = 0.10
BINS = 10
_DRAWS = 400
_UNLUCKY = 95
"""Percent of draws."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A confidence, and whether the code was right."""

    confidence: float
    right: bool
    suggested: bool = True


@dataclass(frozen=True, slots=True)
class Bin:
    confidence: float
    """Mean of the bin."""
    right: float
    """Share of the bin."""
    count: int


def judge(codings: Iterable[Coding], floor: float = FLOOR) -> tuple[Judged, ...]:
    return tuple(
        judged for coding in codings for judged in _judge_lines(coding) if judged.confidence >= floor
    )


def _judge_lines(coding: Coding) -> Iterable[Judged]:
    """The second line of a code is right only where gold has it twice."""
    left: Counter[str] = coding.count(coding.gold)
    for line in sorted(coding.offered, key=lambda line: (not line.suggested, -line.confidence)):
        yield Judged(line.confidence, left[line.code] > 0, line.suggested)
        left[line.code] -= 1


def equal_width_bins(judged: Sequence[Judged], bins: int = BINS) -> tuple[Bin, ...]:
    """Bins [0, .1), [.1, .2) … [.9, 1], the empty ones left out."""
    members: dict[int, list[tuple[float, float]]] = {}
    for item in judged:
        place = min(int(item.confidence * bins), bins - 1)
        members.setdefault(place, []).append((item.confidence, float(item.right)))
    return tuple(_bin(members[place]) for place in sorted(members))


def equal_mass_bins(judged: Sequence[Judged], bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of as nearly as possible the same number of codes.

    Where an edge falls among equal confidences, each of them counts with the share that is right among them:
    which of them falls on which side means nothing.
    """
    ordered = [
        (confidence, sum(rights) / len(rights))
        for confidence, rights in sorted(_rights_by_confidence(judged).items())
        for _ in rights
    ]
    edges = [round(place * len(ordered) / bins) for place in range(bins + 1)]
    slices = (ordered[start:end] for start, end in pairwise(edges))
    return tuple(_bin(found) for found in slices if found)


def _rights_by_confidence(judged: Iterable[Judged]) -> dict[float, list[bool]]:
    rights: dict[float, list[bool]] = {}
    for item in judged:
        rights.setdefault(item.confidence, []).append(item.right)
    return rights


def _bin(members: Sequence[tuple[float, float]]) -> Bin:
    count = len(members)
    return Bin(
        sum(confidence for confidence, _ in members) / count, sum(r for _, r in members) / count, count
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Mean gap between confidence and share right, weighted by the size of the bins."""
    count = sum(found.count for found in bins)
    gap = sum(abs(found.confidence - found.right) * found.count for found in bins)
    return gap / count if count else None


def errors_by_chance(judged: Sequence[Judged]) -> tuple[float, float] | None:
    """The calibration error that these confidences show were each exactly as often right as it says.

    Mean and 95th percentile over draws (consistency resampling: Bröcker, Smith 2007, doi:10.1175/WAF993.1).
    Few codes show an error by chance alone: one below the second figure refutes nothing.
    """
    if not judged:
        return None
    confidences = np.array([item.confidence for item in judged])
    places = np.minimum((confidences * BINS).astype(int), BINS - 1)
    rights = np.random.default_rng(0).random((_DRAWS, len(judged))) < confidences
    excess = rights - confidences
    gaps = sum(np.abs(excess[:, places == place].sum(axis=1)) for place in range(BINS))
    errors = np.asarray(gaps) / len(judged)
    return float(errors.mean()), float(np.percentile(errors, _UNLUCKY))


def brier(judged: Sequence[Judged]) -> float | None:
    squares = sum((item.confidence - item.right) ** 2 for item in judged)
    return squares / len(judged) if judged else None


def calibration_figures(codings: Iterable[Coding]) -> dict[str, float | None]:
    """Of all codes from the floor up, and of those alone that were suggested."""
    judged = judge(codings)
    suggested = [item for item in judged if item.suggested]
    return {
        **_figures(judged),
        **{f"suggested_{name}": value for name, value in _figures(suggested).items()},
    }


def _figures(judged: Sequence[Judged]) -> dict[str, float | None]:
    by_chance, unlucky = errors_by_chance(judged) or (None, None)
    return {
        "ece": calibration_error(equal_width_bins(judged)),
        "ece_by_chance": by_chance,
        "ece_by_chance_95": unlucky,
        "ece_equal_mass": calibration_error(equal_mass_bins(judged)),
        "brier": brier(judged),
    }
