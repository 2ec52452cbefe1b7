"""Every row of the handbook has rules, or says why not."""

from data.standards import load_standards, read_coverage

ROWS = {row.row: row for row in read_coverage()}


def test_a_row_has_rules_or_a_reason() -> None:
    covered = {row for rule in load_standards().rules for row in rule.rows}
    assert covered <= ROWS.keys()
    assert {name for name, row in ROWS.items() if not row.why} == covered


def test_the_sections_are_whole() -> None:
    numbered = [
        *(f"D{n}" for n in range(1, 12)),
        *(f"P{n}" for n in range(1, 17)),
        *(f"O{n}" for n in range(1, 17)),
    ]
    assert ROWS.keys() >= set(numbered)
    comorbidities = [name for name in ROWS if name.startswith("1.3 ")]
    assert len(comorbidities) == 44  # 43 conditions of the list, and the sentence on other diagnoses
