"""Misspelt words meet those of the terms; what is right as it stands is left."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from data.corpora import Split, read_coded_documents, shipped_corpus
from data.terms import TermKind, read_terms
from models.judged import EpisodeReader, Language
from models.knowledge import make_parts
from models.mentions import phrase_key
from models.text import HeadingIndex, Reading, Spelling, read_text
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications

TERMS = {"absces": 40, "fracture": 90, "retention": 9, "sphincter": 20, "splinter": 6, "codeine": 3}
ORDINARY = ("fractured", "splinted")
HEADINGS = HeadingIndex(())
REVIEWED = frozenset(
    """abandoned abscess acquired adherence advised allergy anastomosis arrhythmia arthritis aspiration
    assault background bisoprolol bleeding blister cholesterol clearance clinic compliance
    consolidation continued crystal culprit cupboard deflated degeneration delirium dependence
    discharge eligible epigastric epilepsy finger finished fracture frontal guidance headache husband
    hyperlipidaemia hypertension hypomagnesaemia hypothyroid hypothyroidism incontinence inferolateral
    initial interested involvement lamina laparoscopic laparoscopy length likely liquor management
    milroy mucosa normal osteoporotic persistent proceed pulling radiologist receive recurrence reducible
    reflux replaced reposition retention retrieved rockwood sandwich sensitive serous shoulder
    simple sphincter spontaneous superficial tension thickened thickness throughout together tolerated
    transfusion venesection vomiting wheeze winter""".split()  # noqa: SIM905 -- more readable
)
"""What words of the training split become; a new one is read, and stands here or in ordinary_words.tsv."""


def mended(text: str) -> list[str]:
    return Spelling(TERMS, ORDINARY).mended(read(text)).words


def read(text: str) -> Reading:
    return read_text(text, HEADINGS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a perianal abcess", "absces"),
        ("fractrue of hip", "fracture"),
        ("urine retension", "retention"),
        ("some codiene", "codeine"),
        ("Fracure of hip", "fracture"),
        ("FRACTRUE OF HIP", "fracture"),
    ],
)
def test_one_letter_left_out_added_exchanged_or_swapped_is_mended(written: str, meant: str) -> None:
    assert meant in mended(written)


@pytest.mark.parametrize(
    "text",
    [
        "fractured",
        "the splinted arm",
        "vracture",
        "fractr fratur hp",
        "fructura",
        "Mr Fracturo",
        "at Fracturo ward",
    ],
)
def test_right_words_names_and_what_is_further_away_are_left(text: str) -> None:
    assert mended(text) == read(text).words


def test_between_two_words_the_much_commoner_is_taken_or_none() -> None:
    both = {"sphincter": 20, "sphinxter": 6}
    assert Spelling(both, ORDINARY).mended(read("sphinter")).words == ["sphinter"]
    assert Spelling({**both, "sphincter": 30}, ORDINARY).mended(read("sphinter")).words == ["sphincter"]


def test_words_stay_where_they_stand() -> None:
    reading = read("An abcess. Then a fractrue!")
    found = Spelling(TERMS, ORDINARY).mended(reading)
    place = found.words.index("fracture")
    assert found.written(place, place) == "fractrue"
    assert found.statement_of(place) == reading.statement_of(place)


def test_words_of_local_terms_are_right() -> None:
    spelling = Spelling(TERMS, ORDINARY)
    assert spelling.mended(read("fractus")).words == ["fractus"]
    assert spelling.mended(read("fracturi")).words == ["fracture"]
    assert spelling.knowing(["fracturi"]).mended(read("fracturi")).words == ["fracturi"]


def test_a_model_without_ordinary_words_mends_nothing() -> None:
    """Bundles of before there were any."""
    assert Spelling(TERMS, ()).mended(read("fractrue")).words == ["fractrue"]
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    parts = make_parts(tables, created=datetime(2026, 4, 1, tzinfo=UTC))
    old = EpisodeReader(parts.terms, Language(parts.language.cues, parts.language.headings, ()))
    assert old.mended(read("fractrue")).words == ["fractrue"]


def test_what_is_mended_in_the_training_split_was_read() -> None:
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    parts = make_parts(tables, created=datetime(2026, 4, 1, tzinfo=UTC))
    reader = EpisodeReader(parts.terms, parts.language)
    readings = [
        read(document.text)
        for path in shipped_corpus(Split.TRAIN)
        for coded in read_coded_documents(path)
        for document in coded.episode.documents
    ]
    become = {
        new
        for reading in readings
        for old, new in zip(reading.words, reader.mended(reading).words, strict=True)
        if old != new
    }
    right = {word for one in REVIEWED for word in read(one).words}
    assert become <= right, f"read these, then list them: {sorted(become - right)}"


@pytest.mark.parametrize("classification", DEFAULT_CLASSIFICATIONS)
def test_no_curated_misspelling_says_what_is_mended_anyway(classification: str) -> None:
    terms = read_terms(classification)
    right = {(one.code, phrase_key(one.phrase)) for one in terms if one.kind is not TermKind.SPELLING}
    words = Counter(word for _, phrase in right for word in set(phrase.split(" ")))
    spelling = Spelling(words, ORDINARY)
    needless = [
        one.phrase
        for one in terms
        if one.kind is TermKind.SPELLING
        and (one.code, " ".join(spelling.mended(read(one.phrase.lower())).words)) in right
    ]
    assert needless == []
