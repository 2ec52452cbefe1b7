"""`autocoder verify-audit`."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands import ground

if TYPE_CHECKING:
    from service.audit import ChainReport

app = typer.Typer()


@app.command("verify-audit")
def verify_audit(
    expect_head: Annotated[
        list[str] | None, typer.Option(help="CODE=HASH noted earlier; a cut tail is found by it.")
    ] = None,
) -> None:
    """Read every provider's audit chain from its first link; exit 1 when anything was tampered with."""
    from sqlalchemy.exc import SQLAlchemyError

    from service.audit import NotedHead, verify
    from service.errors import ServiceError
    from service.schema import is_complete

    try:
        noted = [NotedHead.parse(item) for item in expect_head or ()]
    except ValueError as error:
        ground.refuse(f"--expect-head: {error}")
    with closing(ground.database()) as db:
        where = db.url.render_as_string(hide_password=True)
        try:
            if not is_complete(db):
                lacks = "the database lacks the schema of this version, run `autocoder migrate`"
                ground.refuse(f"{lacks}: {where}")
            with db.read() as session:
                wrong = sum(_tell(report) for report in verify(session, noted))
        except (ServiceError, SQLAlchemyError):
            ground.refuse(f"the database cannot be read: {where}")
    raise typer.Exit(1 if wrong else 0)


def _tell(report: "ChainReport") -> bool:
    """Prints what was found; returns whether something is wrong."""
    typer.echo(report.summary)
    for problem in report.problems[:20]:
        typer.echo(f"  {problem}", err=True)
    return bool(report.problems)
