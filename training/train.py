"""Trains a coder model; this is the whole of it, top to bottom.

1. The lexicon of phrases that justified codes, and for each fold of patients one without them
   (training/lexicon.py).
2. Candidates of every episode with their features, as the coder finds them with the lexicon of its fold.
3. A ranker for each role from those that coders gave and those they did not (training/learning.py).
4. The choice of the primary diagnosis, from those that coders put first (training/primary.py).
5. What it is worth: steps 3 and 4 again without each fold of patients in turn, which is then coded with a
   lexicon, a ranker, a calibration and a threshold that have not seen it. These figures are kept.
6. The automation gate, from the codings of step 5 and from episodes kept apart (training/gate.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from data.classifications import Classification
from data.episodes import CodedEpisode, Role
from models.bundle import ModelParts
from models.candidates import Candidate
from models.coder import LexiconCoder
from models.kinds import ModelKind
from models.knowledge import make_parts
from models.ordering import Ranked
from models.prediction import ModelVersion, Prediction
from models.primary import PrimaryRanker
from models.ranking import FEATURE_NAMES, Ranker
from training.config import NO_DISCOUNT, TrainingConfig, settings
from training.corpus import Corpus
from training.display import Watch
from training.evaluate import Report, flat_figures, measure
from training.exposure import Exposed
from training.folds import deal_folds
from training.gate import FittedGate, fit_gate
from training.learning import Examples, fit_role
from training.lexica import Lexica, learn_lexica, without_titles
from training.metrics import Scored, scored
from training.primary import fit_primary

Tables = Mapping[Role, Classification]


@dataclass(frozen=True, slots=True)
class Case:
    """An episode with its coding and the candidates that the text offers."""

    gold: CodedEpisode
    candidates: tuple[Candidate, ...]
    coder: LexiconCoder
    """Found them, with a lexicon that has not seen the patient."""
    exposed: Exposed | None = None
    """What was shown to the coders, where audits say what that does."""

    @property
    def patient(self) -> str:
        return self.gold.patient or self.gold.episode.id

    def codes(self, role: Role) -> Counter[str]:
        lines = self.gold.diagnoses if role is Role.DIAGNOSIS else self.gold.procedures
        return Counter(line.code for line in lines)

    def truth(self, candidate: Candidate, *, given: bool) -> float:
        """How probable it is that the code is right."""
        if self.exposed is None:
            return float(given)
        return self.exposed.share_right(candidate.role, candidate.code, given=given)


@dataclass(frozen=True, slots=True)
class Trained:
    parts: ModelParts
    unseen: tuple[Scored, ...]
    """Each episode as coded by a model that has not seen its patient."""
    report: Report
    notes: tuple[str, ...]
    """What could not be learned."""
    gate: FittedGate | None = None
    """None for a model that has no gate."""


def train(
    corpus: Corpus,
    tables: Tables,
    config: TrainingConfig,
    created: datetime,
    watch: Watch,
    kept_apart: Sequence[CodedEpisode] = (),
) -> Trained:
    """
    Args:
        kept_apart: coded episodes that only the gate learns from.
    """
    if config.kind is not ModelKind.LEXICON:
        return _train_classifier(corpus, tables, config, created, watch)
    config = _as_read(config, corpus)
    start = make_parts(tables, created=created)
    version = ModelVersion("in training", "0", "")
    start = without_titles(start, tables, config.lexicon)
    coder = LexiconCoder(version, start.terms, start.language, start.ranker, tables)
    lexica = learn_lexica(corpus.episodes, start.language, tables, config, watch)
    cases = _with_exposure(find_candidates(corpus.episodes, coder, lexica, watch), corpus)
    predictions = code_folds_left_out(cases, start.ranker, config, watch)
    unseen = tuple(map(scored, corpus.episodes, predictions))
    taught = fit_ranker(cases, start.ranker, config)
    report = _report(corpus, measure(unseen, tables, seed=config.seed, draws=config.bootstrap_draws))
    primary = fit_first(cases, taught, coder, config)
    learned = coder.with_lexicon(lexica.whole).with_ranker(taught.ranker, primary)
    codings = [
        *zip(corpus.episodes, predictions, strict=True),
        *((gold, learned.suggest(gold.episode)) for gold in kept_apart),
    ]
    fitted = fit_gate(codings, config.gate, config.seed)
    parts = replace(
        start,
        ranker=taught.ranker,
        primary=primary,
        lexicon=lexica.whole,
        gate=fitted.gate,
        training=_provenance(corpus, tables, config, report),
    )
    return Trained(parts, unseen, report, _notes(taught.ranker, start.ranker), fitted)


def _as_read(config: TrainingConfig, corpus: Corpus) -> TrainingConfig:
    """Nobody wrote terms while reading a hospital's own episodes: their folds need no discount."""
    if corpus.synthetic:
        return config
    calibration = config.calibration.model_copy(update={"diagnosis": NO_DISCOUNT, "procedure": NO_DISCOUNT})
    return config.model_copy(update={"calibration": calibration})


