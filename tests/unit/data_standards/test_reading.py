"""What the reader of rules refuses, and how it says so."""

from pathlib import Path

import pytest

from data.errors import CuratedFileError
from data.standards import CodeSet, load_standards, read_example, read_rules, with_policy

RULE = """role = "diagnosis"

[[rule]]
id = "one-stage"
standard = "DCS.XIV.2"
mark = "V:ce"
severity = "error"
text = "One stage."
operator = "one_of"
ladder = [["N185"], ["N184"]]
passing = ["N185"]
failing = ["N185 N184"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_rule_is_read(tmp_path: Path) -> None:
    (rule,) = read_rules(written(tmp_path, RULE), "2026")
    assert (rule.id, rule.edition, rule.severity.value, rule.completes) == (
        "one-stage",
        "2026",
        "error",
        False,
    )


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ('operator = "one_of"', 'operator = "some_of"', "operator", "is not one of"),
        ('ladder = [["N185"], ["N184"]]', 'ladder = ["18N"]', "ladder", "two or more"),
        ('ladder = [["N185"], ["N184"]]', 'ladder = ["N185", "18N"]', "ladder", "neither the beginning"),
        ('ladder = [["N185"], ["N184"]]', "", "ladder", "needs it"),
        ('severity = "error"', 'severity = "fatal"', "severity", "is one of"),
        ('standard = "DCS.XIV.2"', 'standard = "project"', "severity", "at most warning"),
        ('standard = "DCS.XIV.2"', 'standard = "NICE 1"', "standard", "neither a national id"),
        ('mark = "V:ce"', 'mark = "R"', "severity", "at most warning"),
        ('mark = "V:ce"', 'mark = "sure"', "mark", "is V:source"),
        ('text = "One stage."', 'text = " "', "text", "missing or empty"),
        ('passing = ["N185"]', "", "passing", "has no example"),
        ('failing = ["N185 N184"]', 'failing = ["N18 5"]', "failing", "stored form"),
        ('failing = ["N185 N184"]', 'failing = ["N185 {mood=good}"]', "failing", "no such fact"),
        ('text = "One stage."', 'text = "One."\nwhen = ["tired"]', "when", "is a list of"),
        ('text = "One stage."', 'text = "One."\non = false', "on", "only an optional rule"),
        ('text = "One stage."', 'text = "One."\nfrom = "soon"', "from", "is a date"),
        ('text = "One stage."', 'text = "One."\nfrom = 2026-04-01\nto = 2025-04-01', "to", "before from"),
        ('text = "One stage."', 'text = "One."\ncolour = "red"', "colour", "has no such field"),
        ('id = "one-stage"', 'id = "One Stage"', "id", "small letters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, field: str, problem: str) -> None:
    assert old in RULE
    with pytest.raises(CuratedFileError) as refusal:
        read_rules(written(tmp_path, RULE.replace(old, new)))
    told = str(refusal.value)
    assert told.startswith("rules.toml, line ")
    assert f", {field}: " in told
    assert problem in told


def test_a_file_that_is_not_toml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(CuratedFileError, match=r"rules.toml, line 3, file: is not TOML"):
        read_rules(written(tmp_path, 'role = "diagnosis"\n\n[[rule\n'))


def test_an_id_stands_once(tmp_path: Path) -> None:
    body = RULE.partition("[[rule]]")[2]
    with pytest.raises(CuratedFileError, match="stands twice"):
        read_rules(written(tmp_path, f"{RULE}\n[[rule]]{body}"))


def test_codes_are_beginnings_and_ranges() -> None:
    codes = CodeSet.of(["J12-J18", "E119", "K7", "N181-N184"])
    inside = ("J121", "J18X", "E119", "K703", "N182")
    assert all(code in codes for code in inside)
    assert not any(code in codes for code in ("J199", "E118", "K803", "N185"))
    assert not CodeSet.of([])
    for wrong in ("J18-J12", "1J", "J12-J181", ""):
        with pytest.raises(ValueError, match=r"."):
            CodeSet.of([wrong])


def test_an_example_is_read_and_written() -> None:
    example = read_example("*J449 S720:1 / G459 Z274 + U051 {sex=male age=70 side=left is=pregnant} => J440")
    assert str(example.before) == "*J449 S720:1 / G459 Z274 + U051"
    assert (example.facts.sex, example.facts.age, example.facts.side) == ("male", 70, "Z943")
    assert str(example.after) == "J440"


POLICY = """role = "diagnosis"

[[switch]]
rule = "therapy-local"
on = true

[[switch]]
rule = "fracture-fifth"
severity = "error"

[[rule]]
id = "local-frailty"
standard = "project"
mark = "I"
severity = "warning"
text = "Here frailty is coded beside falls."
operator = "needs"
codes = ["R296"]
any = ["R54"]
passing = ["R296 R54X"]
failing = ["R296"]
"""


def test_a_provider_adds_rules_and_switches_optional_ones() -> None:
    ours = load_standards()
    local = with_policy(ours, POLICY)
    assert (ours.policy, len(local.policy)) == ("", 64)
    assert local.digest == ours.digest
    assert local.by_id["therapy-local"].on
    assert not ours.by_id["therapy-local"].on
    assert local.by_id["fracture-fifth"].severity.value == "error"
    assert local.rules[-1].id == "local-frailty"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('rule = "therapy-local"', 'rule = "copd-infection"', "is not an optional rule"),
        ('rule = "therapy-local"', 'rule = "no-such-rule"', "is not an optional rule"),
        ("on = true", 'on = "yes"', "on is true or false"),
        ("on = true", 'colour = "red"', "has on, rule, severity"),
        ('id = "local-frailty"', 'id = "copd-infection"', "is a rule that ships"),
        ('standard = "project"', 'standard = "DCS.X.5"', "is project"),
        ('severity = "warning"', 'severity = "error"', "at most warning"),
    ],
)
def test_a_policy_that_is_wrong_is_refused(old: str, new: str, problem: str) -> None:
    with pytest.raises(CuratedFileError, match=problem):
        with_policy(load_standards(), POLICY.replace(old, new))


def test_rules_that_would_undo_each_other_are_refused() -> None:
    circle = POLICY.replace('operator = "needs"', 'operator = "never"\ncompletes = true').replace(
        'codes = ["R296"]\nany = ["R54"]', 'codes = ["J440"]\ninstead = "J449"'
    )
    with pytest.raises(CuratedFileError, match="removes J440, which copd-"):
        with_policy(load_standards(), circle)


def test_the_digest_follows_every_file_and_no_line_end(tmp_path: Path) -> None:
    (tmp_path / "edition.toml").write_text('edition = "x"\n', encoding="utf-8")
    (tmp_path / "a").mkdir()
    digests = []
    for text in (RULE, RULE.replace("\n", "\r\n"), RULE.replace("One stage.", "Only one.")):
        (tmp_path / "a" / "rules.toml").write_bytes(text.encode())
        load_standards.cache_clear()
        digests.append(load_standards(tmp_path).digest)
    load_standards.cache_clear()
    assert digests[0] == digests[1] != digests[2]
