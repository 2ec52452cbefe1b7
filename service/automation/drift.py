"""Whether the confidences of a stratum still look as they did when its bound was shown.

The population stability index over fifths of the reference: sum((now - then) * ln(now / then)). Were nothing
changed, it would be about chi-square over its sample sizes (Yurdakul and Naranjo, 2020), so the alarm knows
how many episodes it saw: by chance it goes off once in a thousand looks. It looks once in every WINDOW
episodes. It watches confidences only: a change that leaves them alone is for the blind audits to find.
"""

from bisect import bisect_right
from collections.abc import Sequence
from math import log
from typing import Any

WINDOW = 100
"""Episodes that are looked at together."""
MOST_REFERENCE = 1000
_BINS = 5
_CHI_SQUARE = 18.467
"""Its 99.9 % point with four degrees of freedom."""


def reference_of(confidences: Sequence[float]) -> dict[str, Any]:
    """What is kept of the confidences when a stratum opens: the edges of fifths, and how many lie in each."""
    ordered = sorted(confidences)
    fifths = (ordered[len(ordered) * step // _BINS] for step in range(1, _BINS)) if ordered else ()
    edges = sorted(set(fifths))
    return {"edges": edges, "counts": _counts(edges, confidences)}


def has_drifted(reference: dict[str, Any], confidences: Sequence[float]) -> bool:
    counts = _counts(reference["edges"], confidences)
    then: list[int] = reference["counts"]
    by_chance = _CHI_SQUARE * (1 / max(sum(then), 1) + 1 / max(len(confidences), 1))
    return stability_index(then, counts) > by_chance


def stability_index(then: Sequence[int], now: Sequence[int]) -> float:
    """Half an episode stands in an empty bin."""
    total_then, total_now = max(sum(then), 1), max(sum(now), 1)
    shares = [(max(a, 0.5) / total_then, max(b, 0.5) / total_now) for a, b in zip(then, now, strict=True)]
    return sum((b - a) * log(b / a) for a, b in shares)


def _counts(edges: Sequence[float], confidences: Sequence[float]) -> list[int]:
    counts = [0] * (len(edges) + 1)
    for one in confidences:
        counts[bisect_right(edges, one)] += 1
    return counts
