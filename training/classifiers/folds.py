"""Scores that a document classifier gives to episodes whose patients it has not seen.

Only these may join a ranker: scores on what the classifier was fitted to are far too sure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from data.episodes import CodedEpisode, Role
from models.classifiers import DocumentClassifier, RawScores
from models.classifiers.scores import Codes, Scales, calibrated
from training.classifiers.labels import codes_of, given
from training.classifiers.scaling import Unseen, fit_scale
from training.config import TrainingConfig
from training.display import Watch
from training.folds import deal_folds

Fit = Callable[[Sequence[CodedEpisode]], DocumentClassifier]
"""Episodes to a classifier, not yet calibrated."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Each episode with a classifier that has not seen its patient."""

    episodes: tuple[CodedEpisode, ...]
    folds: tuple[int, ...]
    """Of each episode."""
    classifiers: Mapping[int, DocumentClassifier]
    """Of each fold: fitted to the others."""
    unseen: tuple[Mapping[Role, Unseen], ...]
    """Of each episode."""

    def scales(self, config: TrainingConfig, *, without: int | None = None) -> Scales:
        """Fitted to what every fold got unseen, or to all but one of them."""
        kept = [one for one, fold in zip(self.unseen, self.folds, strict=True) if fold != without]
        return {
            role: fit_scale((one[role] for one in kept if role in one), config)
            for role in Role
            if any(role in one for one in kept)
        }

    def calibrated(self, config: TrainingConfig) -> Mapping[int, DocumentClassifier]:
        """The classifier of each fold, its scale and threshold from the other folds."""
        return {
            fold: _with_scales(one, self.scales(config, without=fold))
            for fold, one in self.classifiers.items()
        }


def _with_scales(classifier: DocumentClassifier, scales: Scales) -> DocumentClassifier:
    """Roles that the other folds say nothing of keep the scale that they have."""
    known = {role: scale for role, scale in scales.items() if role in classifier.codes}
    return classifier.with_scales({**classifier.scales, **known})


def leave_out(episodes: Sequence[CodedEpisode], fit: Fit, config: TrainingConfig, watch: Watch) -> LeftOut:
    """Fits a classifier for each fold of patients, to all the others, and scores the fold with it."""
    folds = deal_folds([gold.patient or gold.episode.id for gold in episodes], config.folds, config.seed)
    classifiers: dict[int, DocumentClassifier] = {}
    unseen: dict[int, Mapping[Role, Unseen]] = {}
    for step, fold in enumerate(sorted(set(folds)), start=1):
        watch("Scoring each fold unseen", step, len(set(folds)))
        rest = [gold for gold, dealt in zip(episodes, folds, strict=True) if dealt != fold]
        classifiers[fold] = fit(rest)
        for place, gold in enumerate(episodes):
            if folds[place] == fold:
                raw = classifiers[fold].raw(gold.episode)
                unseen[place] = judged(gold, raw, classifiers[fold].codes)
    ordered = tuple(unseen[place] for place in range(len(episodes)))
    return LeftOut(tuple(episodes), tuple(folds), classifiers, ordered)


def judged(gold: CodedEpisode, raw: RawScores, codes: Codes) -> Mapping[Role, Unseen]:
    return {
        role: Unseen(raw.values[role], given([gold], role, of_role)[0], len(codes_of(gold, role)))
        for role, of_role in codes.items()
    }


def out_of_fold_scores(
    episodes: Sequence[CodedEpisode], fit: Fit, config: TrainingConfig, watch: Watch
) -> tuple[Mapping[Role, Mapping[str, float]], ...]:
    """The calibrated probability of each code for each episode, in their order: features of a ranker.

    What serves beside that ranker is a classifier fitted to all episodes with `LeftOut.scales`.
    """
    left_out = leave_out(episodes, fit, config, watch)
    classifiers = left_out.calibrated(config)
    return tuple(
        _probabilities(classifiers[fold], unseen)
        for fold, unseen in zip(left_out.folds, left_out.unseen, strict=True)
    )


def _probabilities(
    classifier: DocumentClassifier, unseen: Mapping[Role, Unseen]
) -> Mapping[Role, Mapping[str, float]]:
    raw = RawScores({role: one.scores for role, one in unseen.items()}, lambda role, code: ())
    scores = calibrated(raw, classifier.codes, classifier.scales)
    return {role: {one.code: one.probability for one in of_role} for role, of_role in scores.items()}
