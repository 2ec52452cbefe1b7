"""The gate of a model: of which stratum an episode is, how likely it is right, what speaks against.

Whether anything is automated is another question: that is off until a provider's own blind audits support
it (service/automation). Here `eligible` means "would have been automated".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.episodes import Episode
from data.gate import Stratum, Wording, WordingKind
from models.gate.bounds import Threshold
from models.gate.chance import RightModel, chance_features
from models.gate.signs import Signs
from models.prediction import Automation, Prediction
from models.reasons import Reason

_DECIMALS = 4
"""Of a confidence, before it is compared: what is stored is what decided."""


@dataclass(frozen=True, slots=True)
class Level:
    """How safe automation is to be."""

    error: float = 0.05
    """Share of automated episodes that may be wrong."""
    confidence: float = 0.95
    """With which the error is shown to be no greater."""


@dataclass(frozen=True)
class Gate:
    """Immutable; threads may share it."""

    model: RightModel
    strata: tuple[Stratum, ...]
    signs: Signs
    level: Level
    thresholds: Mapping[str, tuple[Threshold, ...]]
    """By stratum, one for each limit that could be held; none where none could."""

    def assess(self, episode: Episode, prediction: Prediction) -> Automation:
        stratum = self.stratum(episode, prediction)
        chance = round(self.model.chance(chance_features(episode, prediction)), _DECIMALS)
        reasons = (*self.signs.reasons(episode, prediction, stratum), *self._below(stratum, chance))
        return Automation(not reasons, chance, stratum.name, reasons)

    def _below(self, stratum: Stratum, chance: float) -> tuple[Reason, ...]:
        threshold = self.threshold(stratum.name)
        if threshold is None:
            return (Reason.NO_THRESHOLD,)
        return () if chance >= threshold.value else (Reason.BELOW_THRESHOLD,)

    def threshold(self, stratum: str) -> Threshold | None:
        """The one for the error that automation is to keep."""
        held = self.thresholds.get(stratum, ())
        return next((one for one in held if one.limit == self.level.error), None)

    def value(self, stratum: str, limit: float) -> float:
        """The threshold for a limit; above every confidence where none holds it."""
        held = self.thresholds.get(stratum, ())
        return next((one.value for one in held if one.limit == limit), 2.0)

    def stratum(self, episode: Episode, prediction: Prediction) -> Stratum:
        """The first that fits; the last takes every episode."""
        return next(one for one in self.strata if _fits(one, episode, prediction))

    def to_json(self) -> dict[str, Any]:
        return {
            "right": self.model.to_json(),
            "level": {"error": self.level.error, "confidence": self.level.confidence},
            "strata": [_fields(one) for one in self.strata],
            "wording": [[one.kind, one.phrase] for one in self.signs.wording],
            "thresholds": {
                name: [_fields(one) for one in found] for name, found in sorted(self.thresholds.items())
            },
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Gate":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        strata = tuple(_stratum(one) for one in written["strata"])
        if not strata or strata[-1].admission or strata[-1].procedures or strata[-1].documents:
            raise ValueError("the last stratum has to take every episode that is left")
        thresholds = written["thresholds"].items()
        return cls(
            model=RightModel.from_json(written["right"]),
            strata=strata,
            signs=Signs(
                tuple(Wording(WordingKind(kind), str(phrase)) for kind, phrase in written["wording"])
            ),
            level=Level(float(written["level"]["error"]), float(written["level"]["confidence"])),
            thresholds={name: tuple(_threshold(one) for one in found) for name, found in thresholds},
        )


def _fits(stratum: Stratum, episode: Episode, prediction: Prediction) -> bool:
    if stratum.admission and episode.admission_method not in stratum.admission:
        return False
    if not stratum.procedures and not stratum.documents:
        return True
    first = next((line.code for line in prediction.procedures if line.suggested), "")
    by_procedure = bool(stratum.procedures) and first.startswith(stratum.procedures)
    return by_procedure or any(document.kind in stratum.documents for document in episode.documents)


def _fields(one: Any) -> dict[str, Any]:  # a frozen dataclass of plain values
    return {name: list(v) if isinstance(v := getattr(one, name), tuple) else v for name in one.__slots__}


def _stratum(written: Mapping[str, Any]) -> Stratum:
    several = {name: tuple(map(str, written[name])) for name in ("admission", "procedures", "documents")}
    return Stratum(
        str(written["name"]), str(written["label"]), automatic=bool(written["automatic"]), **several
    )


def _threshold(written: Mapping[str, Any]) -> Threshold:
    value, limit, bound = (float(written[name]) for name in ("value", "limit", "bound"))
    if not (0 < value < 1 and 0 < limit < 1):
        raise ValueError("a threshold and its limit lie between 0 and 1")
    return Threshold(value, limit, int(written["cases"]), int(written["errors"]), bound)
