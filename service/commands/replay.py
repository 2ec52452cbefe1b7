"""`autocoder replay | disagreements`: what models answered here, for those who make them. No patient text.

Exit code of replay 0: the same, line for line. 1: it differs, and where. 2: it cannot be made again, and why.
"""

from contextlib import closing
from typing import Annotated

import typer

from service.commands import ground
from service.commands.ground import ProviderCode

app = typer.Typer()


@app.command()
def replay(
    episode: Annotated[str, typer.Argument(help="The id that the service gave to the episode.")],
    number: Annotated[
        int | None, typer.Option("--suggestion", min=1, help="Its number; the newest by default.")
    ] = None,
) -> None:
    """Make a stored suggestion again with the model of then, and compare every line."""
    from models.registry import Registry
    from service.app import load_tables
    from service.replay.replaying import replay as make_again

    settings = ground.settings()
    with ground.plainly(), closing(ground.database()) as db, db.read() as session:
        done = make_again(session, Registry(settings.tracking_uri), load_tables(settings), episode, number)
    for note in done.notes:
        typer.echo(f"note: {note}")
    for line in done.differences:
        typer.echo(line)
    same = "identical" if not done.differences else f"{len(done.differences)} differences"
    typer.echo(f"suggestion {done.number}, model {done.model}: {same}")
    raise typer.Exit(1 if done.differences else 0)


@app.command()
def disagreements(
    provider: ProviderCode,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Episodes to list.")] = 50,
) -> None:
    """Where the challenger in the shadow suggests other codes than the champion did."""
    from service.accounts import directory
    from service.challenger.store import count, newest_challenger
    from service.challenger.store import disagreements as found_in

    with ground.plainly(), closing(ground.database()) as db, db.read() as session:
        provider_id = directory.provider_by_code(session, provider).id
        model = newest_challenger(session, provider_id)
        if model is None:
            typer.echo("No challenger has read an episode here: AUTOCODER_CHALLENGER_SHARE says how many.")
            return
        counts = count(session, provider_id, model.digest)
        typer.echo(
            f"{model.name}/{model.version}: {counts.agree} of {counts.episodes} episodes alike, "
            f"{counts.other_primary} with another primary diagnosis"
        )
        for side in ("only_champion", "only_challenger"):
            codes = ", ".join(f"{code} {times}" for code, times in getattr(counts, side))
            typer.echo(f"{side.replace('_', ' ')}: {codes or 'none'}")
        for row, _ in found_in(session, provider_id, model.digest, None, limit):
            primary = row.difference["primary"]
            less = "".join(f" -{code}" for code in row.difference["only_champion"])
            more = "".join(f" +{code}" for code in row.difference["only_challenger"])
            typer.echo(
                f"{row.episode_id}  primary {primary['champion']} | {primary['challenger']} {less}{more}"
            )
