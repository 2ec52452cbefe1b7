"""Learns which of the codes that descriptions propose are likely, from episodes told by unseeing lexica.

A logistic regression over what the matches of each proposed code say. It has some fifty weights, none of
which names a code, so a share of the episodes is enough and it needs no folds of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.classifications import Classification
from data.episodes import Role
from models.lexicon import LEARNED_FEATURES, Lexicon, LexiconReader, RoleLexicon
from models.lexicon.order import ORDERED_BY, Order
from models.lexicon.proposal import Proposal
from training.taught import Taught

Floats = NDArray[np.float64]
_MOST_EPISODES = 200
_LEAST_RIGHT = 20
_STRENGTH = 0.01
"""scikit-learn's C."""
_SMALLEST_SCALE = 1e-6
_DECIMALS = 8
_PLACES = [LEARNED_FEATURES.index(name) for name in ORDERED_BY]
BY_NOTHING = Order(0.0, {})
"""Until it is learned: a lexicon with an order looks for titles, too."""


def learn_order(
    taught: Sequence[Mapping[Role, Taught]],
    of_folds: Sequence[Lexicon],
    fold_of: Sequence[int],
    role: Role,
    table: Classification,
) -> Order | None:
    """None where there is nothing to learn from.

    Args:
        of_folds: the lexica, each learned without the episodes of its fold.
        fold_of: the fold of each episode.
    """
    rows, right = [], []
    for proposal, given in _proposed(taught, of_folds, fold_of, role, table):
        rows.append(proposal.values)
        right.append(given)
    if not _LEAST_RIGHT <= sum(right) < len(right):
        return None
    return _fitted(np.asarray(rows)[:, _PLACES], np.asarray(right))


def _proposed(
    taught: Sequence[Mapping[Role, Taught]],
    of_folds: Sequence[Lexicon],
    fold_of: Sequence[int],
    role: Role,
    table: Classification,
) -> Iterator[tuple[Proposal, bool]]:
    """What the lexicon of its fold proposes for each episode, and whether it was given."""
    asked = range(min(len(taught), _MOST_EPISODES))
    for fold in sorted({fold_of[place] for place in asked}):
        reader = LexiconReader(Lexicon({role: _looking(of_folds[fold], role)}), {role: table})
        for place in asked:
            if fold_of[place] == fold:
                episode = taught[place][role]
                for code, proposal in reader.everything(role, episode.readings).items():
                    yield proposal, code in episode.codes


def _looking(lexicon: Lexicon, role: Role) -> RoleLexicon:
    return replace(lexicon.roles[role], order=BY_NOTHING)


def _fitted(features: Floats, right: NDArray[np.bool_]) -> Order:
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    means, scales = features.mean(axis=0), features.std(axis=0)
    scales = np.where(scales > _SMALLEST_SCALE, scales, np.inf)
    with threadpool_limits(1):
        model = LogisticRegression(C=_STRENGTH, solver="newton-cholesky", tol=1e-8)
        model.fit((features - means) / scales, right)
    weights = model.coef_[0] / scales
    named = zip(ORDERED_BY, weights, strict=True)
    return Order(
        round(float(model.intercept_[0] - weights @ means), _DECIMALS),
        {name: round(float(weight), _DECIMALS) for name, weight in named if weight},
    )
