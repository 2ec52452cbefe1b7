"""`autocoder serve | mllp | migrate | demonstrate`."""

from contextlib import closing
from typing import Annotated

import typer

from service.commands import ground
from service.commands.ground import ProviderCode

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Serve the API and the workbench."""
    from service.errors import DatabaseBusy, SchemaOutdated
    from service.listening import listen

    with ground.plainly():  # refuse here rather than in every worker
        settings = ground.settings().checked(host=host)
        try:
            with closing(ground.open_database(settings)) as db:
                db.check()
        except SchemaOutdated:
            raise
        except DatabaseBusy:
            typer.echo("The database does not answer yet; serving begins without it.", err=True)
    typer.echo(f"Serving on http://{host}:{port} (the model is loaded meanwhile). Ctrl-C stops.", err=True)
    if settings.demonstration:
        typer.echo("Sign in as coder, auditor, manager or admin; the page shows the password.", err=True)
    listen(host, port, workers)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema; safe to run again."""
    from service.schema import migrate as upgrade

    with ground.plainly(), closing(ground.database()) as db:
        upgrade(db)
    typer.echo(f"The database is up to date: {db.url.render_as_string(hide_password=True)}")


@app.command()
def mllp(
    provider: ProviderCode,
    host: Annotated[str, typer.Option(help="Address to listen on; MLLP itself checks nobody.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 2575,
    connections: Annotated[int, typer.Option(min=1, help="Most connections at a time.")] = 50,
) -> None:
    """Take HL7 v2 messages for one provider; `serve` suggests codes for what they bring."""
    from service.accounts import directory
    from service.clock import SystemClock
    from service.messages.inbox import Inbox, Reception
    from service.messages.mllp import Limits, listen
    from service.observability import configure_logging

    configure_logging()
    with ground.plainly():
        settings = ground.settings().checked(host=host)
        with closing(ground.open_database(settings)) as db:
            db.check()
            with db.read() as session:
                actor = directory.integration_engine(directory.provider_by_code(session, provider).id)
            inbox = Reception(Inbox(db, SystemClock(), settings), actor)
            takers = 1 if db.has_one_writer else 2  # one works while the other waits for the database
            limits = Limits(connections, settings.max_body_bytes, takers=takers)
            try:
                listen(inbox, host, port, limits, typer.echo)
            except OSError as error:
                ground.refuse(f"{host}:{port} cannot be listened on: {error.strerror}")


@app.command()
def demonstrate() -> None:
    """Fill an empty database with a demonstration provider, accounts and the episodes that ship."""
    from service.demonstration import seed
    from service.schema import migrate as upgrade

    settings = ground.settings()
    if not settings.demonstration:
        ground.refuse("demonstration accounts are made by `make run` only (AUTOCODER_DEMONSTRATION=true)")
    with ground.plainly():
        settings = settings.checked()
        with closing(ground.open_database(settings)) as db:
            upgrade(db)
            seed(settings, db, say=typer.echo)
