"""Words that are right though no term holds them: they are not mended to a word that is spelt alike."""

import re
from pathlib import Path

from data.curated import Row, read_rows

ORDINARY_WORDS_FILE = Path(__file__).parent / "ordinary_words.tsv"
_WORD = re.compile(r"[a-z]+")


def read_ordinary_words(path: Path = ORDINARY_WORDS_FILE) -> tuple[str, ...]:
    """
    Raises:
        CuratedFileError: a line is no word in small letters, or not in its place in the alphabet.
    """
    words: list[str] = []
    for row in read_rows(path, ("word",)):
        words.append(_word(row, words))
    return tuple(words)


def _word(row: Row, before: list[str]) -> str:
    word = row.required("word")
    if not _WORD.fullmatch(word):
        raise row.problem("word", f"{word!r} is not in small letters a to z")
    if before and word <= before[-1]:
        raise row.problem("word", f"{word!r} belongs before {before[-1]!r}")
    return word
