"""Trains a coder model; this is the whole of it, top to bottom.

1. Candidates of every episode, as the day-one coder finds them, with their features.
2. A ranker for each role from those that coders gave and those they did not (training/learning.py).
3. The choice of the primary diagnosis, from those that coders put first (training/primary.py).
4. What it is worth: steps 2 and 3 again without each fold of patients in turn, which is then coded with a
   ranker, a calibration and a threshold that have not seen it. These are the figures that are kept.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from data.classifications import Classification
from data.episodes import CodedEpisode, Role
from models.bundle import BundleParts
from models.candidates import Candidate
from models.coder import LexiconCoder
from models.knowledge import make_parts
from models.ordering import Ranked
from models.prediction import ModelVersion
from models.primary import PrimaryRanker
from models.ranking import FEATURE_NAMES, Ranker
from training.config import TrainingConfig, settings
from training.corpus import Corpus
from training.display import Watch
from training.evaluate import Report, flat_figures, measure
from training.folds import deal_folds
from training.learning import Examples, fit_role
from training.metrics import Scored, scored
from training.primary import fit_primary

Tables = Mapping[Role, Classification]


@dataclass(frozen=True, slots=True)
class Case:
    """An episode with its coding and the candidates that the text offers."""

    gold: CodedEpisode
    candidates: tuple[Candidate, ...]

    @property
    def patient(self) -> str:
        return self.gold.patient or self.gold.episode.id

    def codes(self, role: Role) -> Counter[str]:
        lines = self.gold.diagnoses if role is Role.DIAGNOSIS else self.gold.procedures
        return Counter(line.code for line in lines)


@dataclass(frozen=True, slots=True)
class Trained:
    parts: BundleParts
    unseen: tuple[Scored, ...]
    """Each episode as coded by a model that has not seen its patient."""
    report: Report
    notes: tuple[str, ...]
    """What could not be learned."""


def train(corpus: Corpus, tables: Tables, config: TrainingConfig, created: datetime, watch: Watch) -> Trained:
    start = make_parts(tables, created=created)
    version = ModelVersion("in training", "0", "")
    coder = LexiconCoder(version, start.terms, start.language, start.ranker, tables)
    cases = find_candidates(corpus.episodes, coder, watch)
    unseen = code_folds_left_out(cases, coder, start.ranker, config, watch)
    fitted = fit_ranker(cases, start.ranker, config)
    report = {
        "title": f"Out-of-fold on {corpus.label}",
        "corpus": {"files": corpus.digests, "text": corpus.label},
        **measure(unseen, tables, seed=config.seed, draws=config.bootstrap_draws),
    }
    parts = replace(
        start,
        ranker=fitted.ranker,
        primary=fit_first(cases, fitted, coder, config),
        training=_provenance(corpus, tables, config, report),
    )
    return Trained(parts, unseen, report, _notes(fitted.ranker, start.ranker))


def find_candidates(episodes: Sequence[CodedEpisode], coder: LexiconCoder, watch: Watch) -> tuple[Case, ...]:
    cases = []
    for place, gold in enumerate(episodes, start=1):
        cases.append(Case(gold, coder.candidates(gold.episode)))
        watch("Finding candidates", place, len(episodes))
    return tuple(cases)


@dataclass(frozen=True, slots=True)
class Fitted:
    ranker: Ranker
    unseen: Mapping[Role, tuple[float, ...]]
    """Confidence of each candidate of the cases, in order, by weights that have not seen its patient."""


def fit_ranker(cases: Sequence[Case], day_one: Ranker, config: TrainingConfig) -> Fitted:
    fitted = {
        role: fit_role(examples_of(cases, role), start, config) for role, start in day_one.roles.items()
    }
    return Fitted(
        Ranker({role: found.ranker for role, found in fitted.items()}),
        {role: found.unseen for role, found in fitted.items()},
    )


def fit_first(
    cases: Sequence[Case], fitted: Fitted, coder: LexiconCoder, config: TrainingConfig
) -> PrimaryRanker | None:
    """What chooses the primary diagnosis, where the corpus is large enough to learn it."""
    if Role.DIAGNOSIS not in fitted.ranker.roles:
        return None
    left = {role: iter(confidences) for role, confidences in fitted.unseen.items()}
    codings = [(case.gold, [Ranked(one, next(left[one.role])) for one in case.candidates]) for case in cases]
    return fit_primary(codings, coder.comorbidities, config.primary)


def examples_of(cases: Sequence[Case], role: Role) -> Examples:
    """A code is right as often as coders gave it, counted in the order of the text."""
    features, right, patients, gold = [], [], [], 0
    for case in cases:
        left = case.codes(role)
        gold += left.total()
        for candidate in case.candidates:
            if candidate.role is role:
                features.append(candidate.features)
                right.append(left[candidate.code] > 0)
                patients.append(case.patient)
                left[candidate.code] -= 1
    rows = np.asarray(features, dtype=np.float64).reshape(-1, len(FEATURE_NAMES))
    return Examples(rows, np.asarray(right, dtype=np.bool_), tuple(patients), gold)


def code_folds_left_out(
    cases: Sequence[Case], coder: LexiconCoder, day_one: Ranker, config: TrainingConfig, watch: Watch
) -> tuple[Scored, ...]:
    """In the order of the corpus."""
    folds = deal_folds([case.patient for case in cases], config.folds, config.seed)
    unseen: dict[int, Scored] = {}
    for step, fold in enumerate(sorted(set(folds)), start=1):
        rest = [case for case, dealt in zip(cases, folds, strict=True) if dealt != fold]
        fitted = fit_ranker(rest, day_one, config)
        unseeing = coder.with_ranker(fitted.ranker, fit_first(rest, fitted, coder, config))
        for place, case in enumerate(cases):
            if folds[place] == fold:
                unseen[place] = scored(case.gold, unseeing.suggest(case.gold.episode))
        watch("Coding each fold unseen", step, len(set(folds)))
    return tuple(unseen[place] for place in sorted(unseen))


def _provenance(corpus: Corpus, tables: Tables, config: TrainingConfig, report: Report) -> dict[str, Any]:
    """What the manifest of the model keeps."""
    return {
        "corpora": corpus.digests,
        "text": corpus.label,
        "episodes": report["episodes"],
        "patients": report["patients"],
        "settings": settings(config),
        "tables": {
            table.name: {"edition": table.edition, "digest": table.digest} for table in tables.values()
        },
        "out_of_fold": flat_figures(report),
    }


def _notes(ranker: Ranker, day_one: Ranker) -> tuple[str, ...]:
    return tuple(
        f"{role.value}: the corpus tells nothing apart, so the ranker stays as on day one"
        for role, fitted in ranker.roles.items()
        if fitted == day_one.roles[role]
    )
