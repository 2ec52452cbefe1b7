"""Document classifiers where they serve: what they compute, quote, answer, and refuse to open."""

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from data.episodes import Document, DocumentKind, Episode, NotCodedReason, Role
from models.bundle import MANIFEST, open_bundle, read_manifest, write_bundle
from models.classifiers import ClassifierCoder, DocumentClassifier, RoleScale
from models.classifiers.attention import batch
from models.classifiers.chunks import WordTokeniser, cut
from models.classifiers.files import ClassifierParts
from models.classifiers.vectoriser import Block, CharacterRuns, ReadText, Runs, WordRuns
from models.errors import BundleError, LibraryMissing
from models.prediction import ModelVersion
from models.text.folding import fold_text
from models.text.words import normal_words
from tests.unit.models.small_classifiers import (
    FixedClassifier,
    attention_classifier,
    linear_classifier,
    notes,
    tables,
)
from tests.unit.models.small_model import classifications, episode

TEXTS = (
    "Type 2 DM; HbA1c 64. Type 2 diabetes since 2010 \u2013 no insulin",
    "Neumon\u00eda adquirida en la comunidad, fiebre de 39 \u00baC",
    "a b\tI\u0301 \ufb01brillation\u00a0AF\n\n  x",
    "oedema oedema oedema ankles",
)


def folded(text: str) -> str:
    return fold_text(text).folded


COUNTERS = {
    "words": (
        WordRuns(2),
        {"preprocessor": folded, "tokenizer": normal_words, "token_pattern": None, "ngram_range": (1, 2)},
    ),
    "characters": (
        CharacterRuns(3, 5),
        {"preprocessor": folded, "analyzer": "char_wb", "ngram_range": (3, 5)},
    ),
}


@pytest.mark.parametrize(("runs", "settings"), COUNTERS.values(), ids=COUNTERS.keys())
def test_runs_are_those_of_scikit_learn(runs: Runs, settings: dict[str, object]) -> None:
    analyse = CountVectorizer(**settings).build_analyzer()
    for text in TEXTS:
        assert sorted(runs.found(ReadText.of(text))) == sorted(analyse(text))


@pytest.mark.parametrize(("runs", "settings"), COUNTERS.values(), ids=COUNTERS.keys())
def test_weights_are_those_of_scikit_learn(runs: Runs, settings: dict[str, object]) -> None:
    peer = TfidfVectorizer(sublinear_tf=True, **settings).fit(TEXTS[1:])
    block = Block(runs, tuple(map(str, peer.get_feature_names_out())), tuple(peer.idf_.tolist()))
    for text in (*TEXTS, ""):
        row = np.zeros(len(block.vocabulary))
        places, weights = block.weigh([ReadText.of(text)])
        row[places] = weights
        assert np.allclose(row, peer.transform([text]).toarray()[0], atol=1e-12)


def test_no_run_reaches_from_one_document_into_the_next() -> None:
    block = Block(WordRuns(2), ("left", "leg", "left leg"), (1.0, 1.0, 1.0))
    together, _ = block.weigh([ReadText.of("left leg")])
    apart, _ = block.weigh([ReadText.of("left"), ReadText.of("leg")])
    assert (together.tolist(), apart.tolist()) == ([0, 1, 2], [0, 1])


@pytest.fixture(scope="module", params=["linear", "attention"])
def classifier(request: pytest.FixtureRequest) -> DocumentClassifier:
    return linear_classifier() if request.param == "linear" else attention_classifier(epochs=12, patience=12)


def test_codes_are_found_with_the_words_that_speak_for_them(classifier: DocumentClassifier) -> None:
    documents = (
        Document("1", DocumentKind.OTHER, "Seen at home."),
        Document("2", DocumentKind.OTHER, "  Cellulitis of the left leg."),
    )
    scores = classifier.scores(Episode("new", documents))[Role.DIAGNOSIS]
    assert scores[0].code == "L031"
    assert any("Cellulitis" in one.text or "leg" in one.text for one in scores[0].evidence())
    for scored in scores:
        for one in scored.evidence():
            assert documents[one.document].text[one.start : one.end] == one.text


def test_a_text_without_words_gives_no_evidence(classifier: DocumentClassifier) -> None:
    scores = classifier.scores(Episode("empty", (Document("1", DocumentKind.OTHER, " ... "),)))
    assert not [one for of_role in scores.values() for code in of_role for one in code.evidence()]


def test_a_classifier_survives_its_folder(classifier: DocumentClassifier, tmp_path: Path) -> None:
    written = _write(classifier, tmp_path / "model")
    opened = open_bundle(written, name="m", version="1", classifications=tables())
    assert isinstance(opened, ClassifierCoder)
    for gold in notes(6):
        found, expected = opened.classifier.raw(gold.episode), classifier.raw(gold.episode)
        assert all(np.allclose(found.values[role], expected.values[role], atol=1e-5) for role in Role)
        assert opened.suggest(gold.episode).diagnoses
    assert read_manifest(written)["kind"] == classifier.kind.value


