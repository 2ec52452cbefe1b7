"""What fifth characters say, and that rules, words and meanings speak of the same ones."""

from pathlib import Path

import pytest

from data.errors import CuratedFileError
from data.standards import CodeSet, fifths_of, load_standards, read_fifth_digits, read_fifths

HEAD = "codes\tdigit\tmeaning\tmark\n"


def test_a_code_has_the_characters_of_its_chapter_with_their_meaning() -> None:
    assert fifths_of("S720") == {"0": "closed", "1": "open"}
    assert fifths_of("M109")["7"] == "ankle and foot"
    assert fifths_of("E119") == {}


def test_every_character_that_a_rule_asks_for_has_a_meaning() -> None:
    rules = [rule for rule in load_standards().by_id.values() if rule.operator == "fifth"]
    assert len(rules) >= 5
    for rule in rules:
        codes = rule.arguments["codes"]
        assert isinstance(codes, CodeSet)
        for category in codes.prefixes:
            assert set(str(rule.arguments["digits"])) <= fifths_of(f"{category}0").keys(), (rule.id, category)


def test_every_character_that_words_give_has_a_meaning() -> None:
    for words in read_fifths():
        for category in words.codes.prefixes:
            assert words.digit in fifths_of(f"{category}0"), (words.pattern.pattern, category)


@pytest.mark.parametrize(
    ("line", "field"),
    [("S7Q\t0\tclosed\tR", "codes"), ("S72\t10\tclosed\tR", "digit"), ("S72\t0\t\tR", "meaning")],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, field: str) -> None:
    path = tmp_path / "fifth_digits.tsv"
    path.write_text(f"{HEAD}S72\t0\tclosed\tR\n{line}\n")
    with pytest.raises(CuratedFileError, match=rf"line 3, {field}"):
        read_fifth_digits(path)
