"""Fits the automation gate: how likely an episode is right, and from which confidence up that is safe.

Cases are codings that a model has not seen: out of fold on the corpus that trains, and episodes kept apart.
Their confidences come from a gate that has not seen their patients either. What the gate then holds back for
other reasons (models/gate/signs.py) is no case: the bound is on what would have been automated.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.episodes import CodedEpisode, CodedLine
from data.gate import Stratum, read_strata, read_wording
from models.gate import (
    FEATURES,
    Gate,
    Level,
    RightModel,
    Signs,
    Threshold,
    chance_features,
    interval,
    most_error,
    safest_threshold,
)
from models.gate.signs import suggested
from models.prediction import Prediction, SuggestedLine
from training.config import GateConfig
from training.folds import deal_folds

Floats = NDArray[np.float64]
EVERY = "all"
"""The row of a table for the cases of every stratum together."""

DEFAULT_LEVEL = Level()
_FREE = 100.0
"""Scale of the column that stands for what is known without examples: its weight is not held back."""
_DECIMALS = 8
_SMALLEST_SCALE = 1e-4


@dataclass(frozen=True, slots=True)
class GateCase:
    """An episode coded by a model that has not seen it."""

    patient: str
    stratum: str
    features: tuple[float, ...]
    right: bool
    held_back: bool
    """Something other than its confidence keeps it from being automated."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with a confidence from a gate that has not seen its patient."""

    stratum: str
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class FittedGate:
    gate: Gate
    judged: tuple[Judged, ...]
    """What the thresholds rest on: those that nothing else holds back."""
    cases: int
    """With those that are held back."""


def is_right(gold: CodedEpisode, prediction: Prediction) -> bool:
    """Primary diagnosis and procedure as gold, and of all other codes the same ones (4 characters)."""
    diagnoses, procedures = suggested(prediction.diagnoses), suggested(prediction.procedures)
    return (
        _first(gold.diagnoses) == _first(diagnoses)
        and _first(gold.procedures) == _first(procedures)
        and {line.code for line in gold.diagnoses} == {line.code for line in diagnoses}
        and Counter(line.code for line in gold.procedures) == Counter(line.code for line in procedures)
    )


def _first(lines: Sequence[CodedLine] | Sequence[SuggestedLine]) -> str | None:
    return lines[0].code if lines else None


@dataclass(frozen=True)
class CaseReader:
    """Makes cases of codings, by the strata and words that ship."""

    strata: tuple[Stratum, ...]
    signs: Signs

    @classmethod
    def shipped(cls) -> "CaseReader":
        return cls(read_strata(), Signs(read_wording()))

    def case(self, gold: CodedEpisode, prediction: Prediction) -> GateCase:
        stratum = self.gate(prior_model(), {}).stratum(gold.episode, prediction)
        return GateCase(
            patient=gold.patient or gold.episode.id,
            stratum=stratum.name,
            features=chance_features(gold.episode, prediction),
            right=is_right(gold, prediction),
            held_back=any(True for _ in self.signs.reasons(gold.episode, prediction, stratum)),
        )

    def gate(
        self, model: RightModel, thresholds: Mapping[str, tuple[Threshold, ...]], level: Level = DEFAULT_LEVEL
    ) -> Gate:
        return Gate(model, self.strata, self.signs, level, thresholds)


def fit_gate(codings: Iterable[tuple[CodedEpisode, Prediction]], config: GateConfig, seed: int) -> FittedGate:
    """
    Args:
        codings: gold, and what a model that has not seen the patient made of it.
    """
    reader = CaseReader.shipped()
    cases = [reader.case(gold, prediction) for gold, prediction in codings]
    confidences = confidences_unseen(cases, config, seed)
    judged = tuple(
        Judged(case.stratum, confidence, case.right)
        for case, confidence in zip(cases, confidences, strict=True)
        if not case.held_back
    )
    level = Level(config.error, config.confidence)
    thresholds = {
        stratum.name: _thresholds((one for one in judged if one.stratum == stratum.name), config)
        for stratum in reader.strata
        if stratum.automatic
    }
    return FittedGate(reader.gate(fit_right(cases, config), thresholds, level), judged, len(cases))


def confidences_unseen(cases: Sequence[GateCase], config: GateConfig, seed: int) -> list[float]:
    folds = deal_folds([case.patient for case in cases], config.folds, seed) if cases else []
    found = [0.0] * len(cases)
    for fold in set(folds):
        model = fit_right([case for case, dealt in zip(cases, folds, strict=True) if dealt != fold], config)
        for place, case in enumerate(cases):
            if folds[place] == fold:
                found[place] = round(model.chance(case.features), 4)
    return found


