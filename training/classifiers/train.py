"""Trains a document classifier as a model of its own: `autocoder train` with kind = linear or attention.

1. A classifier for each fold of patients, fitted to the others, scores the fold left out.
2. Those scores give the scale from scores to probabilities, and the threshold of what is suggested.
3. The figures that are kept: each fold coded by its classifier, with the scale and threshold of the others.
4. The model: fitted to all episodes, with the scale and threshold of all folds.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from data.episodes import CodedEpisode
from models.classifiers import ClassifierCoder
from models.classifiers.files import Classifier, ClassifierParts
from models.kinds import ModelKind
from models.prediction import ModelVersion
from training.classifiers.attention import fit_attention
from training.classifiers.folds import LeftOut, leave_out
from training.classifiers.linear import fit_linear
from training.config import TrainingConfig
from training.corpus import Corpus
from training.display import Watch
from training.evaluate import Report, Tables, measure
from training.metrics import Scored, scored


def fit_classifier(
    episodes: Sequence[CodedEpisode], tables: Tables, config: TrainingConfig, watch: Watch
) -> Classifier:
    """The classifier of the configuration's kind, not yet calibrated."""
    if config.kind is ModelKind.LINEAR:
        return fit_linear(episodes, config.linear, config.seed)
    return fit_attention(episodes, tables, config.attention, config.seed, watch)


def train_classifier(
    corpus: Corpus, tables: Tables, config: TrainingConfig, created: datetime, watch: Watch
) -> tuple[ClassifierParts, tuple[Scored, ...], Report]:
    """The model, each episode as coded unseen, and the figures of that."""
    fit = partial(fit_classifier, tables=tables, config=config, watch=watch)
    left_out = leave_out(corpus.episodes, fit, config, watch)
    unseen = code_unseen(left_out, tables, config, watch)
    watch("Fitting to all episodes", 0, None)
    fitted = fit(corpus.episodes)
    scales = {**fitted.scales, **left_out.scales(config)}
    whole = fitted.with_scales({role: scales[role] for role in fitted.codes})
    report = measure(unseen, tables, seed=config.seed, draws=config.bootstrap_draws)
    return ClassifierParts(whole, created), unseen, report


def code_unseen(
    left_out: LeftOut, tables: Tables, config: TrainingConfig, watch: Watch
) -> tuple[Scored, ...]:
    """In the order of the corpus."""
    version = ModelVersion("in training", "0", "")
    coders = {
        fold: ClassifierCoder(version, one, tables) for fold, one in left_out.calibrated(config).items()
    }
    found = []
    for gold, fold in zip(left_out.episodes, left_out.folds, strict=True):
        found.append(scored(gold, coders[fold].suggest(gold.episode)))
        watch("Coding each fold unseen", len(found), len(left_out.episodes))
    return tuple(found)
