"""The neural document classifier: label attention over a convolution or a transformer.

torch is imported when a network is made or its weights are read, never by importing this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.episodes import Episode, Evidence, Role
from models.classifiers.chunks import Chunk, PieceTokeniser, Span, WordTokeniser, cut, tokeniser_from_json
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
from models.errors import LibraryMissing
from models.kinds import ModelKind

MOST_EVIDENCE = 3
NOTHING_READ = -50.0
"""Score of every code where there is no word to read."""
_LEAST_SHARE = 0.25
"""Words attended to less than this share of the most attended one are no evidence."""
_JOINED = 2
"""Attended words this many characters apart are quoted as one: a blank or a hyphen between them."""


class Reading(NamedTuple):
    """How an episode is cut and computed."""

    chunk_tokens: int
    most_tokens: int
    half: bool
    """In bfloat16, which halves the weights on disk."""


class Batch(NamedTuple):
    """The chunks of some episodes, and where in them the words of each episode are."""

    tokens: NDArray[np.int64]
    """Chunks x tokens."""
    present: NDArray[np.bool_]
    """Whether a token is more than padding."""
    places: NDArray[np.int64]
    """Episodes x words: places in the tokens, row after row."""
    words: NDArray[np.bool_]
    """Whether there is a word at the place, or the episode has no more."""


def batch(episodes: Sequence[Sequence[Chunk]], padding: int) -> Batch:
    """Chunks are padded to the longest of them, words to the episode that has most. None may be empty."""
    chunks = [chunk for of_episode in episodes for chunk in of_episode]
    longest = max(len(chunk.tokens) for chunk in chunks)
    tokens = np.full((len(chunks), longest), padding, dtype=np.int64)
    present = np.zeros(tokens.shape, dtype=bool)
    for row, chunk in enumerate(chunks):
        tokens[row, : len(chunk.tokens)] = chunk.tokens
        present[row, : len(chunk.tokens)] = True
    return Batch(tokens, present, *_places(episodes, longest))


def _places(episodes: Sequence[Sequence[Chunk]], longest: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    found: list[list[int]] = []
    row = 0
    for chunks in episodes:
        of_episode: list[int] = []
        for chunk in chunks:
            of_episode.extend(row * longest + at for at, _ in words_of(chunk))
            row += 1
        found.append(of_episode)
    most = max(map(len, found))
    places = np.zeros((len(found), most), dtype=np.int64)
    words = np.zeros(places.shape, dtype=bool)
    for number, of_episode in enumerate(found):
        places[number, : len(of_episode)] = of_episode
        words[number, : len(of_episode)] = True
    return places, words


def words_of(chunk: Chunk) -> list[tuple[int, Span]]:
    """The tokens that stand for words: their places in the chunk, and in the text."""
    return [(at, span) for at, span in enumerate(chunk.spans) if span[1] > span[0]]


@dataclass(frozen=True, slots=True)
class AttentionClassifier:
    """Codes of all roles share the encoder; each has its own query."""

    network: Any
    """models.classifiers.network.Network, not training."""
    shape: Any
    tokeniser: WordTokeniser | PieceTokeniser
    reading: Reading
    codes: Codes
    scales: Scales
    kind: ModelKind = ModelKind.ATTENTION

    def __post_init__(self) -> None:
        if sum(map(len, self.codes.values())) != self.shape.codes:
            raise ValueError("there are as many queries as codes")
        if isinstance(self.tokeniser, WordTokeniser) and self.tokeniser.size != self.shape.vocabulary:
            raise ValueError("there are as many embeddings as words")

    def with_scales(self, scales: Scales) -> "AttentionClassifier":
        return replace(self, scales=scales)

    def scores(self, episode: Episode) -> Mapping[Role, Sequence[ScoredCode]]:
        return calibrated(self.raw(episode), self.codes, self.scales)

    def chunks(self, episode: Episode) -> tuple[Chunk, ...]:
        return cut(episode.documents, self.tokeniser, self.reading.chunk_tokens, self.reading.most_tokens)

    def raw(self, episode: Episode) -> RawScores:
        chunks = self.chunks(episode)
        if not chunks:
            nothing = {role: np.full(len(codes), NOTHING_READ) for role, codes in self.codes.items()}
            return RawScores(nothing, lambda role, code: ())
        scores, attention = self._run(batch([chunks], self.tokeniser.padding))
        begins = self._begins()

        def locate(role: Role, code: int) -> tuple[Evidence, ...]:
            return evidence_of(episode, chunks, np.asarray(attention[begins[role] + code].float()))

        by_role = {
            role: scores[begins[role] : begins[role] + len(codes)] for role, codes in self.codes.items()
        }
        return RawScores(by_role, locate)

    def _begins(self) -> Mapping[Role, int]:
        """Where the codes of each role begin among those of the network."""
        begins, before = {}, 0
        for role, codes in self.codes.items():
            begins[role] = before
            before += len(codes)
        return begins

    def _run(self, one: Batch) -> tuple[Floats, Any]:
        import torch

        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.reading.half):
            scores, attention = self.network(*(torch.from_numpy(array) for array in one))
        return np.asarray(scores[0].double()), attention[0]


def evidence_of(episode: Episode, chunks: Sequence[Chunk], attention: Floats) -> tuple[Evidence, ...]:
    """The words attended to most, neighbours among them joined, the most attended to first.

    Args:
        attention: of each word, in order.
    """
    words = [(chunk.document, span) for chunk in chunks for _, span in words_of(chunk)]
    weighed = [(weight, *word) for weight, word in zip(attention.tolist(), words, strict=True)]
    top = max(weight for weight, _, _ in weighed)
    runs: list[tuple[float, int, int, int]] = []
    for weight, document, (start, end) in weighed:
        if weight < top * _LEAST_SHARE:
            continue
        if runs and runs[-1][1] == document and start - runs[-1][3] < _JOINED:
            best, _, begun, _ = runs.pop()
            runs.append((max(best, weight), document, begun, end))
        else:
            runs.append((weight, document, start, end))
    strongest = sorted(runs, key=lambda run: -run[0])[:MOST_EVIDENCE]
    return tuple(
        Evidence(document, start, end, episode.documents[document].text[start:end])
        for _, document, start, end in strongest
    )


def attention_json(classifier: AttentionClassifier) -> dict[str, Any]:
    return {
        "roles": heads_json(classifier.codes, classifier.scales),
        "network": classifier.shape.to_json(),
        "reading": classifier.reading._asdict(),
    }


def tokeniser_json(classifier: AttentionClassifier) -> dict[str, Any]:
    return classifier.tokeniser.to_json()


def weights_safetensors(classifier: AttentionClassifier) -> bytes:
    """The weights by name, in bfloat16 where the network reads in it."""
    import torch
    from safetensors.torch import save

    kind = torch.bfloat16 if classifier.reading.half else torch.float32
    weights = sorted(classifier.network.state_dict().items())
    written: bytes = save({name: weight.to(kind).contiguous() for name, weight in weights})
    return written


def in_one_thread() -> None:
    """For the whole process, for good: sums are always added in the same order, and a service has a process
    for each core, whose further threads would only wait for one another."""
    import torch

    torch.set_num_threads(1)


def open_attention(
    written: Mapping[str, Any], tokeniser: Mapping[str, Any], weights: bytes
) -> AttentionClassifier:
    """Raises ValueError, KeyError or TypeError where the parts are not of one classifier, LibraryMissing."""
    try:
        import safetensors.torch  # noqa: F401 - needed below

        from models.classifiers.network import Network, Shape
    except ImportError:
        raise LibraryMissing("torch") from None
    in_one_thread()
    codes, scales = heads_from_json(written["roles"])
    reading = Reading(**{name: kind(written["reading"][name]) for name, kind in _READING.items()})
    shape = Shape.from_json(written["network"])
    read = tokeniser_from_json(tokeniser)
    try:
        network = Network(shape)
    except ImportError:
        raise LibraryMissing("transformers") from None
    return AttentionClassifier(_loaded(network, weights), shape, read, reading, codes, scales)


_READING = {"chunk_tokens": int, "most_tokens": int, "half": bool}


def _loaded(network: Any, weights: bytes) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = {name: tensor.float() for name, tensor in load(weights).items()}
        network.load_state_dict(tensors)
    except (SafetensorError, RuntimeError) as error:
        raise ValueError(f"the weights are not those of this network: {error}") from None
    if not all(tensor.isfinite().all() for tensor in tensors.values()):
        raise ValueError("weights must be finite")
    return network.eval().requires_grad_(False)
