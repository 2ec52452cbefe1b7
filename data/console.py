"""Joins the commands that each package registers under the entry-point group `autocoder.commands`."""

from importlib.metadata import entry_points

import typer


def main() -> None:
    app = typer.Typer(
        name="autocoder",
        help="Discharge summaries to ICD-10 and OPCS-4 codes.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,  # locals may hold patient text
    )
    for point in sorted(entry_points(group="autocoder.commands"), key=lambda point: point.name):
        app.add_typer(point.load())
    app()
