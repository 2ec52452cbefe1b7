"""The linear document classifier: term weights times the weights of each code. Needs numpy alone."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from data.episodes import Episode, Evidence, Role
from models.classifiers.scores import (
    Codes,
    Floats,
    RawScores,
    Scales,
    ScoredCode,
    calibrated,
    heads_from_json,
    heads_json,
)
from models.classifiers.vectoriser import Block, Integers, ReadText, Vectoriser
from models.kinds import ModelKind

MOST_EVIDENCE = 3


@dataclass(frozen=True, slots=True)
class CodeWeights:
    """Weights of the codes of a role, by feature (compressed rows); most are zero and left out."""

    begins: Integers
    """Where the weights of each feature begin, and last where they end: features + 1 numbers."""
    codes: NDArray[np.int32]
    """Place of the code of each weight, rising within a feature."""
    weights: NDArray[np.float32]
    intercepts: Floats
    """Of each code."""

    def __post_init__(self) -> None:
        rising = self.begins.ndim == 1 and len(self.begins) and (np.diff(self.begins) >= 0).all()
        if not rising or self.begins[0] != 0 or self.begins[-1] != len(self.weights):
            raise ValueError("weights do not lie in rows")
        if len(self.codes) != len(self.weights) or not self._known_codes():
            raise ValueError("each weight belongs to a code")
        if not np.isfinite(self.weights).all() or not np.isfinite(self.intercepts).all():
            raise ValueError("weights must be finite")

    def _known_codes(self) -> bool:
        return bool(((self.codes >= 0) & (self.codes < len(self.intercepts))).all())

    def rows(self, features: Integers) -> tuple[Integers, Integers]:
        """Where the weights of these features lie, and of each the place of its feature in the list."""
        lengths = self.begins[features + 1] - self.begins[features]
        shifts = self.begins[features] - (np.cumsum(lengths) - lengths)
        owners = np.repeat(np.arange(len(features)), lengths)
        return np.arange(lengths.sum()) + shifts[owners], owners


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """TF-IDF and one linear model for each code."""

    vectoriser: Vectoriser
    codes: Codes
    weights: Mapping[Role, CodeWeights]
    scales: Scales
    kind: ModelKind = ModelKind.LINEAR

    def __post_init__(self) -> None:
        for role, codes in self.codes.items():
            weights = self.weights[role]
            if len(weights.intercepts) != len(codes):
                raise ValueError("there are as many intercepts as codes")
            if len(weights.begins) != self.vectoriser.width + 1:
                raise ValueError("there are as many rows of weights as features")

    def with_scales(self, scales: Scales) -> "LinearClassifier":
        return replace(self, scales=scales)

    def scores(self, episode: Episode) -> Mapping[Role, Sequence[ScoredCode]]:
        return calibrated(self.raw(episode), self.codes, self.scales)

    def raw(self, episode: Episode) -> RawScores:
        texts = [ReadText.of(document.text) for document in episode.documents]
        features, values = self.vectoriser.weigh(texts)
        products = {role: Products.of(weights, features, values) for role, weights in self.weights.items()}
        scores = {role: self.weights[role].intercepts + found.sums for role, found in products.items()}

        def locate(role: Role, code: int) -> tuple[Evidence, ...]:
            return self._evidence(episode, texts, features, products[role].of_code(code, len(features)))

        return RawScores(scores, locate)

    def _evidence(
        self, episode: Episode, texts: Sequence[ReadText], features: Integers, products: Floats
    ) -> tuple[Evidence, ...]:
        """The first place of each of the runs that spoke most for a code; no two overlap."""
        found: list[Evidence] = []
        for place in np.argsort(-products, kind="stable"):
            if products[place] <= 0 or len(found) == MOST_EVIDENCE:
                break
            evidence = self._first(episode, texts, int(features[place]))
            if evidence is not None and not any(_overlap(evidence, other) for other in found):
                found.append(evidence)
        return tuple(found)

    def _first(self, episode: Episode, texts: Sequence[ReadText], feature: int) -> Evidence | None:
        runs, run = self.vectoriser.run_at(feature)
        for number, text in enumerate(texts):
            for start, end in runs.spans(text, run):
                return Evidence(number, start, end, episode.documents[number].text[start:end])
        return None


@dataclass(frozen=True, slots=True)
class Products:
    """What each feature of a text adds to the score of each code."""

    owners: Integers
    """Of each product, the place of its feature among those of the text."""
    codes: NDArray[np.int32]
    values: Floats
    sums: Floats
    """Of each code."""

    @classmethod
    def of(cls, weights: CodeWeights, features: Integers, values: Floats) -> "Products":
        rows, owners = weights.rows(features)
        codes = weights.codes[rows]
        products = weights.weights[rows] * values[owners]
        sums = np.bincount(codes, products, len(weights.intercepts)).astype(np.float64)
        return cls(owners, codes, products, sums)

    def of_code(self, code: int, features: int) -> Floats:
        """What each feature adds to the score of one code."""
        chosen = self.codes == code
        return np.bincount(self.owners[chosen], self.values[chosen], features).astype(np.float64)


def _overlap(one: Evidence, other: Evidence) -> bool:
    return one.document == other.document and one.start < other.end and other.start < one.end


def linear_json(classifier: LinearClassifier) -> dict[str, Any]:
    return {"roles": heads_json(classifier.codes, classifier.scales)}


def vocabulary_json(classifier: LinearClassifier) -> list[dict[str, Any]]:
    return [block.to_json() for block in classifier.vectoriser.blocks]


def weights_npz(classifier: LinearClassifier) -> bytes:
    """The same weights give the same bytes: the archive holds no time."""
    arrays = {
        f"{role.value}_{name}": getattr(weights, name)
        for role, weights in classifier.weights.items()
        for name in _ARRAYS
    }
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)
    return written.getvalue()


_ARRAYS = {"begins": np.int64, "codes": np.int32, "weights": np.float32, "intercepts": np.float64}


def open_linear(written: Mapping[str, Any], vocabulary: Sequence[Any], weights: bytes) -> LinearClassifier:
    """Raises ValueError, KeyError or TypeError where the parts are not of one linear classifier."""
    codes, scales = heads_from_json(written["roles"])
    vectoriser = Vectoriser(tuple(Block.from_json(block) for block in vocabulary))
    try:
        with np.load(io.BytesIO(weights), allow_pickle=False) as arrays:
            of_roles = {role: _weights(role, arrays) for role in codes}
    except (BadZipFile, OSError, EOFError) as error:
        raise ValueError(f"the weights are no npz: {error}") from None
    return LinearClassifier(vectoriser, codes, of_roles, scales)


def _weights(role: Role, arrays: Any) -> CodeWeights:
    found = {}
    for name, kind in _ARRAYS.items():
        array = arrays[f"{role.value}_{name}"]
        if array.dtype != kind or array.ndim != 1:
            raise ValueError(f"{name} are not one row of {np.dtype(kind).name}")
        found[name] = array
    return CodeWeights(**found)
