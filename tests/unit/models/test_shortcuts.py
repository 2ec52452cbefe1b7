"""Short cuts find what the plain way finds."""

import random
import re

from data.language import read_headings
from data.standards import CodeSet, beginnings_of
from models.mentions import PhraseIndex
from models.text import HeadingIndex, read_text
from models.text.sentences import find_breaks

WORDS = ("heart", "failure", "acute", "of", "renal", "injury", "chronic", "on")


def test_phrases_of_every_length_are_found_as_by_looking_at_every_run() -> None:
    draw = random.Random(1)
    phrases = {" ".join(draw.choices(WORDS, k=draw.randint(1, 6))) for _ in range(400)}
    index = PhraseIndex.of((phrase, phrase) for phrase in phrases)
    for _ in range(20):
        reading = read_text(" ".join(draw.choices(WORDS, k=60)), HeadingIndex(read_headings()))
        runs = [(first, last) for first in range(60) for last in range(first, 60)]
        plain = {run for run in runs if " ".join(reading.words[run[0] : run[1] + 1]) in phrases}
        assert {(hit.first, hit.last) for hit in index.find(reading)} == plain


def test_a_set_meets_the_beginnings_of_the_codes_it_holds() -> None:
    codes = [f"{letter}{number:03d}" for letter in "AIZ" for number in range(0, 1000, 7)]
    for written in ({"I10"}, {"A00-A09", "Z94"}, {"Z", "I21"}, {"A014"}):
        held = CodeSet.of(written)
        assert [held.meets(beginnings_of(code)) for code in codes] == [code in held for code in codes]


def test_stops_are_those_of_the_pattern_as_one_would_write_it() -> None:
    draw = random.Random(2)
    marks = (*"....?!;|•", "word", "another", "b.d", " ", " ", ")", '"', "x_y", "3")
    plain = re.compile(r"[.!?]+(?=[\s)\"'\]]|\Z)|;|[•▪●|]")
    for _ in range(300):
        text = "".join(draw.choices(marks, k=30))
        reading = read_text(text, HeadingIndex(()))
        stops = {match.end(): match.group()[0] for match in plain.finditer(reading.text.folded)}
        certain = {end for end, mark in stops.items() if mark not in ".?"}
        assert certain <= set(find_breaks(reading.text, ())) <= stops.keys()
