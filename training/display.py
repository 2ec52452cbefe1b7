"""What the commands show: tables of a report, progress, and what went wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from training.errors import TrainingError

if TYPE_CHECKING:
    from training.agreement import Agreement, Position
    from training.recording import Recorded
    from training.unmatched import UnmatchedLine

Watch = Callable[[str, int, int | None], None]
"""Told of what is being done, how much of it is done, and of how much where that is known."""
Figure = float | None
GROUPS = ("by_specialty", "by_age_band", "by_sex")

NAMES = {
    "micro_f1": "all codes: micro F1",
    "diagnoses_micro_f1": "diagnoses: micro F1",
    "diagnoses_precision": "diagnoses: precision",
    "diagnoses_recall": "diagnoses: recall",
    "diagnoses_map": "diagnoses: mean average precision",
    "diagnoses_recall_at_10": "diagnoses: recall in the first 10",
    "diagnoses_reach": "diagnoses: offered at all",
    "primary_correct": "primary diagnosis correct",
    "primary_procedure_correct": "primary procedure correct",
    "secondary_found": "secondary diagnoses found",
    "procedures_micro_f1": "procedures: micro F1",
    "procedures_precision": "procedures: precision",
    "procedures_recall": "procedures: recall",
    "procedures_map": "procedures: mean average precision",
    "procedures_recall_at_10": "procedures: recall in the first 10",
    "procedures_reach": "procedures: offered at all",
    "exact_match": "episodes coded exactly, in any order",
    "exact_order": "episodes coded exactly, in order",
}
_CALIBRATION = ("ece", "ece_equal_mass", "ece_by_chance", "ece_by_chance_95", "brier")


@contextmanager
def explained() -> Iterator[None]:
    """Errors with a message for the user end the command with it; any other is a bug and shows its trace."""
    from data.errors import DataError
    from models.errors import ModelError

    try:
        yield
    except (DataError, ModelError, TrainingError, OSError) as error:
        say(f"error: {error}", style="bold red")
        raise typer.Exit(2) from error


def say(message: str, style: str = "") -> None:
    """One message on standard error, word for word."""
    Console(stderr=True).print(message, style=style, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def steps(fallback: str) -> Iterator[Watch]:
    """A bar on standard error for what is being done; gone when it is done."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(fallback, total=None)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total)


def show_report(report: Mapping[str, Any], *, to_stderr: bool = False) -> None:
    console = Console(stderr=to_stderr)
    console.print(_headline(report))
    _warn_of_seen(console, report)
    console.print(_calibration(report))
    for role, chapters in report["by_chapter"].items():
        console.print(_chapters(chapters, f"{role} by chapter"))
    for group in GROUPS:
        console.print(_groups(report[group], group.replace("_", " ")))


def _warn_of_seen(console: Console, report: Mapping[str, Any]) -> None:
    if report["corpus"]["seen"]:
        seen = ", ".join(report["corpus"]["seen"])
        console.print(
            f"The model was trained on {seen}: these figures flatter it.", style="bold yellow", soft_wrap=True
        )


def show_recorded(recorded: "Recorded") -> None:
    console = Console()
    console.print(_headline(recorded.report))
    console.print(_calibration(recorded.report))
    for note in recorded.notes:
        say(note, style="yellow")
    typer.echo(f"run {recorded.run_id}")
    typer.echo(f"content digest {recorded.content_digest}")
    if recorded.registered:
        typer.echo(f"registered as {recorded.registered}")
    if recorded.output:
        typer.echo(f"written to {recorded.output}")


def show_unmatched(lines: "Sequence[UnmatchedLine]") -> None:
    table = _table("Gold codes that were not suggested", "code")
    for name in ("title", "why", "words", "episode"):
        table.add_column(name, overflow="fold")
    for line in lines:
        why = f"{line.why} ({line.reason})" if line.reason else line.why
        table.add_row(line.code, line.title, why, " | ".join(line.quotes), line.episode)
    table.caption = f"{len(lines)} lines"
    Console().print(table)


def show_agreement(episodes: int, positions: "Mapping[Position, Agreement]") -> None:
    table = _table(f"Agreement over {episodes} episodes", "position", "first", "second", "both", "F1")
    for position, found in positions.items():
        table.add_row(position, str(found.first), str(found.second), str(found.both), percent(found.f1))
    Console().print(table)


def show_automation(report: Mapping[str, Any]) -> None:
    """Of every stratum what is right, and what the thresholds for each error would have let through."""
    limits = report["automated"]
    title = f"{report['title']}: {report['not_held_back']} of {report['episodes']} not held back"
    table = _table(
        title, "stratum", "episodes", "right", *(f"automated at {float(one):.0%}" for one in limits)
    )
    for name, found in report["strata"].items():
        right = found["episodes"] - found["errors"]
        cells = (_through(automated[name]) for automated in limits.values())
        table.add_row(name, str(found["episodes"]), str(right), *cells)
    console = Console()
    console.print(table)
    _warn_of_seen(console, report)


def _through(found: Mapping[str, Any]) -> str:
    if not found["episodes"]:
        return "0"
    verdict = ", refutes the bound" if found["refuted"] else ""
    return f"{found['episodes']}, wrong {found['errors']} ({interval(found['interval_95'])}){verdict}"


def _headline(report: Mapping[str, Any]) -> Table:
    table = _table(report["title"], "figure", "value", "95% interval")
    for name, shown in NAMES.items():
        figure = report["headline"][name]
        table.add_row(shown, percent(figure["value"]), interval(figure["interval_95"]))
    for role, value in report["macro_f1"].items():
        table.add_row(f"{role}: macro F1", percent(value), "")
    table.caption = f"{report['episodes']} episodes of {report['patients']} patients"
    return table


def _calibration(report: Mapping[str, Any]) -> Table:
    named = ("ECE", "ECE, equal mass", "ECE by chance", "up to (95%)", "Brier")
    table = _table("calibration (confidence 0.10 and more)", "", *named)
    for role, figures in report["calibration"].items():
        for prefix, which in (("", role), ("suggested_", f"{role}, suggested alone")):
            shown = (decimal(figures.get(f"{prefix}{name}")) for name in _CALIBRATION)
            table.add_row(which, *shown)
    return table


def _chapters(chapters: Mapping[str, Any], title: str) -> Table:
    table = _table(title, "chapter", "gold", "suggested", "precision", "recall", "F1")
    for chapter, found in chapters.items():
        figures = (percent(found[name]) for name in ("precision", "recall", "f1"))
        table.add_row(chapter, str(found["gold"]), str(found["suggested"]), *figures)
    return table


def _groups(groups: Mapping[str, Any], title: str) -> Table:
    table = _table(title, "", "episodes", "micro F1", "primary correct", "secondary found")
    for name, found in groups.items():
        figures = (percent(found[figure]) for figure in ("micro_f1", "primary_correct", "secondary_found"))
        table.add_row(name, f"{found['episodes']:.0f}", *figures)
    return table


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def percent(value: Figure) -> str:
    return "-" if value is None else f"{value:.1%}"


def decimal(value: Figure) -> str:
    return "-" if value is None else f"{value:.3f}"


def interval(found: tuple[float, float] | None) -> str:
    return "-" if found is None else f"{found[0]:.1%} to {found[1]:.1%}"
