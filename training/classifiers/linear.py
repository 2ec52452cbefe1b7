"""Fits the linear document classifier: scikit-learn's TF-IDF, and a linear SVM for each code."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from data.episodes import CodedEpisode
from models.classifiers import LinearClassifier, RoleScale
from models.classifiers.linear import CodeWeights
from models.classifiers.vectoriser import Block, CharacterRuns, ReadText, Runs, Vectoriser, WordRuns
from training.classifiers.config import LinearConfig
from training.classifiers.labels import Flags, given, learnable_codes
from training.errors import CorpusError

_DECIMALS = 8
_MOST_ITERATIONS = 10_000


def fit_linear(episodes: Sequence[CodedEpisode], config: LinearConfig, seed: int) -> LinearClassifier:
    """Not yet calibrated. The same for the same episodes and seed."""
    from scipy import sparse

    codes = learnable_codes(episodes, config.least_episodes)
    texts = [[ReadText.of(document.text) for document in gold.episode.documents] for gold in episodes]
    blocks, columns = zip(
        *(_fit_block(runs, texts, config.least_documents) for runs in _runs(config)), strict=True
    )
    features = sparse.hstack(columns).tocsr()
    weights = {
        role: _fit_codes(features, given(episodes, role, of_role), config, seed)
        for role, of_role in codes.items()
    }
    return LinearClassifier(Vectoriser(blocks), codes, weights, {role: RoleScale() for role in codes})


def _runs(config: LinearConfig) -> Sequence[Runs]:
    words = WordRuns(config.word_longest)
    if not config.char_longest:
        return (words,)
    return (words, CharacterRuns(config.char_shortest, config.char_longest))


def _fit_block(runs: Runs, texts: Sequence[Sequence[ReadText]], least: int) -> tuple[Block, Any]:
    """What serves is computed by our own vectoriser, which a test compares with scikit-learn's."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser: Any = TfidfVectorizer(
        analyzer=lambda documents: chain.from_iterable(map(runs.found, documents)),
        sublinear_tf=True,
        min_df=min(least, len(texts)),
    )
    try:
        columns = vectoriser.fit_transform(texts)
    except ValueError as error:  # an empty vocabulary
        raise CorpusError(f"the texts have no words in common to learn from: {error}") from error
    rarity = tuple(round(float(value), _DECIMALS) for value in vectoriser.idf_)
    return Block(runs, tuple(map(str, vectoriser.get_feature_names_out())), rarity), columns


def _fit_codes(features: Any, right: Flags, config: LinearConfig, seed: int) -> CodeWeights:
    from scipy import sparse

    fitted = [_fit_code(features, column, config, seed) for column in right.T]
    places = np.concatenate([kept for kept, _, _ in fitted])
    codes = np.repeat(np.arange(len(fitted)), [len(kept) for kept, _, _ in fitted])
    weights = np.concatenate([weights for _, weights, _ in fitted])
    rows = sparse.coo_array((weights, (places, codes)), shape=(features.shape[1], len(fitted))).tocsr()
    rows.sort_indices()
    return CodeWeights(
        rows.indptr.astype(np.int64),
        rows.indices.astype(np.int32),
        rows.data.astype(np.float32),
        np.asarray([intercept for _, _, intercept in fitted]),
    )


def _fit_code(features: Any, right: Flags, config: LinearConfig, seed: int) -> tuple[Any, Any, float]:
    """Features with the largest weights, rising, their weights, and the intercept."""
    from sklearn.svm import LinearSVC

    if right.all():
        return np.zeros(0, dtype=np.int64), np.zeros(0), 1.0
    model: Any = LinearSVC(
        C=config.inverse_regularisation, dual=True, random_state=seed, max_iter=_MOST_ITERATIONS
    )
    weights = model.fit(features, right).coef_[0].round(_DECIMALS)
    largest = np.argsort(-np.abs(weights), kind="stable")[: config.kept_weights]
    kept = np.sort(largest[weights[largest] != 0])
    return kept, weights[kept], round(float(model.intercept_[0]), _DECIMALS)
