"""Fitting document classifiers: the same again, calibrated on patients unseen, a model of its own."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from data.corpora import write_coded_documents
from data.episodes import Role
from models.bundle import write_bundle
from models.classifiers import DocumentClassifier
from models.classifiers.files import ClassifierParts
from models.errors import LibraryMissing
from models.kinds import ModelKind
from tests.unit.models.small_classifiers import (
    attention_classifier,
    config,
    ignore,
    linear_classifier,
    notes,
    tables,
)
from training.classifiers.attention import Examples, mean_average_precision, reproducible
from training.classifiers.encoder import encoder_configuration
from training.classifiers.folds import out_of_fold_scores
from training.classifiers.labels import learnable_codes
from training.classifiers.linear import fit_linear
from training.classifiers.scaling import Unseen, fit_scale
from training.config import read_config
from training.corpus import Corpus, read_corpus
from training.errors import ConfigError, CorpusError, TrainingError
from training.evaluate import evaluate_model
from training.opening import DEFAULT_CLASSIFICATIONS, ModelSource
from training.predict import outcomes
from training.train import train

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def digest(classifier: DocumentClassifier) -> str:
    contents = ClassifierParts(classifier, NOON).contents()  # type: ignore[arg-type]
    return hashlib.sha256(b"".join(contents[name] for name in sorted(contents))).hexdigest()


@pytest.mark.parametrize("fit", [linear_classifier, attention_classifier])
def test_the_same_episodes_and_seed_give_the_same_files(fit: Callable[[], DocumentClassifier]) -> None:
    assert digest(fit()) == digest(fit())


def test_another_seed_gives_another_network() -> None:
    assert digest(attention_classifier(seed=1)) != digest(attention_classifier(seed=2))


def test_halved_precision_is_what_is_measured_and_what_is_written() -> None:
    import torch

    weights = attention_classifier(half=True, epochs=1).network.state_dict().values()
    assert all(torch.equal(weight, weight.bfloat16().float()) for weight in weights)


def test_an_episode_is_scored_by_a_classifier_that_has_not_seen_its_codes() -> None:
    """Were its codes others, its own scores would be the same, and those of others would not."""
    settings, episodes = config(ModelKind.LINEAR), notes()
    fit = partial(fit_linear, config=settings.linear, seed=1)
    wronged = [replace(episodes[0], diagnoses=episodes[1].diagnoses), *episodes[1:]]
    before = out_of_fold_scores(episodes, fit, settings, ignore)
    after = out_of_fold_scores(wronged, fit, settings, ignore)
    assert list(before[0][Role.DIAGNOSIS]) == list(after[0][Role.DIAGNOSIS])
    assert any(old != new for old, new in zip(before[1:], after[1:], strict=True))
    assert all(0 <= p <= 1 for one in before for of_role in one.values() for p in of_role.values())


@pytest.mark.parametrize("kind", [ModelKind.LINEAR, ModelKind.ATTENTION])
def test_a_classifier_is_a_model_of_its_own(kind: ModelKind) -> None:
    trained = train(
        Corpus(tuple(notes()), {"ours.jsonl": "abc"}, False), tables(), config(kind), NOON, ignore
    )
    assert isinstance(trained.parts, ClassifierParts)
    assert trained.parts.kind is kind
    assert [one.id for one in trained.unseen] == [gold.episode.id for gold in notes()]
    assert trained.report["headline"]["diagnoses_map"]["value"] > 0.5
    assert trained.parts.training["out_of_fold"]
    assert trained.parts.thresholds.keys() == set(Role)


def test_its_bundle_codes_a_file_and_is_measured_like_any_other(tmp_path: Path) -> None:
    write_bundle(tmp_path / "model", ClassifierParts(linear_classifier(), NOON, {"corpora": {}}))
    source = ModelSource(tmp_path / "model", "words", "1", DEFAULT_CLASSIFICATIONS)
    write_coded_documents(tmp_path / "notes.jsonl", notes(3))
    lines = [json.loads(one.written) for one in outcomes(source, tmp_path / "notes.jsonl")]
    assert [line["diagnoses"][0]["evidence"][0]["text"] != "" for line in lines] == [True] * 3
    assert {line["model"]["name"] for line in lines} == {"words"}
    assert lines[0]["diagnoses"][0].keys() >= {"code", "title", "confidence", "suggested", "reason"}
    report = evaluate_model(source, read_corpus([tmp_path / "notes.jsonl"]), 0, ignore)
    assert report["headline"]["diagnoses_reach"]["value"] == 1.0


def test_scores_become_probabilities_that_mean_what_they_say() -> None:
    random = np.random.default_rng(1)
    scores = random.normal(-1, 2, (200, 30))
    right = random.random(scores.shape) < 1 / (1 + np.exp(-2 * scores + 1))
    scale = fit_scale((Unseen(s, r, int(r.sum())) for s, r in zip(scores, right, strict=True)), read_config())
    assert scale.slope == pytest.approx(2, abs=0.3)
    assert abs(scale.probabilities(scores.ravel()).mean() - right.mean()) < 0.01


def test_examples_that_contradict_themselves_leave_the_scale_as_it_is() -> None:
    wrong = [Unseen(np.asarray([1.0, -1.0]), np.asarray([False, True]), 1)] * 30
    assert fit_scale(wrong, read_config()).slope == 1.0


def test_mean_average_precision_counts_each_role_apart() -> None:
    found = attention_classifier(epochs=1)
    chunks = found.chunks(notes(1)[0].episode)
    order = np.argsort(-np.concatenate([found.raw(notes(1)[0].episode).values[role] for role in found.codes]))
    right = np.zeros((1, len(order)), dtype=bool)
    right[0, order[0]] = True
    ends = (len(order),)
    assert mean_average_precision(found, Examples((chunks,), right, ends), 1) == 1.0
    right[0, order[:2]] = (False, True)
    assert mean_average_precision(found, Examples((chunks,), right, ends), 1) == 0.5


def test_torchs_own_settings_come_back() -> None:
    import torch

    before = (torch.are_deterministic_algorithms_enabled(), torch.initial_seed())
    with reproducible(3):
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.get_num_threads() == 1
    assert before == (torch.are_deterministic_algorithms_enabled(), torch.initial_seed())


def test_without_torch_training_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(LibraryMissing, match="needs torch"):
        attention_classifier()


def test_a_corpus_without_codes_is_refused() -> None:
    uncoded = [replace(gold, diagnoses=(), procedures=()) for gold in notes()]
    with pytest.raises(CorpusError, match="nothing to learn"):
        learnable_codes(uncoded, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind = 'magic'", "kind: "),
        ("[attention]\nkernel = 4", "kernel is even"),
        ("[linear]\nchar_longest = 4", "only one of them is 0"),
    ],
)
def test_mistakes_in_the_settings_are_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ConfigError, match=says):
        read_config(tmp_path / "mine.toml")


@pytest.mark.parametrize("name", ["tfidf", "attention"])
def test_the_configurations_that_ship_are_of_their_kind(name: str) -> None:
    kind = read_config(Path("training/configs") / f"{name}.toml").kind
    assert kind is {"tfidf": ModelKind.LINEAR, "attention": ModelKind.ATTENTION}[name]


class TestTransformer:
    """A BERT of two layers and random weights, made on the spot: no real one is fetched."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
        from transformers import BertConfig, BertModel

        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "pneumonia", "cellulitis", "hypertension", "leg", "left"]
        tokeniser = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
        tokeniser.normalizer = normalizers.Lowercase()
        tokeniser.pre_tokenizer = pre_tokenizers.Whitespace()
        tokeniser.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
        folder = tmp_path / "bert"
        BertModel(BertConfig(vocab_size=len(words), **sizes)).save_pretrained(folder)
        tokeniser.save(str(folder / "tokenizer.json"))
        return folder

    def test_reads_in_place_of_the_convolution_and_lies_in_the_bundle(self, folder: Path) -> None:
        from models.classifiers.files import open_classifier

        found = attention_classifier(encoder=str(folder), epochs=1, chunk_tokens=8)
        opened = open_classifier(ModelKind.ATTENTION, ClassifierParts(found, NOON).contents())
        for gold in notes(4):
            one, other = found.raw(gold.episode), opened.raw(gold.episode)
            assert np.allclose(one.values[Role.DIAGNOSIS], other.values[Role.DIAGNOSIS], atol=1e-5)
            for evidence in one.locate(Role.DIAGNOSIS, 0):
                text = gold.episode.documents[evidence.document].text
                assert text[evidence.start : evidence.end] == evidence.text != ""

    def test_a_folder_that_is_no_encoder_is_refused(self, folder: Path) -> None:
        (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
        with pytest.raises(TrainingError, match="not that of a text encoder"):
            encoder_configuration(str(folder))
        with pytest.raises(TrainingError, match="cannot be read"):
            encoder_configuration(str(folder / "nowhere"))