def test_damaged_weights_are_refused(classifier: DocumentClassifier, tmp_path: Path) -> None:
    folder = _write(classifier, tmp_path / "model")
    weights = next(path for path in folder.iterdir() if path.stem == "weights")
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(BundleError, match="has changed"):
        open_bundle(folder, name="m", version="1", classifications=tables())


def test_weights_that_are_none_are_refused(classifier: DocumentClassifier, tmp_path: Path) -> None:
    """Though the manifest agrees with them, as a careful forger would see to."""
    folder = _write(classifier, tmp_path / "model")
    weights = next(path for path in folder.iterdir() if path.stem == "weights")
    for content in (b"", b"no weights", weights.read_bytes()[:-40]):
        weights.write_bytes(content)
        manifest = json.loads((folder / MANIFEST).read_bytes())
        manifest["files"][weights.name] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
        (folder / MANIFEST).write_text(json.dumps(manifest))
        with pytest.raises(BundleError, match="the classifier is not of this format"):
            open_bundle(folder, name="m", version="1", classifications=tables())


def test_without_torch_the_bundle_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _write(attention_classifier(), tmp_path / "model")
    monkeypatch.delitem(sys.modules, "models.classifiers.network")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(LibraryMissing, match=r"needs torch, .*hospital-autocoder\[transformer\]"):
        open_bundle(folder, name="m", version="1", classifications=tables())


def _write(classifier: DocumentClassifier, folder: Path) -> Path:
    created = datetime(2026, 3, 1, tzinfo=UTC)
    write_bundle(folder, ClassifierParts(classifier, created))  # type: ignore[arg-type]
    return folder


def test_chunks_cover_the_whole_text_and_keep_documents_apart() -> None:
    texts = ("one two three four five", "", "six seven")
    documents = [Document(str(n), DocumentKind.OTHER, text) for n, text in enumerate(texts)]
    tokeniser = WordTokeniser(("one", "six"), opening=(90,), closing=(91,))
    chunks = cut(documents, tokeniser, size=4, most=100)
    quoted = [[texts[c.document][s:e] for s, e in c.spans if e > s] for c in chunks]
    assert quoted == [["one", "two"], ["three", "four"], ["five"], ["six", "seven"]]
    assert all((c.tokens[0], c.tokens[-1]) == (90, 91) and len(c.tokens) <= 4 for c in chunks)
    assert sum(len(c.spans) - 2 for c in cut(documents, tokeniser, size=4, most=6)) == 6


def test_padding_does_not_change_scores() -> None:
    import torch

    found = attention_classifier(chunk_tokens=8)
    chunks = [found.chunks(gold.episode) for gold in notes(6)]
    assert len({sum(len(chunk.tokens) for chunk in of_episode) for of_episode in chunks}) > 2
    with torch.inference_mode():
        arrays = map(torch.from_numpy, batch(chunks, found.tokeniser.padding))
        together = found.network(*arrays)[0].numpy()
    for row, gold in zip(together, notes(6), strict=True):
        alone = found.raw(gold.episode).values
        assert np.allclose(np.concatenate([alone[role] for role in found.codes]), row, atol=1e-4)


@pytest.mark.parametrize("changes", [{"slope": 0.0}, {"offset": float("nan")}, {"knots": ((0.0, 0.0),)}])
def test_a_scale_that_is_none_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"slope|points"):
        RoleScale(**changes)  # type: ignore[arg-type]


class TestAlone:
    """A classifier as the coder of a model."""

    def suggest(self, diagnoses: dict[str, float], procedures: dict[str, float], *, evidence: bool = True):  # type: ignore[no-untyped-def]
        found = FixedClassifier({Role.DIAGNOSIS: diagnoses, Role.PROCEDURE: procedures}, evidence=evidence)
        coder = ClassifierCoder(ModelVersion("m", "1", ""), found, classifications())
        return coder.suggest(episode("Pneumonia, treated."))

    def test_suggests_from_the_threshold_in_order_of_confidence(self) -> None:
        lines = self.suggest({"J189": 0.9, "I10X": 0.6, "E119": 0.3}, {}).diagnoses
        assert [(line.code, line.suggested) for line in lines] == [
            ("J189", True), ("I10X", True), ("E119", False),
        ]  # fmt: skip
        assert lines[0].title == "Pneumonia, unspecified"
        assert "'Pneumonia,'" in lines[0].reason

    def test_a_site_comes_after_its_procedure_and_never_alone(self) -> None:
        both = self.suggest({}, {"Z941": 0.9, "W381": 0.8}).procedures
        alone = self.suggest({}, {"Z941": 0.9, "W381": 0.1}).procedures
        assert [(line.code, line.suggested) for line in both] == [("W381", True), ("Z941", True)]
        assert not any(line.suggested for line in alone)

    def test_a_code_that_the_edition_lacks_is_left_out_with_the_reason(self) -> None:
        prediction = self.suggest({"U049": 0.9}, {})
        assert not prediction.diagnoses
        assert [(one.reason, one.would_be) for one in prediction.not_coded] == [
            (NotCodedReason.NOT_IN_EDITION, "U049")
        ]

    def test_there_is_no_code_without_evidence(self) -> None:
        assert not self.suggest({"J189": 0.9}, {}, evidence=False).diagnoses
