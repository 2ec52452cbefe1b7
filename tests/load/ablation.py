"""What each part of a trained model adds: out-of-fold figures on the train split with that part switched off.

usage: python -m tests.load.ablation [PART ...]
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from data.corpora import Split, shipped_corpus
from models.coder import LexiconCoder
from models.judged import Language
from models.knowledge import make_parts
from models.prediction import ModelVersion
from models.ranking import Ranker
from training.config import TrainingConfig, read_config
from training.corpus import read_corpus
from training.evaluate import Report, measure
from training.lexica import learn_lexica
from training.metrics import scored
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications
from training.train import code_folds_left_out, find_candidates

RESULT = Path("var/ablation.json")
_FIGURES = ("diagnoses_micro_f1", "procedures_micro_f1", "primary_correct", "secondary_found", "exact_match")
_NEVER = 1_000_000
"""More examples than any corpus of ours holds."""


@dataclass(frozen=True, slots=True)
class Setup:
    language: Language
    day_one: Ranker
    config: TrainingConfig


def main(names: list[str]) -> int:
    unknown = set(names) - PARTS.keys()
    if unknown:
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
        return 2
    found = {name: _figures(PARTS[name]) for name in names or PARTS}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


def _figures(switch_off: Callable[[Setup], Setup]) -> dict[str, float]:
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    parts = make_parts(tables, created=datetime(2026, 4, 1, tzinfo=UTC))
    setup = switch_off(Setup(parts.language, parts.ranker, read_config()))
    version = ModelVersion("ablation", "0", "")
    coder = LexiconCoder(version, parts.terms, setup.language, setup.day_one, tables)
    episodes = read_corpus(shipped_corpus(Split.TRAIN)).episodes
    lexica = learn_lexica(episodes, setup.language, tables, setup.config, _quietly)
    cases = find_candidates(episodes, coder, lexica, _quietly)
    predictions = code_folds_left_out(cases, setup.day_one, setup.config, _quietly)
    unseen = tuple(map(scored, episodes, predictions))
    found = _flat(measure(unseen, tables, seed=setup.config.seed, draws=1))
    print(switch_off.__name__, *(f"{name}={value:.4f}" for name, value in found.items()), flush=True)
    return found


def _flat(report: Report) -> dict[str, float]:
    headline = {name: report["headline"][name]["value"] for name in _FIGURES}
    return headline | {
        f"{role}_ece": report["calibration"][role]["ece"] for role in ("diagnoses", "procedures")
    }


def nothing(setup: Setup) -> Setup:
    """The model as it is trained."""
    return setup


def trees(setup: Setup) -> Setup:
    few = setup.config.trees.model_copy(update={"least_right": _NEVER})
    return replace(setup, config=setup.config.model_copy(update={"trees": few}))


def primary(setup: Setup) -> Setup:
    """Rules choose the primary diagnosis."""
    rules = setup.config.primary.model_copy(update={"least_episodes": _NEVER})
    return replace(setup, config=setup.config.model_copy(update={"primary": rules}))


def isotonic(setup: Setup) -> Setup:
    """Platt scaling alone."""
    platt = setup.config.calibration.model_copy(update={"isotonic_from": _NEVER})
    return replace(setup, config=setup.config.model_copy(update={"calibration": platt}))


def day_one(setup: Setup) -> Setup:
    """The weights set by hand, from which learning starts."""
    roles = {
        role: replace(ranker, weights=(0.0,) * len(ranker.weights))
        for role, ranker in setup.day_one.roles.items()
    }
    return replace(setup, day_one=Ranker(roles))


def lexicon(setup: Setup) -> Setup:
    """Curated terms alone."""
    none = setup.config.lexicon.model_copy(update={"enabled": False})
    return replace(setup, config=setup.config.model_copy(update={"lexicon": none}))


def leads(setup: Setup) -> Setup:
    return replace(setup, language=replace(setup.language, leads=()))


def combinations(setup: Setup) -> Setup:
    return replace(setup, language=replace(setup.language, combinations=()))


def specialties(setup: Setup) -> Setup:
    return replace(setup, language=replace(setup.language, specialties={}))


def _quietly(step: str, done: int, total: int | None) -> None:
    pass


PARTS: Mapping[str, Callable[[Setup], Setup]] = {
    part.__name__: part
    for part in (
        nothing, trees, primary, isotonic, day_one, lexicon, leads, combinations, specialties
    )
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
