"""Discharge summaries of a wanted length, made anew from the sentences of the corpus that ships."""

import random
import re
from collections.abc import Iterator

from data.corpora import read_coded_documents
from tests.corpus import small_corpus

_SENTENCE = re.compile(r"[^.\n]+[.\n]+\s*")


def sentences() -> list[str]:
    """Every sentence or line, in the order of the corpus."""
    return [
        found
        for path in small_corpus()
        for coded in read_coded_documents(path)
        for document in coded.episode.documents
        for found in _SENTENCE.findall(document.text)
    ]


def texts(count: int, *, words: int = 300, seed: int = 20261122) -> list[str]:
    """Different texts of at least so many words; the same for the same seed."""
    drawn, stock = random.Random(seed), sentences()
    return ["".join(_drawn(drawn, stock, words)) for _ in range(count)]


def _drawn(drawn: random.Random, stock: list[str], words: int) -> Iterator[str]:
    while words > 0:
        sentence = drawn.choice(stock)
        words -= len(sentence.split())
        yield sentence
