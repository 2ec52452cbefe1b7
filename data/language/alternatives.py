"""Phrases that stand for several: `mother|father had|has`, `_` for a space inside an alternative."""

from collections.abc import Iterator
from itertools import product

from data.curated import Row


def expand(row: Row) -> Iterator[str]:
    """Each combination of the field `phrase`.

    Raises:
        CuratedFileError: the phrase is empty, or an alternative is.
    """
    words = row.required("phrase").split(" ")
    if any(not alternative for word in words for alternative in word.split("|")):
        raise row.problem("phrase", "has an empty alternative")
    for choice in product(*(word.split("|") for word in words)):
        yield " ".join(word.replace("_", " ") for word in choice)
