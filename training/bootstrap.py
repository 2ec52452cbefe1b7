"""Confidence intervals of the headline figures: patients are drawn again and again, with replacement.

Patients, not episodes: two episodes of one patient tell less than two of two.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.metrics import HEADLINES, Scored

Interval = tuple[float, float]
Sums = NDArray[np.float64]


def confidence_intervals(
    episodes: Sequence[Scored], *, seed: int, draws: int = 1000, level: float = 0.95
) -> dict[str, Interval | None]:
    patients = sorted({episode.patient for episode in episodes})
    weights = draw_weights(len(patients), draws, seed)
    return {name: _interval(weights @ _patient_sums(name, episodes, patients), level) for name in HEADLINES}


def draw_weights(patients: int, draws: int, seed: int) -> Sums:
    """How often each draw holds each patient: draws x patients."""
    if not patients:
        return np.zeros((draws, 0))
    random = np.random.default_rng(seed)
    return random.multinomial(patients, np.full(patients, 1 / patients), size=draws).astype(np.float64)


def _patient_sums(name: str, episodes: Sequence[Scored], patients: Sequence[str]) -> Sums:
    """Numerator and denominator of a figure for each patient: patients x 2."""
    place = {patient: index for index, patient in enumerate(patients)}
    sums = np.zeros((len(patients), 2))
    for episode in episodes:
        sums[place[episode.patient]] += HEADLINES[name](episode)
    return sums


def _interval(sums: Sums, level: float) -> Interval | None:
    """The middle share of the draws that had something to measure."""
    measured = sums[sums[:, 1] > 0]
    if not len(measured):
        return None
    values = measured[:, 0] / measured[:, 1]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