def _train_classifier(
    corpus: Corpus, tables: Tables, config: TrainingConfig, created: datetime, watch: Watch
) -> Trained:
    from training.classifiers.train import train_classifier

    parts, unseen, figures = train_classifier(corpus, tables, config, created, watch)
    report = _report(corpus, figures)
    kept = replace(parts, training=_provenance(corpus, tables, config, report))
    return Trained(kept, unseen, report, ())


def _report(corpus: Corpus, figures: Report) -> Report:
    return {
        "title": f"Out-of-fold on {corpus.label}",
        "corpus": {"files": corpus.digests, "text": corpus.label},
        **figures,
    }


def find_candidates(
    episodes: Sequence[CodedEpisode], coder: LexiconCoder, lexica: Lexica, watch: Watch
) -> tuple[Case, ...]:
    """In the order of the corpus; one coder after another, since a wide lexicon takes memory."""
    cases: dict[int, Case] = {}
    for fold, lexicon in enumerate(lexica.of_folds):
        unseeing = coder.with_lexicon(lexicon)
        for place, gold in enumerate(episodes):
            if lexica.fold_of[place] == fold:
                cases[place] = Case(gold, unseeing.candidates(gold.episode), unseeing)
                watch("Finding candidates", len(cases), len(episodes))
    return tuple(cases[place] for place in range(len(episodes)))


@dataclass(frozen=True, slots=True)
class Fitted:
    ranker: Ranker
    unseen: Mapping[Role, tuple[float, ...]]
    """Confidence of each candidate of the cases, in order, by weights that have not seen its patient."""


def fit_ranker(cases: Sequence[Case], day_one: Ranker, config: TrainingConfig) -> Fitted:
    fitted = {
        role: fit_role(examples_of(cases, role), start, config, config.calibration.discount(role))
        for role, start in day_one.roles.items()
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
    return fit_primary(codings, config.primary, config.seed)


def examples_of(cases: Sequence[Case], role: Role) -> Examples:
    """A code is right as often as coders gave it, counted in the order of the text."""
    features, right, truth, patients, gold = [], [], [], [], 0.0
    for case in cases:
        left = case.codes(role)
        gold += left.total() + (case.exposed.missed(role) if case.exposed else 0.0)
        for candidate in case.candidates:
            if candidate.role is role:
                given = left[candidate.code] > 0
                features.append(candidate.features)
                right.append(given)
                truth.append(case.truth(candidate, given=given))
                patients.append(case.patient)
                left[candidate.code] -= 1
    rows = np.asarray(features, dtype=np.float64).reshape(-1, len(FEATURE_NAMES))
    flags, believed = np.asarray(right, dtype=np.bool_), np.asarray(truth, dtype=np.float64)
    return Examples(rows, flags, tuple(patients), gold + float((believed - flags).sum()), believed)


def _with_exposure(cases: Sequence[Case], corpus: Corpus) -> tuple[Case, ...]:
    """Only what coders decided in the service was coded with suggestions in sight."""
    exposed = corpus.decisions.exposed if corpus.decisions else {}
    return tuple(replace(case, exposed=exposed.get(case.gold.episode.id)) for case in cases)


def code_folds_left_out(
    cases: Sequence[Case], day_one: Ranker, config: TrainingConfig, watch: Watch
) -> tuple[Prediction, ...]:
    """In the order of the corpus."""
    folds = deal_folds([case.patient for case in cases], config.folds, config.seed)
    unseen: dict[int, Prediction] = {}
    for step, fold in enumerate(sorted(set(folds)), start=1):
        rest = [case for case, dealt in zip(cases, folds, strict=True) if dealt != fold]
        taught = fit_ranker(rest, day_one, config)
        primary = fit_first(rest, taught, cases[0].coder, config)
        for place, case in enumerate(cases):
            if folds[place] == fold:
                unseeing = case.coder.with_ranker(taught.ranker, primary)
                unseen[place] = unseeing.suggest(case.gold.episode)
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
