"""A document classifier as the files of a bundle, and back (models/bundle.py writes and verifies them)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.episodes import Role
from models.classifiers.attention import (
    AttentionClassifier,
    attention_json,
    open_attention,
    tokeniser_json,
    weights_safetensors,
)
from models.classifiers.linear import (
    LinearClassifier,
    linear_json,
    open_linear,
    vocabulary_json,
    weights_npz,
)
from models.kinds import ModelKind

CLASSIFIER, VOCABULARY, TOKENISER = "classifier.json", "vocabulary.json", "tokeniser.json"
NPZ, SAFETENSORS = "weights.npz", "weights.safetensors"
CLASSIFIER_FILES: Mapping[ModelKind, frozenset[str]] = {
    ModelKind.LINEAR: frozenset({CLASSIFIER, VOCABULARY, NPZ}),
    ModelKind.ATTENTION: frozenset({CLASSIFIER, TOKENISER, SAFETENSORS}),
}

Classifier = LinearClassifier | AttentionClassifier


@dataclass(frozen=True, slots=True)
class ClassifierParts:
    """What a bundle of a document classifier is made of."""

    classifier: Classifier
    created: datetime
    training: Mapping[str, Any] = field(default_factory=dict)
    """What it was trained on and how well it did: kept, not used."""

    @property
    def kind(self) -> ModelKind:
        return self.classifier.kind

    @property
    def thresholds(self) -> Mapping[Role, float]:
        return {role: scale.threshold for role, scale in self.classifier.scales.items()}

    def contents(self) -> dict[str, bytes]:
        """The files; the same classifier gives the same bytes."""
        one = self.classifier
        if isinstance(one, LinearClassifier):
            return {
                CLASSIFIER: _json(linear_json(one)),
                VOCABULARY: _json(vocabulary_json(one)),
                NPZ: weights_npz(one),
            }
        return {
            CLASSIFIER: _json(attention_json(one)),
            TOKENISER: _json(tokeniser_json(one)),
            SAFETENSORS: weights_safetensors(one),
        }


def open_classifier(kind: ModelKind, contents: Mapping[str, bytes]) -> Classifier:
    """The classifier of verified files.

    Raises:
        ValueError, KeyError, TypeError: they are not those of one classifier.
        LibraryMissing: it needs torch or transformers, and they are not installed.
    """
    written = json.loads(contents[CLASSIFIER])
    if kind is ModelKind.LINEAR:
        return open_linear(written, json.loads(contents[VOCABULARY]), contents[NPZ])
    return open_attention(written, json.loads(contents[TOKENISER]), contents[SAFETENSORS])


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False).encode() + b"\n"
