"""The commands of the service. Each imports what it needs when it is called: `--help` answers at once."""

import typer

from service.commands import accounts, audit, curated, outgoing, replay, running

app = typer.Typer()
for _room in (running, accounts, curated, outgoing, replay, audit):
    app.add_typer(_room.app)
