"""Learns which diagnosis coders put first, among those that a fitted ranker suggests."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np

from data.episodes import CodedEpisode, Role
from models.candidates import Candidate
from models.ordering import Ranked, explains, in_order_of_text
from models.primary import Counts, PrimaryRanker, keys_of, primary_rows
from models.ranking import Ranker
from training.boosting import fit_order
from training.config import TrainingConfig

Codings = Sequence[tuple[CodedEpisode, Sequence[Candidate]]]


def fit_primary(
    cases: Codings, ranker: Ranker, comorbidities: Set[str], config: TrainingConfig
) -> PrimaryRanker | None:
    """None where the corpus is too small to say."""
    suggested = [(gold, _suggested(candidates, ranker)) for gold, candidates in cases]
    taught = [(gold, lines) for gold, lines in suggested if _holds_first(gold, lines)]
    if len(taught) < config.primary.least_episodes:
        return None
    counts = count_first(gold for gold, _ in cases)
    rows = [primary_rows(lines, comorbidities, _without(counts, gold)) for gold, lines in taught]
    first = [line.candidate.code == gold.diagnoses[0].code for gold, lines in taught for line in lines]
    groups = [len(lines) for _, lines in taught]
    trees = fit_order(np.vstack(rows), np.asarray(first), groups, config.primary.trees, config.seed)
    return PrimaryRanker(trees, counts)


def count_first(codings: Iterable[CodedEpisode]) -> dict[str, Counts]:
    """How often each chapter, category and code stood in a coding, and how often first."""
    stood: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for gold in codings:
        for place, line in enumerate(gold.diagnoses):
            stood.update(keys_of(line.code))
            if place == 0:
                first.update(keys_of(line.code))
    return {key: (stood[key], first[key]) for key in stood}


def _without(counts: Mapping[str, Counts], gold: CodedEpisode) -> dict[str, Counts]:
    """The counts as they are without this episode: an episode must not teach itself."""
    own = count_first([gold])
    return {
        key: (stood - own[key][0], first - own[key][1]) if key in own else (stood, first)
        for key, (stood, first) in counts.items()
    }


def _suggested(candidates: Sequence[Candidate], ranker: Ranker) -> list[Ranked]:
    diagnoses = [one for one in candidates if one.role is Role.DIAGNOSIS]
    confidences = ranker.confidences(Role.DIAGNOSIS, [one.features for one in diagnoses])
    ranked = [Ranked(one, found) for one, found in zip(diagnoses, confidences, strict=True)]
    threshold = ranker.threshold(Role.DIAGNOSIS)
    return in_order_of_text(
        [one for one in ranked if one.confidence >= threshold and not explains(one.candidate.code)]
    )


def _holds_first(gold: CodedEpisode, lines: Sequence[Ranked]) -> bool:
    return bool(gold.diagnoses) and any(line.candidate.code == gold.diagnoses[0].code for line in lines)
