"""Learns which diagnosis coders put first, among those that are likely enough."""

from collections import ChainMap, Counter
from collections.abc import Iterable, Sequence, Set

import numpy as np

from data.episodes import CodedEpisode, Role
from models.indications import Counts, operations, pair_key
from models.ordering import Ranked
from models.primary import PrimaryRanker, keys_of, may_lead, primary_rows
from training.choice import fit_choice
from training.config import PrimaryConfig

Codings = Sequence[tuple[CodedEpisode, Sequence[Ranked]]]
"""Each coding with its candidates of both roles, as confident as a ranker that has not seen the patient."""


def fit_primary(cases: Codings, comorbidities: Set[str], config: PrimaryConfig) -> PrimaryRanker | None:
    """None where the corpus is too small to say."""
    coded = [(gold, ranked) for gold, ranked in cases if gold.diagnoses]
    taught = [(gold, ranked, lines) for gold, ranked in coded if (lines := _lines(gold, ranked))]
    if len(taught) < config.least_episodes:
        return None
    counts = count_first(gold for gold, _ in coded)
    rows = [
        primary_rows(lines, _of(Role.PROCEDURE, ranked), comorbidities, _without(counts, gold))
        for gold, ranked, lines in taught
    ]
    first = [line.candidate.code == gold.diagnoses[0].code for gold, _, lines in taught for line in lines]
    groups = [len(lines) for _, _, lines in taught]
    weights = fit_choice(np.vstack(rows), np.asarray(first), groups, config.inverse_regularisation)
    return PrimaryRanker(weights, counts, round(len(taught) / len(coded), 6))


def count_first(codings: Iterable[CodedEpisode]) -> dict[str, Counts]:
    """How often each chapter, category and code stood in a coding and how often first, operations apart."""
    stood: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for gold in codings:
        letters, categories = operations(line.code for line in gold.procedures)
        for place, line in enumerate(gold.diagnoses):
            keys = [*keys_of(line.code)]
            keys += [pair_key(key, done) for key in keys[:2] for done in (*letters, *categories)]
            stood.update(keys)
            if place == 0:
                first.update(keys)
    return {key: (stood[key], first[key]) for key in stood}


def _without(counts: dict[str, Counts], gold: CodedEpisode) -> ChainMap[str, Counts]:
    """The counts as they are without this episode: an episode must not teach itself."""
    own = {
        key: (counts[key][0] - stood, counts[key][1] - first)
        for key, (stood, first) in count_first([gold]).items()
    }
    return ChainMap(own, counts)


def _lines(gold: CodedEpisode, ranked: Sequence[Ranked]) -> list[Ranked]:
    """What may lead; nothing where what did lead is not among it."""
    lines = may_lead(_of(Role.DIAGNOSIS, ranked))
    return lines if any(line.candidate.code == gold.diagnoses[0].code for line in lines) else []


def _of(role: Role, ranked: Sequence[Ranked]) -> list[Ranked]:
    return [one for one in ranked if one.candidate.role is role]
