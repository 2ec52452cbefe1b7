"""Exact binomial bounds on an error rate, and the threshold that keeps one.

Clopper and Pearson (1934) for intervals. For thresholds Learn then Test (Angelopoulos, Bates, Candès, Jordan
and Lei, 2021, arXiv:2110.01052) with fixed-sequence testing: thresholds are tried from the safest down, each
by the exact p-value of "the error is above the limit", until one is not rejected. Under exchangeable cases
the error of what the last one lets through is below the limit with the stated confidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

LEAST_CASES = 59
"""With fewer, even no error at all leaves 5 % open at 95 % confidence."""
GRID = tuple(round(step / 100, 2) for step in range(99, 0, -1))
"""The thresholds that are tried, fixed before any case is looked at."""
_STEPS = 60


def p_value(errors: int, cases: int, limit: float) -> float:
    """How likely so few errors are where the true share is `limit`: P(Binomial(cases, limit) <= errors)."""
    if cases == 0 or errors >= cases or limit <= 0:
        return 1.0
    if limit >= 1:
        return 0.0
    return min(1.0, sum(_point(count, cases, limit) for count in range(errors + 1)))


def _point(count: int, cases: int, share: float) -> float:
    ways = lgamma(cases + 1) - lgamma(count + 1) - lgamma(cases - count + 1)
    return exp(ways + count * log(share) + (cases - count) * log1p(-share))


def most_error(errors: int, cases: int, confidence: float = 0.95) -> float:
    """The exact one-sided upper bound of the error share; 1 where nothing was seen."""
    if errors >= cases:
        return 1.0
    low, high = errors / cases, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if p_value(errors, cases, middle) > 1 - confidence else (low, middle)
    return high


def interval(errors: int, cases: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact two-sided interval of the error share."""
    each_side = (1 + confidence) / 2
    lowest = 1 - most_error(cases - errors, cases, each_side) if errors else 0.0
    return lowest, most_error(errors, cases, each_side)


def cases_needed(errors: int, limit: float, confidence: float = 0.95) -> int:
    """The fewest cases that, with so many errors among them, show the share to be at most `limit`."""
    cases = errors + 1
    while p_value(errors, cases, limit) > 1 - confidence:
        cases += 1
    return cases


def supports(errors: int, cases: int, limit: float, confidence: float) -> bool:
    """Whether these cases show that the error is at most `limit`."""
    return cases >= LEAST_CASES and p_value(errors, cases, limit) <= 1 - confidence


@dataclass(frozen=True, slots=True)
class Threshold:
    """From `value` up the error is at most `limit`, as far as these cases go."""

    value: float
    limit: float
    cases: int
    errors: int
    bound: float
    """Exact upper bound of the error at the stated confidence."""


def safest_threshold(
    scored: Sequence[tuple[float, bool]], limit: float, confidence: float = 0.95
) -> Threshold | None:
    """The lowest threshold that holds the limit, found from the safest one down; None where none does.

    Where the sequence begins depends on how many cases there are, never on whether they were right.

    Args:
        scored: confidence of each case, and whether it was right.
    """
    found: Threshold | None = None
    for value in GRID:
        above = [right for score, right in scored if score >= value]
        if len(above) < LEAST_CASES or (found is not None and len(above) == found.cases):
            continue  # the same cases as before allow nothing lower
        errors = above.count(False)
        if not supports(errors, len(above), limit, confidence):
            break
        found = Threshold(value, limit, len(above), errors, most_error(errors, len(above), confidence))
    return found
