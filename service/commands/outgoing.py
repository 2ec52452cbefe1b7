"""`autocoder destinations | extract`: where codings go, and commissioning data as a file."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from service.commands import ground
from service.commands.ground import ProviderCode

if TYPE_CHECKING:
    from pydantic import BaseModel

    from service.deps import Services
    from service.identity import Actor

app = typer.Typer()
destinations = typer.Typer(help="Systems that are told of finalised codings.", no_args_is_help=True)
app.add_typer(destinations, name="destinations")

_Sent = TypeVar("_Sent", bound="BaseModel")


@destinations.command("add")
def add_destination(
    name: str,
    provider: ProviderCode,
    kind: Annotated[str, typer.Option(help="hl7_mllp, hl7_http, fhir or webhook.")],
    address: Annotated[str, typer.Option(help="mllp://host:port or https://host/path.")],
    secret_stdin: Annotated[bool, typer.Option(help="Read a bearer token from standard input.")] = False,
) -> None:
    """Add a destination; the secret of a webhook is printed once."""
    from service.outgoing import workflow
    from service.outgoing.schemas import DestinationIn

    given = {"secret": sys.stdin.readline().strip()} if secret_stdin else {}
    with _held(provider) as (held, actor):
        sent = _checked(DestinationIn, {"name": name, "kind": kind, "address": address, **given})
        made = workflow.add(held, actor, sent)
    typer.echo(made.secret or f"Added {name}.")


@destinations.command("list")
def list_destinations(provider: ProviderCode) -> None:
    """Name, kind, state and address of each, with what waits and what is parked."""
    from service.outgoing import workflow

    with _held(provider) as (held, actor):
        for one in workflow.listed(held, actor).destinations:
            counts = f"{one.waiting} waiting, {one.parked} parked"
            typer.echo(f"{one.name}\t{one.kind}\t{one.state}\t{one.address}\t{counts}")


@destinations.command("set")
def set_destination(
    name: str,
    provider: ProviderCode,
    state: Annotated[str | None, typer.Option(help="active, paused or off.")] = None,
    address: Annotated[str | None, typer.Option(help="Where it moved to.")] = None,
) -> None:
    """Pause, resume, switch off or move a destination."""
    from service.outgoing import workflow
    from service.outgoing.schemas import DestinationChange

    with _held(provider) as (held, actor):
        change = _checked(DestinationChange, {"state": state, "address": address})
        workflow.change(held, actor, _id_of(held, actor, name), change)
    typer.echo(f"Changed {name}.")


@destinations.command("rotate")
def rotate_secret(name: str, provider: ProviderCode) -> None:
    """Print a new secret of a webhook; the former one signs too until it is retired."""
    from service.outgoing import workflow
    from service.outgoing.schemas import SecretIn

    with _held(provider) as (held, actor):
        made = workflow.rotate(held, actor, _id_of(held, actor, name), SecretIn())
    typer.echo(made.secret or f"{name} has no secret any more.")


@destinations.command("retire")
def retire_secret(name: str, provider: ProviderCode) -> None:
    """End the former secret of a webhook."""
    from service.outgoing import workflow

    with _held(provider) as (held, actor):
        workflow.retire(held, actor, _id_of(held, actor, name))
    typer.echo(f"The former secret of {name} signs no more.")


@app.command()
def extract(
    provider: ProviderCode,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First end.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last end.")],
    wanted: Annotated[str, typer.Option("--format", help="cds-csv, cds-xml or apc-wales.")] = "cds-csv",
    output: Annotated[Path | None, typer.Option(help="File to write; standard output by default.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Instead, the items that are missing.")] = False,
) -> None:
    """Write the episodes that ended on these days as commissioning data."""
    from service.errors import Unprocessable
    from service.extracts import workflow
    from service.extracts.items import Format

    with _held(provider) as (held, actor):
        if wanted not in set(Format):
            raise Unprocessable(f"a format is one of {', '.join(Format)}")
        days = workflow.checked_days(first.date(), last.date())
        make = workflow.missing if missing else workflow.extract
        pieces = make(held, actor, days, Format(wanted))
        if output is None:
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
            sys.stdout.writelines(pieces)
            return
        with output.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)


@contextmanager
def _held(provider: str) -> "Iterator[tuple[Services, Actor]]":
    """What the use cases need, without a model, and the operator of the provider."""
    from service.accounts import directory
    from service.app import services_of

    with ground.plainly():
        held = services_of(ground.settings().checked())
        with closing(held.db):
            with held.db.read() as session:
                actor = directory.operator(directory.provider_by_code(session, provider).id)
            yield held, actor


def _id_of(held: "Services", actor: "Actor", name: str) -> str:
    from service.errors import NotFound
    from service.outgoing import workflow

    found = (one.id for one in workflow.listed(held, actor).destinations if one.name == name)
    if (destination_id := next(found, None)) is None:
        raise NotFound("there is no such destination")
    return destination_id


def _checked(model: "type[_Sent]", given: Mapping[str, str | None]) -> "_Sent":
    from pydantic import ValidationError

    from service.errors import Unprocessable

    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Unprocessable("; ".join(found)) from None
