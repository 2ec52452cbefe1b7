"""What the gate would automate on coded episodes, with what error: as JSON, as a table and as a curve."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.bundle import read_gate
from models.gate import OPENING, Gate, p_value
from training.corpus import Corpus
from training.display import Watch
from training.errors import TrainingError
from training.evaluate import seen_files
from training.gate import EVERY, FittedGate, Judged, curve, errors_of, gate_report, is_right
from training.metrics import headline_figures, scored
from training.opening import ModelSource
from training.plots import new_figure, write_figure

LIMITS = (0.02, 0.05, 0.10)
_LEAST_POINTS = 5
"""Of a curve that says something; one stands for ten cases."""


def write_gate_report(fitted: FittedGate, note: str, folder: Path) -> None:
    """`gate.json` and `curve.svg`."""
    folder.mkdir()
    report = gate_report(fitted.judged, fitted.cases, fitted.gate)
    text = json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False)
    (folder / "gate.json").write_text(f"{text}\n", encoding="utf-8")
    write_curve(report["strata"], note, folder / "curve.svg")


def write_curve(strata: Mapping[str, Any], note: str, path: Path) -> None:
    """Automated share against error: pooled with its exact interval, and the strata that are large enough."""
    figure, axes = new_figure("Automated share against error", note)
    pooled = strata[EVERY]["curve"]
    _draw(axes, pooled, "every stratum", color="#005eb8", linewidth=2)
    low, high = ([point[end] for point in pooled] for end in ("low", "high"))
    shares = [point["share"] for point in pooled]
    axes.fill_between(shares, low, high, color="#005eb8", alpha=0.15, label="exact 95 % interval")
    for name, found in strata.items():
        if name != EVERY and len(found["curve"]) > _LEAST_POINTS:
            _draw(axes, found["curve"], name, linewidth=1)
    for limit in LIMITS:
        axes.axhline(limit, color="#d4351c", linestyle=":", linewidth=1)
        axes.annotate(f"{limit:.0%}", (1.0, limit), fontsize="small", color="#d4351c")
    axes.legend(fontsize="small", loc="center right", bbox_to_anchor=(1.0, 0.35))
    axes.set(
        xlim=(0, 1.05), ylim=(0, 1), xlabel="share automated, the surest first", ylabel="share not right"
    )
    write_figure(figure, path)


def _draw(axes: Any, points: Sequence[Mapping[str, float]], label: str, **style: Any) -> None:
    shares, errors = ([point[name] for point in points] for name in ("share", "error"))
    axes.plot(shares, errors, label=label, **style)


def automation_report(source: ModelSource, corpus: Corpus, watch: Watch) -> dict[str, Any]:
    """What a model would have automated of a gold file that it has not seen.

    Raises:
        TrainingError: the model has no gate.
    """
    coder, gate = source.open(), read_gate(source.folder)
    if gate is None:
        raise TrainingError("this model has no automation gate: train one")
    judged, episodes = [], []
    for place, gold in enumerate(corpus.episodes, start=1):
        prediction = coder.suggest(gold.episode)
        episodes.append(scored(gold, prediction))
        said = prediction.automation
        if OPENING.issuperset(said.reasons):
            judged.append(Judged(said.stratum, said.confidence, is_right(gold, prediction)))
        watch("Coding", place, len(corpus.episodes))
    return {
        "title": f"{coder.version.name}/{coder.version.version} on {corpus.label}",
        "model": asdict(coder.version),
        "corpus": {"files": corpus.digests, "text": corpus.label, "seen": seen_files(source, corpus)},
        "episodes": len(episodes),
        "not_held_back": len(judged),
        "headline": {name: {"value": value} for name, value in headline_figures(episodes).items()},
        "automated": {f"{limit:g}": _automated(judged, gate, limit) for limit in LIMITS},
        "strata": {name: _seen(_of(judged, name)) for name in _names(gate)},
    }


def _automated(judged: Sequence[Judged], gate: Gate, limit: float) -> dict[str, Any]:
    """By stratum and pooled, at the thresholds that the gate has for a limit."""
    taken = [one for one in judged if one.confidence >= gate.value(one.stratum, limit)]
    return {name: _against(_of(taken, name), limit, gate.level.confidence) for name in _names(gate)}


def _against(taken: Sequence[Judged], limit: float, confidence: float) -> dict[str, Any]:
    """Refuted: so many errors would be unlikely were the error no greater than the limit."""
    found = errors_of(taken)
    as_many = 1 - p_value(found["errors"] - 1, len(taken), limit) if found["errors"] else 1.0
    return {**found, "refuted": as_many < 1 - confidence}


def _seen(judged: Sequence[Judged]) -> dict[str, Any]:
    return {**errors_of(judged), "curve": curve(judged, 0.95)}


def _names(gate: Gate) -> list[str]:
    return [EVERY, *(stratum.name for stratum in gate.strata if stratum.automatic)]


def _of(judged: Sequence[Judged], name: str) -> list[Judged]:
    return [one for one in judged if name in (EVERY, one.stratum)]
