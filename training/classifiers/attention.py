"""Fits the neural document classifier: AdamW, linear decay after a warm-up, early stopping on MAP.

The recipe of PLM-ICD for small corpora: the query and the output weights of a code begin as what the encoder
reads in its title and terms, so that a code with one example is not learned from nothing, and its bias as its
frequency. Everything is seeded, deterministic, and computed in one thread.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.episodes import CodedEpisode, Document, DocumentKind
from models.classifiers import AttentionClassifier, RoleScale
from models.classifiers.attention import Reading, batch, in_one_thread
from models.classifiers.chunks import Chunk, PieceTokeniser, WordTokeniser, cut
from models.classifiers.vectoriser import ReadText
from models.errors import LibraryMissing
from training.classifiers.config import AttentionConfig
from training.classifiers.encoder import encoder_configuration, encoder_tokeniser, load_encoder
from training.classifiers.labels import Flags, descriptions, given, learnable_codes
from training.display import Watch
from training.evaluate import Tables
from training.folds import deal_folds

Floats = NDArray[np.float64]
_GRADIENT = 1.0
"""Longest gradient that is followed."""
_OUTPUT = 0.1
"""How far output weights begin towards what a title reads as."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Episodes in chunks, with the codes that each has (codes of all roles side by side)."""

    chunks: tuple[tuple[Chunk, ...], ...]
    right: Flags
    ends: tuple[int, ...]
    """Where the codes of each role end."""

    def __len__(self) -> int:
        return len(self.chunks)

    def at(self, places: Sequence[int]) -> "Examples":
        return Examples(tuple(self.chunks[place] for place in places), self.right[list(places)], self.ends)


def fit_attention(
    episodes: Sequence[CodedEpisode], tables: Tables, config: AttentionConfig, seed: int, watch: Watch
) -> AttentionClassifier:
    """Not yet calibrated.

    Raises:
        LibraryMissing: torch, or transformers for a transformer, is not installed.
        TrainingError: the folder of the encoder is not one.
    """
    with reproducible(seed):
        untrained = _untrained(episodes, tables, config)
        chunks = tuple(untrained.chunks(gold.episode) for gold in episodes)
        right = np.hstack([given(episodes, role, codes) for role, codes in untrained.codes.items()])
        ends = tuple(np.cumsum([len(codes) for codes in untrained.codes.values()]).tolist())
        training, deciding = _split(Examples(chunks, right, ends), episodes, config, seed)
        _start(untrained, training, descriptions(untrained.codes, tables))
        _learn(untrained, training, deciding, config, watch)
    return untrained


@contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """What torch draws and adds inside depends on the seed alone; how it was set before comes back after."""
    try:
        import torch
    except ImportError:
        raise LibraryMissing("torch") from None
    in_one_thread()
    strict = torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=[]):
        try:
            torch.manual_seed(seed)
            torch.use_deterministic_algorithms(True)
            torch.utils.deterministic.fill_uninitialized_memory = False  # half the time; nothing reads it
            yield
        finally:
            torch.utils.deterministic.fill_uninitialized_memory = True
            torch.use_deterministic_algorithms(strict)


def _untrained(
    episodes: Sequence[CodedEpisode], tables: Tables, config: AttentionConfig
) -> AttentionClassifier:
    from models.classifiers.network import Network, Shape

    codes = learnable_codes(episodes, config.least_episodes)
    count = sum(map(len, codes.values()))
    tokeniser: WordTokeniser | PieceTokeniser
    if config.encoder:
        tokeniser = encoder_tokeniser(config.encoder)
        body = encoder_configuration(config.encoder)
        shape = Shape(count, int(body["hidden_size"]), transformer=body)
    else:
        tokeniser = _words(episodes, descriptions(codes, tables), config.least_documents)
        shape = Shape(count, config.width, tokeniser.size, config.kernel)
    network = Network(shape, config.dropout)
    if config.encoder:
        load_encoder(network.encoder.body, config.encoder)
    reading = Reading(config.chunk_tokens, config.most_tokens, config.half)
    scales = {role: RoleScale() for role in codes}
    return AttentionClassifier(network, shape, tokeniser, reading, codes, scales)


def _words(episodes: Sequence[CodedEpisode], described: Sequence[Sequence[str]], least: int) -> WordTokeniser:
    """The words of enough episodes, and those of titles and terms."""
    texts = [" \n".join(document.text for document in gold.episode.documents) for gold in episodes]
    counts = Counter(word for text in texts for word in set(ReadText.of(text).words))
    known = {word for phrases in described for phrase in phrases for word in ReadText.of(phrase).words}
    return WordTokeniser(tuple(sorted(known | {word for word, count in counts.items() if count >= least})))


def _split(
    examples: Examples, episodes: Sequence[CodedEpisode], config: AttentionConfig, seed: int
) -> tuple[Examples, Examples]:
    """Those to learn from, and those of held-out patients that decide when to stop."""
    patients = [gold.patient or gold.episode.id for gold in episodes]
    folds = deal_folds(patients, round(1 / config.held_out), seed)
    deciding = [place for place, fold in enumerate(folds) if fold == 0]
    rest = [place for place, fold in enumerate(folds) if fold != 0]
    return examples.at(rest or deciding), examples.at(deciding)


