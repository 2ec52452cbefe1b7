"""The neural network: an encoder of chunks, and label attention over all that it read. Needs torch.

Each code asks the text with a query of its own; what the attended words hold is weighed by the code's output
weights. Keys and queries go through LayerNorm before the softmax: without it the loss diverges. Imported by
models/classifiers/attention.py alone, and only when a network is made.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import nn

Tensor = Any


@dataclass(frozen=True, slots=True)
class Shape:
    """What a network is made of; its weights lie beside it."""

    codes: int
    hidden: int
    vocabulary: int = 0
    """Tokens of a convolution; 0 for a transformer, which knows its own."""
    kernel: int = 1
    """Words that a convolution sees at once: odd."""
    transformer: Mapping[str, Any] = field(default_factory=dict)
    """Configuration of a transformer as its `config.json` has it; empty for a convolution."""

    def __post_init__(self) -> None:
        if min(self.codes, self.hidden) < 1 or self.kernel % 2 == 0:
            raise ValueError("a network has codes, a width, and a kernel of odd size")
        if bool(self.vocabulary) == bool(self.transformer):
            raise ValueError("a network is a convolution or a transformer")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Shape":
        """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
        numbers = {name: int(written[name]) for name in ("codes", "hidden", "vocabulary", "kernel")}
        return cls(**numbers, transformer=dict(written["transformer"]))


class ConvolutionEncoder(nn.Module):  # type: ignore[misc]
    """Each word with its neighbours. Padding is zero before the convolution, as beyond the end of a chunk."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.words = nn.Embedding(shape.vocabulary, shape.hidden, padding_idx=0)
        self.dropout = nn.Dropout(dropout)
        self.neighbours = nn.Conv1d(shape.hidden, shape.hidden, shape.kernel, padding=shape.kernel // 2)
        self.norm = nn.LayerNorm(shape.hidden)

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        words = self.dropout(self.words(tokens))
        around = torch.nn.functional.gelu(self.neighbours(words.transpose(1, 2))).transpose(1, 2)
        return self.norm(words + around)


class TransformerEncoder(nn.Module):  # type: ignore[misc]
    def __init__(self, configuration: Mapping[str, Any]) -> None:
        super().__init__()
        from transformers import AutoConfig, AutoModel

        rest = {name: value for name, value in configuration.items() if name != "model_type"}
        config = AutoConfig.for_model(configuration["model_type"], **rest)
        self.body = AutoModel.from_config(config)

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        return self.body(input_ids=tokens, attention_mask=present.long()).last_hidden_state


class LabelAttention(nn.Module):  # type: ignore[misc]
    def __init__(self, codes: int, hidden: int) -> None:
        super().__init__()
        self.keys = nn.Linear(hidden, hidden, bias=False)
        self.key_norm = nn.LayerNorm(hidden)
        self.query_norm = nn.LayerNorm(hidden)
        self.queries = nn.Parameter(torch.randn(codes, hidden))
        self.outputs = nn.Parameter(torch.randn(codes, hidden) / hidden)
        self.bias = nn.Parameter(torch.zeros(codes))
        nn.init.eye_(self.keys.weight)

    def forward(self, read: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (episodes x codes), and attention (episodes x codes x words)."""
        keys = self.key_norm(self.keys(read))
        matches = self.query_norm(self.queries) @ keys.transpose(1, 2) / read.shape[-1] ** 0.5
        attention = matches.float().masked_fill(~words[:, None, :], -1e9).softmax(dim=2)
        attended = attention.to(read.dtype) @ read
        return (attended.float() * self.outputs).sum(dim=2) + self.bias, attention


class Network(nn.Module):  # type: ignore[misc]
    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        super().__init__()
        self.encoder: Any = (
            TransformerEncoder(shape.transformer) if shape.transformer else ConvolutionEncoder(shape, dropout)
        )
        self.dropout = nn.Dropout(dropout)
        self.attention = LabelAttention(shape.codes, shape.hidden)

    def read(self, tokens: Tensor, present: Tensor, places: Tensor) -> Tensor:
        """What the encoder makes of the words of each episode: episodes x words x width."""
        read = self.encoder(tokens, present)
        return read.reshape(-1, read.shape[-1])[places]

    def forward(
        self, tokens: Tensor, present: Tensor, places: Tensor, words: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Of a batch (models/classifiers/attention.py): scores, and attention of codes to words."""
        read = self.dropout(self.read(tokens, present, places))
        scores, attention = self.attention(read, words)
        return scores, attention
