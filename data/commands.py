"""Commands of this layer: `autocoder import-tables` and `coverage`."""

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from data.errors import DataError

app = typer.Typer()
_DAY = ["%Y-%m-%d"]


class OfficialClassification(StrEnum):
    """The classifications that have official files."""

    ICD10 = "icd10"
    OPCS4 = "opcs4"


def _default_tables_dir() -> Path:
    """Where the service looks for tables."""
    return Path(os.environ.get("AUTOCODER_VAR_DIR", "var")) / "tables"


@app.command("import-tables")
def import_tables(
    files: Annotated[list[Path], typer.Argument(help="The TRUD files: codes and titles, metadata.")],
    classification: Annotated[OfficialClassification, typer.Option(help="Which classification they are of.")],
    edition: Annotated[str, typer.Option(help="Name of the edition, such as 4.11.")],
    valid_from: Annotated[datetime, typer.Option(formats=_DAY, help="First day on which it is in force.")],
    valid_to: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Last day, where it is known.")
    ] = None,
    tables_dir: Annotated[
        Path | None, typer.Option(help="Folder of imported tables; by default that of the service.")
    ] = None,
) -> None:
    """Reads official ICD-10 or OPCS-4 files and keeps them by edition and date. Nothing is ever replaced."""
    from data.classifications.editions import EditionName, import_edition
    from data.classifications.trud import read_official

    ends = valid_to.date() if valid_to else None
    name = EditionName(classification.value, edition, valid_from.date(), ends)
    try:
        rows = read_official(classification.value, files)
        kept = import_edition(tables_dir or _default_tables_dir(), name, rows, [file.name for file in files])
    except DataError as error:
        typer.echo(f"Not imported. {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{kept.classification} {kept.edition}: {kept.codes} codes, valid from {kept.valid_from}")
    typer.echo(f"sha256 {kept.sha256}, in {kept.folder}")


@app.command()
def coverage() -> None:
    """The share of national use whose codes have terms, chapter by chapter."""
    from rich.console import Console
    from rich.table import Table

    from data.classifications import load_classification
    from data.terms import coverage_by_chapter, read_terms

    for name in OfficialClassification:
        classification = load_classification(name)
        columns = ("chapter", "codes used", "with terms", "phrases", "share of use")
        shown = Table(*columns, title=classification.label)
        for row in coverage_by_chapter(classification, read_terms(name)):
            share = "" if row.share is None else f"{row.share:.1%}"
            label = f"{row.chapter} {row.title}"
            shown.add_row(label, str(row.codes), str(row.codes_with_terms), str(row.phrases), share)
        Console().print(shown)
