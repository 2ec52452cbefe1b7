"""Measures a model on a corpus with gold codes: the report as JSON, and as tables to read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from data.classifications import Classification
from data.episodes import Role
from models.bundle import read_manifest
from training.agreement import read_codes
from training.bootstrap import confidence_intervals
from training.calibration import calibration_figures
from training.corpus import Corpus, digest
from training.display import Watch
from training.errors import CorpusError
from training.metrics import (
    Coding,
    Scored,
    by_group,
    headline_figures,
    macro_f1,
    scored,
    scored_codes,
    tally_by,
)
from training.opening import DEFAULT_CLASSIFICATIONS, ModelSource, load_classifications

Report = dict[str, Any]
"""JSON: numbers, None where there was nothing to measure, and objects of them."""

DECIMALS = 6
Tables = Mapping[Role, Classification]


def evaluate_model(source: ModelSource, corpus: Corpus, seed: int, watch: Watch) -> Report:
    """A report that says, too, which files the model was trained on: their figures flatter."""
    coder = source.open()
    episodes = []
    for place, gold in enumerate(corpus.episodes, start=1):
        episodes.append(scored(gold, coder.suggest(gold.episode)))
        watch("Coding", place, len(corpus.episodes))
    return {
        "title": f"{coder.version.name}/{coder.version.version} on {corpus.label}",
        "model": asdict(coder.version),
        "tables": dict(coder.tables),
        "corpus": {"files": corpus.digests, "text": corpus.label, "seen": seen_files(source, corpus)},
        **measure(episodes, load_classifications(source.classifications), seed=seed),
    }


def evaluate_predictions(path: Path, corpus: Corpus, seed: int) -> Report:
    """A report on codes that something else predicted: a peer, a second coder.

    Raises:
        CorpusError: a line holds no codes, or an episode has no line.
    """
    codes = read_codes([path])
    missing = [gold.episode.id for gold in corpus.episodes if gold.episode.id not in codes]
    if missing:
        raise CorpusError(f"{path.name} has no line for {missing[0]} and {len(missing) - 1} others")
    episodes = [scored_codes(gold, codes[gold.episode.id]) for gold in corpus.episodes]
    return {
        "title": f"{path.name} on {corpus.label}",
        "model": {"name": path.name, "version": "predictions", "digest": digest(path)},
        "tables": {},
        "corpus": {"files": corpus.digests, "text": corpus.label, "seen": []},
        **measure(episodes, load_classifications(DEFAULT_CLASSIFICATIONS), seed=seed),
    }


def seen_files(source: ModelSource, corpus: Corpus) -> list[str]:
    """Those that the model was trained on: figures on them flatter it."""
    trained_on = read_manifest(source.folder)["training"].get("corpora", {}).values()
    return sorted(name for name, digest in corpus.digests.items() if digest in trained_on)


def measure(episodes: Sequence[Scored], tables: Tables, *, seed: int, draws: int = 1000) -> Report:
    found = {
        "episodes": len(episodes),
        "patients": len({episode.patient for episode in episodes}),
        "headline": _headline(episodes, seed, draws),
        "macro_f1": _by_role(episodes, macro_f1),
        "calibration": _by_role(episodes, calibration_figures),
        "by_chapter": {
            "diagnoses": _chapters((item.diagnoses for item in episodes), tables.get(Role.DIAGNOSIS)),
            "procedures": _chapters((item.procedures for item in episodes), tables.get(Role.PROCEDURE)),
        },
        "by_specialty": by_group(episodes, lambda episode: episode.specialty),
        "by_age_band": by_group(episodes, lambda episode: episode.age_band),
        "by_sex": by_group(episodes, lambda episode: episode.sex),
    }
    return {name: rounded(value) for name, value in found.items()}


def rounded(found: Any) -> Any:
    """Numbers that do not depend on the last bits of a sum."""
    if isinstance(found, float):
        return round(found, DECIMALS)
    if isinstance(found, dict):
        return {name: rounded(value) for name, value in found.items()}
    return [rounded(value) for value in found] if isinstance(found, list | tuple) else found


def _headline(episodes: Sequence[Scored], seed: int, draws: int) -> Report:
    intervals = confidence_intervals(episodes, seed=seed, draws=draws)
    return {
        name: {"value": value, "interval_95": intervals[name]}
        for name, value in headline_figures(episodes).items()
    }


def _by_role(episodes: Sequence[Scored], measure: Callable[[Sequence[Coding]], Any]) -> Report:
    diagnoses = [episode.diagnoses for episode in episodes]
    procedures = [episode.procedures for episode in episodes]
    return {
        "all": measure([*diagnoses, *procedures]),
        "diagnoses": measure(diagnoses),
        "procedures": measure(procedures),
    }


def _chapters(codings: Iterable[Coding], table: Classification | None) -> Report:
    chapters = tally_by(codings, partial(_chapter, table))
    return {
        chapter: {"gold": tally.gold, "suggested": tally.suggested, **tally.figures()}
        for chapter, tally in sorted(chapters.items())
    }


def _chapter(table: Classification | None, code: str) -> str:
    entry = table.get(code) if table else None
    return entry.chapter if entry else "not in the table"


def flat_figures(found: Report) -> dict[str, float]:
    """The figures of a report that MLflow keeps, one name each."""
    flat = {name: item["value"] for name, item in found["headline"].items()}
    flat |= {f"{role}_macro_f1": value for role, value in found["macro_f1"].items()}
    for role, figures in found["calibration"].items():
        flat |= {f"{role}_{name}": value for name, value in figures.items()}
    return {name: float(value) for name, value in flat.items() if value is not None}
