"""The figures of a run under names that MLflow groups and sorts well.

`out_of_fold/chapter/diagnoses/09 IX/f1`: MLflow's pages make a section of what stands before a slash, and
sort by name: chapters carry their number, age bands two digits.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.evaluate import Report, flat_figures
from training.folds import deal_folds
from training.metrics import Figures, Scored, headline_figures

GROUPS = {"by_specialty": "specialty", "by_age_band": "age_band", "by_sex": "sex"}
_OF_GROUPS = ("episodes", "micro_f1", "diagnoses_micro_f1", "procedures_micro_f1", "primary_correct")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
_NOT_A_NAME = re.compile(r"[^\w .:/-]")


def run_metrics(report: Report, prefix: str) -> dict[str, float]:
    """Everything that a report measures, flat."""
    found = {f"{prefix}/overall/{name}": value for name, value in flat_figures(report).items()}
    found |= {f"{prefix}/{name}": value for name, value in _of_chapters(report)}
    found |= {f"{prefix}/{name}": value for name, value in _of_groups(report)}
    return {clean_name(name): value for name, value in found.items()}


def fold_figures(
    episodes: Sequence[Scored], folds: int, seed: int
) -> Iterator[tuple[int, int, dict[str, float]]]:
    """(fold from 1, episodes, headline figures) of each fold, as training dealt them."""
    dealt = deal_folds([episode.patient for episode in episodes], folds, seed)
    for fold in sorted(set(dealt)):
        members = [episode for episode, place in zip(episodes, dealt, strict=True) if place == fold]
        yield fold + 1, len(members), measured(headline_figures(members))


def measured(figures: Mapping[str, float | None]) -> dict[str, float]:
    """Without those that had nothing to measure."""
    return {name: float(value) for name, value in figures.items() if value is not None}


def clean_name(name: str) -> str:
    """Only what MLflow takes in a name."""
    return _NOT_A_NAME.sub("_", name.replace("+", " and over"))


def sortable_chapter(chapter: str) -> str:
    """`IX` as `09 IX`; a letter of OPCS-4 as it is."""
    if not chapter or set(chapter) - set(_ROMAN):
        return chapter
    values = [_ROMAN[letter] for letter in chapter]
    after = [*values[1:], 0]
    number = sum(-one if one < following else one for one, following in zip(values, after, strict=True))
    return f"{number:02d} {chapter}"


def _of_chapters(report: Report) -> Iterator[tuple[str, float]]:
    for role, chapters in report["by_chapter"].items():
        for chapter, figures in chapters.items():
            name = sortable_chapter(chapter) if role == "diagnoses" else chapter
            for figure, value in measured(figures).items():
                yield f"chapter/{role}/{name}/{figure}", value


def _of_groups(report: Report) -> Iterator[tuple[str, float]]:
    for key, shown in GROUPS.items():
        groups: Mapping[str, Figures] = report[key]
        for group, figures in groups.items():
            kept = {name: figures.get(name) for name in _OF_GROUPS}
            for figure, value in measured(kept).items():
                yield f"{shown}/{_sortable_band(group) if shown == 'age_band' else group}/{figure}", value


def _sortable_band(band: str) -> str:
    """`1-15` as `01-15`."""
    return re.sub(r"^(\d)(?=-|$)", r"0\1", band)


def report_tables(report: Report) -> dict[str, dict[str, list[Any]]]:
    """Figures by chapter and by group as tables, one row each, by the artifact's name."""
    tables: dict[str, dict[str, list[Any]]] = {}
    for role, chapters in report["by_chapter"].items():
        rows = [{"chapter": chapter, **figures} for chapter, figures in chapters.items()]
        tables[f"tables/by_chapter_{role}.json"] = _columns(rows)
    for key, shown in GROUPS.items():
        rows = [{shown: group, **figures} for group, figures in report[key].items()]
        tables[f"tables/{key}.json"] = _columns(rows)
    return {name: table for name, table in tables.items() if table}


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in (rows[0] if rows else ())}
