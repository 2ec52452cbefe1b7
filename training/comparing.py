"""A challenger against the champion, on episodes that neither has learned from.

Both code the same texts in the same process, turn about, and the processor time of each is counted: what else
the machine does meets both alike.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data.episodes import CodedEpisode
from models.bundle import read_manifest
from models.coder import Coder
from training.corpus import Corpus
from training.display import Watch
from training.evaluate import Report, rounded
from training.metrics import Scored, scored
from training.opening import ModelSource, load_classifications
from training.pairing import ROLES, Pair, Pairing

FROZEN, DECISIONS = "frozen", "decisions"
"""The sets that are compared on: what does not change, and what coders decided."""


@dataclass(frozen=True, slots=True)
class Coded:
    pair: Pair
    champion_seconds: float
    """Of the processor, for all episodes."""
    challenger_seconds: float


def compare_models(
    champion: ModelSource,
    challenger: ModelSource,
    corpora: Mapping[str, Corpus],
    *,
    seed: int,
    draws: int,
    watch: Watch,
) -> Report:
    """
    Args:
        corpora: by the name of the set.
    """
    before, after = champion.open(), challenger.open()
    sets = {}
    for name, corpus in corpora.items():
        coded = code_with_both(before, after, corpus.episodes, watch)
        sets[name] = {
            "corpus": {"files": corpus.digests, "text": corpus.label},
            "seen": {
                "champion": _seen(champion, corpus),
                "challenger": _seen(challenger, corpus),
            },
            **_measured(coded, champion.classifications, seed=seed, draws=draws),
        }
    return {
        "title": f"{_name(after)} against {_name(before)}",
        "champion": asdict(before.version),
        "challenger": asdict(after.version),
        "seed": seed,
        "draws": draws,
        "sets": sets,
    }


def code_with_both(
    champion: Coder, challenger: Coder, episodes: Sequence[CodedEpisode], watch: Watch
) -> Coded:
    """Who goes first changes from text to text; the first text of all warms both."""
    coders, seconds = (champion, challenger), [0.0, 0.0]
    found: tuple[list[Scored], list[Scored]] = ([], [])
    for coder in coders:
        coder.suggest(episodes[0].episode)
    for place, gold in enumerate(episodes):
        for turn in (place % 2, 1 - place % 2):
            started = time.process_time()
            prediction = coders[turn].suggest(gold.episode)
            seconds[turn] += time.process_time() - started
            found[turn].append(scored(gold, prediction))
        watch("Coding with both", place + 1, len(episodes))
    return Coded(Pair(tuple(found[0]), tuple(found[1])), *seconds)


def _measured(coded: Coded, classifications: Sequence[str], *, seed: int, draws: int) -> dict[str, Any]:
    pairing = Pairing(coded.pair, seed=seed, draws=draws)
    tables = load_classifications(classifications)
    episodes = len(coded.pair.champion)
    found = {
        "figures": pairing.headlines(),
        "by_chapter": {name: pairing.chapters(role, tables.get(role)) for role, name in ROLES.items()},
        "calibration": pairing.calibration(),
        "latency": {
            "champion_ms": coded.champion_seconds / episodes * 1000,
            "challenger_ms": coded.challenger_seconds / episodes * 1000,
            "ratio": coded.challenger_seconds / max(coded.champion_seconds, 1e-9),
        },
    }
    measured: dict[str, Any] = rounded(found)
    return {"episodes": episodes, "patients": len(coded.pair.patients), **measured}


def comparison_metrics(report: Report) -> dict[str, float]:
    """Flat, as MLflow keeps them: `frozen/difference/micro_f1`."""
    flat: dict[str, float | None] = {}
    for name, found in report["sets"].items():
        figures = {**found["figures"], **_calibration_names(found)}
        for figure, values in figures.items():
            flat |= {f"{name}/{part}/{figure}": values[part] for part in ("champion", "challenger")}
            flat[f"{name}/difference/{figure}"] = values["difference"]
        for role, chapters in found["by_chapter"].items():
            for chapter, values in chapters.items():
                flat[f"{name}/difference/chapter/{role}/{chapter}"] = values["difference"]
        flat |= {f"{name}/latency/{part}": value for part, value in found["latency"].items()}
    return {name: float(value) for name, value in flat.items() if value is not None}


def comparison_table(found: Mapping[str, Any]) -> dict[str, list[Any]]:
    """One row for each figure of a set."""
    rows = [("", name, values) for name, values in found["figures"].items()]
    rows += [("calibration", name, values) for name, values in _calibration_names(found).items()]
    for role, chapters in found["by_chapter"].items():
        rows += [(f"{role} by chapter", chapter, values) for chapter, values in chapters.items()]
    return {
        "group": [group for group, _, _ in rows],
        "figure": [name for _, name, _ in rows],
        **{part: [values[part] for *_, values in rows] for part in ("champion", "challenger", "difference")},
        "low": [_end(values, 0) for *_, values in rows],
        "high": [_end(values, 1) for *_, values in rows],
        "gold": [values.get("gold") for *_, values in rows],
    }


def _calibration_names(found: Mapping[str, Any]) -> dict[str, Any]:
    return {f"ece_{role}": values for role, values in found["calibration"].items()}


def _end(values: Mapping[str, Any], place: int) -> float | None:
    interval = values["interval_95"]
    return float(interval[place]) if interval else None


def _seen(source: ModelSource, corpus: Corpus) -> list[str]:
    trained_on = read_manifest(source.folder)["training"].get("corpora", {}).values()
    return sorted(name for name, digest in corpus.digests.items() if digest in trained_on)


def _name(coder: Coder) -> str:
    return f"{coder.version.name}/{coder.version.version}"
