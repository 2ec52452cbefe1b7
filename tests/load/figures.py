"""What a bench measured, and the table that shows it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    bench: str
    what: str
    value: str


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds."""
    ordered = sorted(seconds)
    return {name: 1000 * ordered[int(share * (len(ordered) - 1))] for name, share in _SHARES.items()}


_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def timings(bench: str, seconds: Sequence[float]) -> list[Figure]:
    return [Figure(bench, name, f"{value:.1f} ms") for name, value in quantiles(seconds).items()]


def table(figures: Sequence[Figure]) -> str:
    widths = (max(len(f.bench) for f in figures), max(len(f.what) for f in figures))
    return "\n".join(f"{f.bench:<{widths[0]}}  {f.what:<{widths[1]}}  {f.value:>14}" for f in figures)
