"""What `autocoder compare` and `promote` show."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from training.display import NAMES, percent

if TYPE_CHECKING:
    from training.promotion import Gate


def show_comparison(report: Mapping[str, Any], *, to_stderr: bool = False) -> None:
    console = Console(stderr=to_stderr)
    for name, found in report["sets"].items():
        console.print(_figures(f"{report['title']}, {name} set, {found['corpus']['text']}", found))
        for role, chapters in found["by_chapter"].items():
            console.print(_table(f"{role} by chapter: F1", chapters, {}))
        for side, files in found["seen"].items():
            if files:
                console.print(f"The {side} was trained on {', '.join(files)}: its figures flatter it.")


def show_gates(gates: Iterable["Gate"]) -> None:
    console = Console(stderr=True)
    for gate in gates:
        console.print(
            f"{'passed ' if gate.passed else 'REFUSED'} {gate.name}: {gate.says}",
            style="" if gate.passed else "bold red",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def _figures(title: str, found: Mapping[str, Any]) -> Table:
    errors = {f"calibration error, {role}": figure for role, figure in found["calibration"].items()}
    table = _table(title, {**found["figures"], **errors}, NAMES)
    latency = found["latency"]
    table.caption = (
        f"{found['episodes']} episodes of {found['patients']} patients; processor time for a text "
        f"{latency['champion_ms']:.1f} and {latency['challenger_ms']:.1f} ms, {latency['ratio']:.2f} times"
    )
    return table


def _table(title: str, figures: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.add_column("figure")
    for name in ("champion", "challenger", "difference", "95% interval"):
        table.add_column(name, justify="right")
    for name, figure in figures.items():
        table.add_row(
            names.get(name, name),
            percent(figure["champion"]),
            percent(figure["challenger"]),
            _points(figure["difference"]),
            _interval(figure["interval_95"]),
        )
    return table


def _points(difference: float | None) -> str:
    return "-" if difference is None else f"{difference * 100:+.1f}"


def _interval(found: tuple[float, float] | None) -> str:
    return "-" if found is None else f"{_points(found[0])} to {_points(found[1])}"
