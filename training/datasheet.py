"""The counts of docs/corpus.md: what the corpus that ships holds, split by split."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from data.classifications import load_classification
from data.corpora import Split, read_treatment_functions, shipped_corpus
from training.metrics import age_band

Line = dict[str, Any]
"""A line of the corpus, as JSON."""
TRAITS = {
    "simple_day_case": "day-case or regular attendance, simple",
    "several_documents": "more than one document",
    "hard": "hard: queried, negated, copied forward, contradictory",
}


def datasheet() -> str:
    """Tables in Markdown."""
    splits = {split: _lines(split) for split in Split}
    tables = (_overview(splits), _specialties(splits), _chapters(splits))
    return "\n\n".join(tables)


def _lines(split: Split) -> list[Line]:
    return [
        json.loads(line)
        for path in shipped_corpus(split)
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def _overview(splits: dict[Split, list[Line]]) -> str:
    rows: list[tuple[str, Callable[[list[Line]], str]]] = [
        ("episodes", lambda lines: str(len(lines))),
        ("patients", lambda lines: str(len({line["patient"] for line in lines}))),
        ("patients with two to four episodes", _returning),
        *((name, _counted(lambda line, trait=trait: _has(line, trait))) for trait, name in TRAITS.items()),  # type: ignore[misc]
        ("words: least, median, most", _lengths),
        ("diagnoses (distinct codes)", lambda lines: _codes(lines, "diagnoses")),
        ("procedures (distinct codes)", lambda lines: _codes(lines, "procedures")),
        ("passages that invite a wrong code", lambda lines: str(sum(len(d["not_coded"]) for d in lines))),
        ("admission: " + ", ".join(ADMISSIONS), _admissions),
        ("female, male", lambda lines: _tally(lines, lambda line: line["sex"], ("female", "male"))),
        ("age: " + ", ".join(BANDS), lambda lines: _tally(lines, lambda line: age_band(line["age"]), BANDS)),
    ]
    body = [(name, *(count(lines) for lines in splits.values())) for name, count in rows]
    return _table(("", *splits), body)


ADMISSIONS = ("emergency", "elective", "daycase", "maternity", "birth")
BANDS = ("0", "1-15", "16-39", "40-64", "65-79", "80+")


def _has(line: Line, trait: str) -> bool:
    several = trait == "several_documents" and "documents" in line
    return several or trait in line.get("traits", ())


def _counted(holds: Callable[[Line], bool]) -> Callable[[list[Line]], str]:
    return lambda lines: str(sum(map(holds, lines)))


def _returning(lines: list[Line]) -> str:
    return str(sum(count > 1 for count in Counter(line["patient"] for line in lines).values()))


def _lengths(lines: list[Line]) -> str:
    words = [sum(len(d["text"].split()) for d in line.get("documents", [line])) for line in lines]
    return f"{min(words)}, {median(words):.0f}, {max(words)}"


def _codes(lines: list[Line], field: str) -> str:
    codes = [code["code"] for line in lines for code in line[field]]
    return f"{len(codes):,} ({len(set(codes)):,})"


def _admissions(lines: list[Line]) -> str:
    return _tally(lines, lambda line: line["admission_method"], ADMISSIONS)


def _tally(lines: list[Line], key: Callable[[Line], str], names: Sequence[str]) -> str:
    counts = Counter(map(key, lines))
    return ", ".join(str(counts[name]) for name in names)


def _specialties(splits: dict[Split, list[Line]]) -> str:
    names = read_treatment_functions()
    counts = {split: Counter(line["treatment_function"] for line in lines) for split, lines in splits.items()}
    total = sum(counts.values(), Counter[str]())
    body = [
        (f"{code} {names[code]}", *(str(counts[split][code]) for split in splits))
        for code, _ in sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return _table(("treatment function", *splits), body)


def _chapters(splits: dict[Split, list[Line]]) -> str:
    body: list[tuple[str, ...]] = []
    for name, field in (("icd10", "diagnoses"), ("opcs4", "procedures")):
        table = load_classification(name)
        counts = {
            split: Counter(table[code["code"]].chapter for line in lines for code in line[field])
            for split, lines in splits.items()
        }
        chapters = dict.fromkeys(entry.chapter for entry in table if entry.assignable)
        body.extend(
            (f"{table.label} {chapter}", *(str(counts[split][chapter]) for split in splits))
            for chapter in chapters
        )
    return _table(("codes by chapter", *splits), body)


def _table(header: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    head = list(header)
    lines = [head, ["---", *("---:" for _ in head[1:])], *map(list, body)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