def _thresholds(judged: Iterable[Judged], config: GateConfig) -> tuple[Threshold, ...]:
    scored = [(one.confidence, one.right) for one in judged]
    limits = sorted({*config.limits, config.error})
    found = (safest_threshold(scored, limit, config.confidence) for limit in limits)
    return tuple(one for one in found if one is not None)


def prior_model() -> RightModel:
    """Lines as if they were independent: the start where there is nothing to learn from."""
    weights = tuple(float(name == "joint_log") for name in FEATURES)
    return RightModel(weights, 0.0, (0.0,) * len(FEATURES), (1.0,) * len(FEATURES))


def fit_right(cases: Sequence[GateCase], config: GateConfig) -> RightModel:
    """Logistic regression; the weight of `joint_log` is free, the others have to earn theirs."""
    right = np.asarray([case.right for case in cases], dtype=np.bool_)
    if min(right.sum(), (~right).sum()) < config.least_each:
        return prior_model()
    rows = np.asarray([case.features for case in cases], dtype=np.float64)
    means, scales = rows.mean(axis=0), rows.std(axis=0)
    scales = np.where(scales > _SMALLEST_SCALE, scales, 1.0)
    free = np.where([name == "joint_log" for name in FEATURES], _FREE, 1.0)
    model = _logistic((rows - means) / scales * free, right, config.inverse_regularisation)
    return RightModel(
        weights=_rounded(model.coef_[0] * free),
        intercept=round(float(model.intercept_[0]), _DECIMALS),
        means=_rounded(means),
        scales=_rounded(scales),
    )


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(round(float(value), _DECIMALS) for value in values)


def _logistic(columns: Floats, right: NDArray[np.bool_], strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        return LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-8).fit(columns, right)


def gate_report(judged: Sequence[Judged], cases: int, gate: Gate) -> dict[str, Any]:
    """As JSON: share and error by stratum, at the thresholds of the gate and along the curve."""
    names = [EVERY, *(stratum.name for stratum in gate.strata if stratum.automatic)]
    groups = {name: [one for one in judged if name in (EVERY, one.stratum)] for name in names}
    return {
        "cases": cases,
        "not_held_back": len(judged),
        "right": sum(one.right for one in judged),
        "level": {"error": gate.level.error, "confidence": gate.level.confidence},
        "strata": {name: _stratum_report(found, gate, name) for name, found in groups.items()},
        "automated": _at_limits(judged, gate),
    }


def _stratum_report(judged: Sequence[Judged], gate: Gate, name: str) -> dict[str, Any]:
    wrong = sum(not one.right for one in judged)
    return {
        "cases": len(judged),
        "right": len(judged) - wrong,
        "thresholds": {
            f"{one.limit:g}": {
                "value": one.value,
                "cases": one.cases,
                "errors": one.errors,
                "bound": one.bound,
            }
            for one in gate.thresholds.get(name, ())
        },
        "curve": curve(judged, gate.level.confidence),
    }


def curve(judged: Sequence[Judged], confidence: float) -> list[dict[str, float]]:
    """The surest first: what share would be automated, with what error and its exact bounds."""
    ordered = sorted(judged, key=lambda one: -one.confidence)
    points = []
    for count in sorted({*range(10, len(ordered), 10), len(ordered)} - {0}):
        errors = sum(not one.right for one in ordered[:count])
        low, high = interval(errors, count)
        points.append(
            {
                "cases": count,
                "share": count / len(ordered),
                "threshold": ordered[count - 1].confidence,
                "error": errors / count,
                "low": low,
                "high": high,
                "bound": most_error(errors, count, confidence),
            }
        )
    return points


def _at_limits(judged: Sequence[Judged], gate: Gate) -> dict[str, Any]:
    """What the thresholds of the gate let through, pooled, for each limit."""
    limits = sorted({one.limit for found in gate.thresholds.values() for one in found} | {gate.level.error})
    return {f"{limit:g}": _through(judged, gate, limit) for limit in limits}


def _through(judged: Sequence[Judged], gate: Gate, limit: float) -> dict[str, Any]:
    return errors_of([one for one in judged if one.confidence >= gate.value(one.stratum, limit)])


def errors_of(judged: Sequence[Judged]) -> dict[str, Any]:
    errors = sum(not one.right for one in judged)
    return {"episodes": len(judged), "errors": errors, "interval_95": list(interval(errors, len(judged)))}
