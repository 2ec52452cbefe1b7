"""Documents as numbered tokens, in chunks that an encoder can read, with their places in the text as sent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from data.episodes import Document
from models.errors import LibraryMissing
from models.text.folding import fold_text
from models.text.words import find_words

PADDING, UNKNOWN = 0, 1
_RESERVED = 2
Span = tuple[int, int]


class Tokeniser(Protocol):
    @property
    def opening(self) -> tuple[int, ...]:
        """Tokens that begin every chunk and stand for no words."""
        ...

    @property
    def closing(self) -> tuple[int, ...]: ...
    @property
    def padding(self) -> int: ...
    def tokens(self, text: str) -> tuple[list[int], list[Span]]:
        """Numbers of the tokens, and where each stands in the text as sent."""
        ...

    def to_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class WordTokeniser:
    """A token for each normalised word; words that training has not seen share one."""

    words: tuple[str, ...]
    opening: tuple[int, ...] = ()
    closing: tuple[int, ...] = ()
    padding: int = PADDING

    @property
    def size(self) -> int:
        return len(self.words) + _RESERVED

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {word: number for number, word in enumerate(self.words, start=_RESERVED)}

    def tokens(self, text: str) -> tuple[list[int], list[Span]]:
        folded = fold_text(text)
        words, starts, ends = find_words(folded.folded)
        spans = [folded.original_span(start, end) for start, end in zip(starts, ends, strict=True)]
        return [self._numbers.get(word, UNKNOWN) for word in words], spans

    def to_json(self) -> dict[str, Any]:
        return {"tokens": "words", "words": list(self.words)}


class PieceTokeniser:
    """The tokeniser of a transformer, from its `tokenizer.json`."""

    def __init__(self, written: Mapping[str, Any]) -> None:
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise LibraryMissing("transformers") from None
        self._written = written
        self._tokeniser: Any = _made(Tokenizer, written)
        self._tokeniser.no_truncation()
        self._tokeniser.no_padding()
        special = self._tokeniser.encode("").ids
        self.opening, self.closing = tuple(special[:1]), tuple(special[1:])
        self.padding = PADDING
        """Masked wherever it stands, so that its number does not matter."""

    def tokens(self, text: str) -> tuple[list[int], list[Span]]:
        found = self._tokeniser.encode(text, add_special_tokens=False)
        return list(found.ids), [(start, end) for start, end in found.offsets]

    def to_json(self) -> dict[str, Any]:
        return {"tokens": "pieces", "tokenizer": self._written}


def _made(kind: Any, written: Mapping[str, Any]) -> Any:
    try:
        return kind.from_str(json.dumps(written))
    except Exception as error:  # the library raises no other kind
        raise ValueError(f"the tokeniser cannot be read: {error}") from None


def tokeniser_from_json(written: Mapping[str, Any]) -> WordTokeniser | PieceTokeniser:
    """Raises ValueError, KeyError or TypeError where the JSON is not that of `to_json`."""
    if written["tokens"] == "words":
        return WordTokeniser(tuple(map(str, written["words"])))
    return PieceTokeniser(written["tokenizer"])


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of tokens of one document; those that open and close it have an empty span."""

    document: int
    tokens: tuple[int, ...]
    spans: tuple[Span, ...]


def cut(documents: Sequence[Document], tokeniser: Tokeniser, size: int, most: int) -> tuple[Chunk, ...]:
    """The documents in chunks of up to `size` tokens, in order; what is beyond `most` tokens is left out.

    The tokens that open and close a chunk count for its size, not for `most`.
    """
    room = size - len(tokeniser.opening) - len(tokeniser.closing)
    chunks: list[Chunk] = []
    for number, document in enumerate(documents):
        tokens, spans = tokeniser.tokens(document.text)
        chunks.extend(_chunks(number, tokens[:most], spans[:most], room, tokeniser))
        most -= min(len(tokens), most)
    return tuple(chunks)


def _chunks(
    document: int, tokens: Sequence[int], spans: Sequence[Span], room: int, tokeniser: Tokeniser
) -> Iterator[Chunk]:
    opening, closing = tokeniser.opening, tokeniser.closing
    for start in range(0, len(tokens), room):
        inside = tuple(tokens[start : start + room])
        places = tuple(spans[start : start + room])
        yield Chunk(
            document,
            (*opening, *inside, *closing),
            (*((0, 0),) * len(opening), *places, *((0, 0),) * len(closing)),
        )
