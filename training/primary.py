"""Learns which diagnosis coders put first, among those that are likely enough."""

from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.episodes import CodedEpisode, Role
from models.indications import Counts, operations, pair_key
from models.ordering import Ranked
from models.primary import PrimaryRanker, keys_of, may_lead, primary_rows
from models.ranking import Trees
from training.boosting import fit_choice_trees
from training.choice import fit_choice
from training.config import PrimaryConfig

Floats = NDArray[np.float64]
Codings = Sequence[tuple[CodedEpisode, Sequence[Ranked]]]
"""Each coding with its candidates of both roles, as confident as a ranker that has not seen the patient."""


def fit_primary(cases: Codings, config: PrimaryConfig, seed: int = 0) -> PrimaryRanker | None:
    """None where the corpus is too small to say."""
    coded = [(gold, ranked) for gold, ranked in cases if gold.diagnoses]
    taught = [(gold, ranked, lines) for gold, ranked in coded if (lines := _lines(gold, ranked))]
    if len(taught) < config.least_episodes:
        return None
    counts = count_first(gold for gold, _ in coded)
    rows = np.vstack(
        [
            primary_rows(lines, _of(Role.PROCEDURE, ranked), _without(counts, gold))
            for gold, ranked, lines in taught
        ]
    )
    first = [line.candidate.code == gold.diagnoses[0].code for gold, _, lines in taught for line in lines]
    chosen = _Choices(rows, np.asarray(first), [lines for _, _, lines in taught])
    weights, words = _fit_linear(chosen, config)
    linear = PrimaryRanker(weights, counts, round(len(taught) / len(coded), 6), words)
    return replace(linear, trees=_fit_trees(chosen, linear, config, seed))


class _Choices(NamedTuple):
    rows: Floats
    first: NDArray[np.bool_]
    lines: list[list[Ranked]]
    """Of each episode."""

    @property
    def sizes(self) -> list[int]:
        return [len(lines) for lines in self.lines]

    def episodes(self) -> Iterator[tuple[Floats, list[Ranked]]]:
        ends = np.cumsum(self.sizes)[:-1]
        return zip(np.split(self.rows, ends), self.lines, strict=True)

    @property
    def beside(self) -> list[frozenset[str]]:
        """The words beside each line."""
        return [line.candidate.beside for lines in self.lines for line in lines]


def _fit_linear(chosen: _Choices, config: PrimaryConfig) -> tuple[tuple[float, ...], dict[str, float]]:
    """Weights of the features, and of the words."""
    words = _common_words(chosen.lines, config)
    flags = np.array([[word in beside for word in words] for beside in chosen.beside], dtype=np.float64)
    columns = np.hstack([chosen.rows, flags.reshape(len(chosen.rows), len(words))])
    weights = fit_choice(columns, chosen.first, chosen.sizes, config.inverse_regularisation, len(words))
    width = chosen.rows.shape[1]
    return weights[:width], dict(zip(words, weights[width:], strict=True))


def _common_words(lines: Iterable[Sequence[Ranked]], config: PrimaryConfig) -> list[str]:
    """Words that stand beside diagnoses of many episodes: rare ones tell little, and might name somebody."""
    episodes = Counter(
        key
        for of_episode in lines
        for key in frozenset().union(*(one.candidate.beside for one in of_episode))
    )
    often = [(-count, key) for key, count in episodes.items() if count >= config.word_episodes]
    return sorted(key for _, key in sorted(often)[: config.most_words])


def _fit_trees(chosen: _Choices, linear: PrimaryRanker, config: PrimaryConfig, seed: int) -> Trees:
    """None where there are few episodes."""
    if len(chosen.lines) < config.trees.least_right:
        return Trees()
    scores = np.concatenate([linear.scores(rows, lines) for rows, lines in chosen.episodes()])
    return fit_choice_trees(chosen.rows, chosen.first, chosen.sizes, scores, config.trees, seed)


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