def _start(classifier: AttentionClassifier, training: Examples, described: Sequence[Sequence[str]]) -> None:
    """Queries and outputs from titles and terms, biases from frequencies."""
    import torch

    network = classifier.network.eval()
    attention = network.attention
    often = (training.right.sum(axis=0) + 0.5) / (len(training) + 1)
    with torch.no_grad():
        attention.bias.copy_(torch.from_numpy(np.log(often / (1 - often))))
        for place, phrases in enumerate(described):
            if phrases:
                meaning = _meaning(classifier, phrases)
                attention.queries[place] = meaning
                attention.outputs[place] = meaning * _OUTPUT / len(meaning) ** 0.5


def _meaning(classifier: AttentionClassifier, phrases: Sequence[str]) -> Any:
    """What the encoder reads on average in the words of the phrases, each as a text of its own."""
    documents = [Document("", DocumentKind.OTHER, phrase) for phrase in phrases]
    reading = classifier.reading
    chunks = [
        cut([document], classifier.tokeniser, reading.chunk_tokens, reading.chunk_tokens)
        for document in documents
    ]
    import torch

    tokens, present, places, words = map(torch.from_numpy, batch(chunks, classifier.tokeniser.padding))
    read = classifier.network.read(tokens, present, places)
    return (read * words[:, :, None]).sum(dim=(0, 1)) / words.sum()


def _learn(
    classifier: AttentionClassifier,
    training: Examples,
    deciding: Examples,
    config: AttentionConfig,
    watch: Watch,
) -> None:
    """The weights of the epoch that orders the codes of held-out patients best."""
    import torch

    network = classifier.network
    steps = -(-len(training) // config.batch)
    optimiser, schedule = _optimiser(network, config, steps * config.epochs)
    best, kept, waited = -1.0, deepcopy(network.state_dict()), 0
    for epoch in range(config.epochs):
        network.train()
        order = torch.randperm(len(training)).tolist()
        for step in range(steps):
            some = training.at(order[step * config.batch : (step + 1) * config.batch])
            _step(classifier, some, optimiser, schedule)
        found = mean_average_precision(classifier, deciding, config.batch)
        watch(f"Learning, MAP {max(found, best):.3f}", epoch + 1, config.epochs)
        waited = 0 if found > best else waited + 1
        if found >= best:  # of two that are as good, the one that learned longer
            best, kept = found, deepcopy(network.state_dict())
        if waited == config.patience:
            break
    network.load_state_dict({name: _kept(weight, config.half) for name, weight in kept.items()})
    network.eval().requires_grad_(False)


def _kept(weight: Any, half: bool) -> Any:
    """As a bundle keeps it, so that the model that is measured is the one that is written."""
    import torch

    return weight.to(torch.bfloat16).float() if half and weight.is_floating_point() else weight


def _optimiser(network: Any, config: AttentionConfig, steps: int) -> tuple[Any, Any]:
    import torch

    slow = list(network.encoder.parameters()) if config.encoder else []
    others = {id(weight) for weight in slow}
    fast = [weight for weight in network.parameters() if id(weight) not in others]
    groups = [{"params": fast, "lr": config.learning_rate}]
    if slow:
        groups.append({"params": slow, "lr": config.encoder_learning_rate})
    optimiser = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    warm = max(round(config.warm_up * steps), 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, (steps - step) / max(steps - warm, 1), 1.0)
    )
    return optimiser, schedule


def _step(classifier: AttentionClassifier, some: Examples, optimiser: Any, schedule: Any) -> None:
    import torch

    scores = _scores(classifier, some)
    right = torch.from_numpy(some.right.astype(np.float32))
    loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, right)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(classifier.network.parameters(), _GRADIENT)
    optimiser.step()
    schedule.step()


def _scores(classifier: AttentionClassifier, some: Examples) -> Any:
    import torch

    arrays = map(torch.from_numpy, batch(some.chunks, classifier.tokeniser.padding))
    with torch.autocast("cpu", torch.bfloat16, enabled=classifier.reading.half):
        return classifier.network(*arrays)[0].float()


def mean_average_precision(classifier: AttentionClassifier, examples: Examples, size: int) -> float:
    """Mean over episodes and roles, of those that have codes."""
    import torch

    classifier.network.eval()
    found: list[float] = []
    with torch.inference_mode():
        for start in range(0, len(examples), size):
            some = examples.at(range(start, min(start + size, len(examples))))
            scores = np.asarray(_scores(classifier, some))
            for row, right in zip(scores, some.right, strict=True):
                found.extend(_precisions(row, right, some.ends))
    return float(np.mean(found)) if found else 0.0


def _precisions(scores: Floats, right: Flags, ends: Sequence[int]) -> Iterator[float]:
    for start, end in zip((0, *ends), ends, strict=False):
        of_role = right[start:end][np.argsort(-scores[start:end], kind="stable")]
        if of_role.any():
            hits = np.flatnonzero(of_role)
            yield float((np.arange(1, len(hits) + 1) / (hits + 1)).mean())
