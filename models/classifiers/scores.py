"""What every document classifier answers: codes with probabilities and, on demand, the words behind them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.episodes import Episode, Evidence, Role
from models.kinds import ModelKind
from models.ranking.ranker import IDENTITY, Knots, check_knots

Floats = NDArray[np.float64]
LEAST_LIKELY = 1e-3
"""Codes less likely than this are not worth a line."""


@dataclass(frozen=True, slots=True)
class RoleScale:
    """From the scores of a role to probabilities.

    One scale for all codes of a role, since most of them have too few examples for one of their own:
    probability = calibration(sigmoid(slope * score + offset)).
    """

    slope: float = 1.0
    offset: float = 0.0
    knots: Knots = IDENTITY
    threshold: float = 0.5
    """Codes at least this likely are suggested."""

    def __post_init__(self) -> None:
        if not np.isfinite((self.slope, self.offset, self.threshold)).all() or self.slope <= 0:
            raise ValueError("slope, offset and threshold must be finite, and the slope positive")
        check_knots(self.knots)

    def probabilities(self, scores: Floats) -> Floats:
        raw = 1 / (1 + np.exp(-np.clip(self.slope * scores + self.offset, -50, 50)))
        knots = np.asarray(self.knots)
        probabilities: Floats = np.clip(np.interp(raw, knots[:, 0], knots[:, 1]), 0, 1)
        return probabilities

    def to_json(self) -> dict[str, Any]:
        return {
            "slope": self.slope,
            "offset": self.offset,
            "calibration": [list(knot) for knot in self.knots],
            "threshold": self.threshold,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "RoleScale":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        knots = tuple((float(raw), float(share)) for raw, share in written["calibration"])
        return cls(float(written["slope"]), float(written["offset"]), knots, float(written["threshold"]))


Scales = Mapping[Role, RoleScale]
Codes = Mapping[Role, tuple[str, ...]]
Locate = Callable[[Role, int], tuple[Evidence, ...]]
"""The words behind a code, which is named by its place among the codes of its role."""


@dataclass(frozen=True, slots=True)
class RawScores:
    """An episode's scores before calibration, in the order of the classifier's codes."""

    values: Mapping[Role, Floats]
    locate: Locate


@dataclass(frozen=True, slots=True)
class ScoredCode:
    code: str
    probability: float
    """Calibrated: 0.9 is right nine times in ten."""
    find: Callable[[], tuple[Evidence, ...]] = field(compare=False, repr=False)

    def evidence(self) -> tuple[Evidence, ...]:
        """The words that weighed most, the strongest first; worked out only when asked for."""
        return self.find()


class DocumentClassifier(Protocol):
    """Reads the documents of an episode as a whole. Immutable once made; threads may share it."""

    @property
    def kind(self) -> ModelKind: ...
    @property
    def codes(self) -> Codes:
        """What it can answer at all: the codes that it was trained on."""
        ...

    @property
    def scales(self) -> Scales: ...
    def raw(self, episode: Episode) -> RawScores: ...
    def scores(self, episode: Episode) -> Mapping[Role, Sequence[ScoredCode]]:
        """The codes of each role that are not all but excluded, the most likely first."""
        ...

    def with_scales(self, scales: Scales) -> "DocumentClassifier":
        """The same classifier, calibrated otherwise."""
        ...


def calibrated(raw: RawScores, codes: Codes, scales: Scales) -> Mapping[Role, Sequence[ScoredCode]]:
    return {role: _of_role(role, raw, codes[role], scales[role]) for role in codes}


def _of_role(role: Role, raw: RawScores, codes: Sequence[str], scale: RoleScale) -> Sequence[ScoredCode]:
    probabilities = scale.probabilities(raw.values[role])
    places = np.flatnonzero(probabilities >= LEAST_LIKELY)
    ordered = places[np.lexsort((places, -raw.values[role][places]))]
    return [
        ScoredCode(codes[place], float(probabilities[place]), _locator(raw.locate, role, int(place)))
        for place in ordered
    ]


def _locator(locate: Locate, role: Role, place: int) -> Callable[[], tuple[Evidence, ...]]:
    return lambda: locate(role, place)


def heads_json(codes: Codes, scales: Scales) -> dict[str, Any]:
    return {
        role.value: {"codes": list(codes[role]), "scale": scales[role].to_json()}
        for role in Role
        if role in codes
    }


def heads_from_json(written: Mapping[str, Any]) -> tuple[Codes, Scales]:
    """Raises ValueError, KeyError or TypeError where the JSON is not that of `heads_json`."""
    codes = {Role(role): tuple(map(str, head["codes"])) for role, head in written.items()}
    scales = {Role(role): RoleScale.from_json(head["scale"]) for role, head in written.items()}
    return codes, scales
