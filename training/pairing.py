"""Two models on the same episodes: how far one lies above the other, and how sure that is.

The same patients are drawn for both models (paired bootstrap), so that an episode which is hard for both does
not widen the interval of the difference.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.classifications import Classification
from data.episodes import Role
from training.bootstrap import draw_weights
from training.calibration import BINS, judge
from training.metrics import HEADLINES, Coding, Scored, tally_by

Sums = NDArray[np.float64]
Figure = dict[str, float | int | tuple[float, float] | None]
"""champion, challenger, difference (challenger above champion), interval_95 of the difference."""
ROLES = {Role.DIAGNOSIS: "diagnoses", Role.PROCEDURE: "procedures"}


@dataclass(frozen=True, slots=True)
class Pair:
    """The same episodes in the same order, as each of two models coded them."""

    champion: tuple[Scored, ...]
    challenger: tuple[Scored, ...]

    @property
    def patients(self) -> list[str]:
        return sorted({episode.patient for episode in self.champion})


class Pairing:
    """Figures of both models over one and the same draws of patients."""

    def __init__(self, pair: Pair, *, seed: int, draws: int) -> None:
        self._pair = pair
        patients = pair.patients
        self._place = {patient: place for place, patient in enumerate(patients)}
        self._weights = draw_weights(len(patients), draws, seed)

    def headlines(self) -> dict[str, Figure]:
        return {name: self._ratio(share) for name, share in HEADLINES.items()}

    def chapters(self, role: Role, table: Classification | None) -> dict[str, Figure]:
        """F1 of each chapter, with how many gold codes it has."""
        codings = [_coding(episode, role) for episode in self._pair.champion]
        gold = tally_by(codings, _chapter_of(table))
        return {
            chapter: {**self._ratio(_chapter_share(role, table, chapter)), "gold": tally.gold}
            for chapter, tally in sorted(gold.items())
        }

    def calibration(self) -> dict[str, Figure]:
        """Expected calibration error of all codes and of each role: the lower the better."""
        roles: dict[str, tuple[Role, ...]] = {"all": tuple(ROLES)}
        roles |= {name: (role,) for role, name in ROLES.items()}
        return {name: self._calibration_error(wanted) for name, wanted in roles.items()}

    def _ratio(self, share: Callable[[Scored], tuple[float, float]]) -> Figure:
        sums = [self._sums(episodes, share) for episodes in (self._pair.champion, self._pair.challenger)]
        champion, challenger = (
            (_shares(one.sum(axis=0)[None]), _shares(self._weights @ one)) for one in sums
        )
        return _figure(champion, challenger)

    def _sums(self, episodes: Iterable[Scored], share: Callable[[Scored], tuple[float, float]]) -> Sums:
        """Numerator and denominator of each patient."""
        sums = np.zeros((len(self._place), 2))
        for episode in episodes:
            sums[self._place[episode.patient]] += share(episode)
        return sums

    def _calibration_error(self, roles: Sequence[Role]) -> Figure:
        bins = [self._bins(episodes, roles) for episodes in (self._pair.champion, self._pair.challenger)]
        champion, challenger = (
            (_errors(one.sum(axis=0)[None]), _errors(np.tensordot(self._weights, one, axes=1)))
            for one in bins
        )
        return _figure(champion, challenger)

    def _bins(self, episodes: Iterable[Scored], roles: Sequence[Role]) -> Sums:
        """patients x bins x (confidence minus right, count)."""
        sums = np.zeros((len(self._place), BINS, 2))
        for episode in episodes:
            for judged in judge(_coding(episode, role) for role in roles):
                place = min(int(judged.confidence * BINS), BINS - 1)
                sums[self._place[episode.patient], place] += (judged.confidence - judged.right, 1.0)
        return sums


def _figure(champion: tuple[Sums, Sums], challenger: tuple[Sums, Sums]) -> Figure:
    """
    Args:
        champion: the value itself, and its value in each draw; NaN where there was nothing to measure.
    """
    before, after = float(champion[0][0]), float(challenger[0][0])
    drawn = challenger[1] - champion[1]
    drawn = drawn[~np.isnan(drawn)]
    missing = np.isnan(before) or np.isnan(after)
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (np.nan, np.nan)
    return {
        "champion": None if np.isnan(before) else before,
        "challenger": None if np.isnan(after) else after,
        "difference": None if missing else after - before,
        "interval_95": None if missing or np.isnan(low) else (float(low), float(high)),
    }


def _shares(sums: Sums) -> Sums:
    below = sums[:, 1]
    return np.where(below > 0, sums[:, 0] / np.where(below > 0, below, 1.0), np.nan)


def _errors(bins: Sums) -> Sums:
    """draws x bins x 2 to one expected calibration error a draw."""
    count = bins[:, :, 1].sum(axis=1)
    gap = np.abs(bins[:, :, 0]).sum(axis=1)
    return np.where(count > 0, gap / np.where(count > 0, count, 1.0), np.nan)


def _coding(episode: Scored, role: Role) -> Coding:
    return episode.diagnoses if role is Role.DIAGNOSIS else episode.procedures


def _chapter_of(table: Classification | None) -> Callable[[str], str]:
    def chapter(code: str) -> str:
        entry = table.get(code) if table else None
        return entry.chapter if entry else "not in the table"

    return chapter


def _chapter_share(
    role: Role, table: Classification | None, chapter: str
) -> Callable[[Scored], tuple[float, float]]:
    def share(episode: Scored) -> tuple[float, float]:
        tally = tally_by([_coding(episode, role)], _chapter_of(table)).get(chapter)
        return (2.0 * tally.right, float(tally.suggested + tally.gold)) if tally else (0.0, 0.0)

    return share


def support(chapters: Mapping[str, Figure], least: int) -> dict[str, Figure]:
    """The chapters with so many gold codes."""
    return {name: figure for name, figure in chapters.items() if _gold(figure) >= least}


def _gold(figure: Figure) -> int:
    gold = figure["gold"]
    return gold if isinstance(gold, int) else 0
