"""How long a coder waits for a search for a code."""

import random
import time
from collections.abc import Iterator

from data.classifications import Classification, load_classification
from data.terms import read_terms
from tests.load.figures import Figure, timings

SEARCHES = 500


def measure() -> list[Figure]:
    figures: list[Figure] = []
    for name in ("icd10", "opcs4"):
        table = load_classification(name)
        started = time.perf_counter()
        table.search("warm")
        first = time.perf_counter() - started
        figures += timings(f"search {name}", [_seconds(table, query) for query in _queries(name, table)])
        figures.append(Figure(f"search {name}", "first", f"{1000 * first:.0f} ms"))
    return figures


def _queries(name: str, table: Classification) -> Iterator[str]:
    """What coders type: beginnings of codes, phrases, and one word of a phrase."""
    drawn = random.Random(7)
    codes = [entry.code for entry in table.assignable()]
    phrases = [term.phrase for term in read_terms(name)]
    for _ in range(SEARCHES):
        phrase = drawn.choice(phrases)
        yield drawn.choice((drawn.choice(codes)[:3], phrase, drawn.choice(phrase.split()), phrase[:6]))


def _seconds(table: Classification, query: str) -> float:
    started = time.perf_counter()
    table.search(query)
    return time.perf_counter() - started
