"""What coders type finds what they mean, first and fast."""

import time
from collections.abc import Iterable
from dataclasses import replace

import pytest

from data.classifications import Classification, Entry, EntryKind, SearchHit, load_classification
from data.classifications.search import SearchIndex, Synonym
from data.classifications.words import split_words
from tests.patience import SLOWER

SYNONYMS = (
    Synonym("E119", "type 2 diabetes"),
    Synonym("E119", "T2DM"),
    Synonym("I10X", "HTN"),
    Synonym("I10X", "hypertension"),
    Synonym("J449", "COPD"),
    Synonym("S720", "#NOF"),
    Synonym("W199", "fall"),
    Synonym("I219", "MI"),
    Synonym("I252", "MI", special=True),
    Synonym("N390", "UTI"),
    Synonym("Q9999", "of a code that is not there"),
)
LIMIT_MS = 20


@pytest.fixture(scope="module")
def icd10() -> Classification:
    entries = list(load_classification("icd10"))
    return Classification("icd10", entries, label="ICD-10", edition="test", synonyms=lambda: SYNONYMS)


def codes(hits: Iterable[SearchHit]) -> list[str]:
    return [hit.entry.code for hit in hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("type 2 diabetes", "E119"),
        ("diabetes type 2", "E119"),
        ("type 2 diab", "E119"),
        ("t2dm", "E119"),
        ("htn", "I10X"),
        ("hypertension", "I10X"),
        ("hypertensoin", "I10X"),
        ("hypertens", "I10X"),
        ("copd", "J449"),
        ("#nof", "S720"),
        ("# NOF", "S720"),
        ("fall", "W199"),
        ("mi", "I219"),
        ("uti", "N390"),
        ("asthma", "J459"),
        ("fracture neck of femur", "S720"),
        ("neck of femur fractures", "S720"),
        ("heart failure", "I509"),
        ("atrial fib", "I489"),
        ("appendicits", "K37X"),
        ("renal failure acute", "N179"),
        ("malig neoplasm breast", "C509"),
        ("Menieres", "H810"),
        ("vitamin b12", "D519"),
        ("irritable bowel", "K589"),
    ],
)
def test_what_coders_mean_comes_first(icd10: Classification, query: str, first: str) -> None:
    assert codes(icd10.search(query, limit=1)) == [first]


@pytest.mark.parametrize("written", ["I10", "i10x", "I10.X", " i10 "])
def test_a_code_in_any_form_finds_itself_alone(icd10: Classification, written: str) -> None:
    assert codes(icd10.search(written)) == ["I10X"]


def test_the_beginning_of_a_code_lists_what_it_begins_most_used_first(icd10: Classification) -> None:
    found = codes(icd10.search("e11", limit=4))
    assert found[:2] == ["E11", "E119"]
    assert all(code.startswith("E11") for code in found)
    assert all(code.startswith("J") for code in codes(icd10.search("j")))


def test_a_hit_says_what_it_met(icd10: Classification) -> None:
    (hit, *_) = icd10.search("T2DM")
    assert (hit.entry.code, hit.matched) == ("E119", "T2DM")
    assert icd10.search("J45.9")[0].matched == "J459"


@pytest.mark.parametrize("query", ["", "   ", "...", "zzzzqqqq", "?", "\U0001f600", "\x00"])
def test_what_finds_nothing_finds_nothing(icd10: Classification, query: str) -> None:
    assert icd10.search(query) == ()


def test_no_more_than_the_limit_is_found(icd10: Classification) -> None:
    assert len(icd10.search("fracture", limit=7)) == 7
    assert icd10.search("fracture", limit=0) == ()


def test_each_entry_is_found_once(icd10: Classification) -> None:
    found = codes(icd10.search("diabetes", limit=200))
    assert len(found) == len(set(found))


def test_where_no_phrase_has_every_word_most_of_them_do(icd10: Classification) -> None:
    assert "J459" in codes(icd10.search("asthma purplish"))


def test_blocks_and_chapters_are_not_suggested(icd10: Classification) -> None:
    kinds = {hit.entry.kind for hit in icd10.search("diseases of the circulatory system", limit=50)}
    assert kinds <= {EntryKind.CATEGORY, EntryKind.SUBCATEGORY}


def test_terms_that_ship_are_synonyms() -> None:
    assert codes(load_classification("icd10").search("HTN"))[:1] == ["I10X"]


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("# NOF", ["#nof"]),
        ("Ménière's disease", ["menieres", "disease"]),
        ("Non-Hodgkin’s", ["non", "hodgkins"]),
        ("C. diff", ["c", "diff"]),
    ],
)
def test_words_are_split_alike_in_titles_and_queries(phrase: str, words: list[str]) -> None:
    assert split_words(phrase) == words


def test_a_search_of_thirty_thousand_entries_takes_less_than_twenty_milliseconds() -> None:
    index = SearchIndex(_thirty_thousand(), lambda: SYNONYMS)
    queries = ["other", "of", "co", "fracture", "type 2 diabetes", "other specified disorders of", "e"]
    queries += ["inflamatroy", "cogestve crdiac failre inflamatroy", "a pasted page " * 400]
    slow = {query[:40]: took for query in queries if (took := _best_ms(index, query)) >= LIMIT_MS * SLOWER}
    assert slow == {}


def _thirty_thousand() -> list[Entry]:
    entries = [e for e in load_classification("icd10") if e.kind is EntryKind.SUBCATEGORY]
    copies = [replace(entry, code=f"{copy}{entry.code}") for copy in "ab" for entry in entries]
    return [*entries, *copies][:30_000]


def _best_ms(index: SearchIndex, query: str) -> float:
    """Processor time, the best of a few: the machine may be busy with other tests."""
    took = []
    for _ in range(5):
        started = time.process_time()
        index.search(query, 20)
        took.append((time.process_time() - started) * 1000)
    return min(took)
