"""`autocoder local-terms | standards-policy | clinicians`: what a provider keeps in files of its own."""

from pathlib import Path
from typing import Annotated

import typer

from service.commands import ground
from service.commands.ground import ProviderCode

app = typer.Typer()
local_terms = typer.Typer(help="What words mean at one provider.", no_args_is_help=True)
policy = typer.Typer(help="A provider's own policy on the coding standards.", no_args_is_help=True)
clinicians = typer.Typer(help="The register of clinicians.", no_args_is_help=True)
app.add_typer(local_terms, name="local-terms")
app.add_typer(policy, name="standards-policy")
app.add_typer(clinicians, name="clinicians")


@local_terms.command("import")
def import_local_terms(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Local terms, TSV.")],
    provider: ProviderCode,
) -> None:
    """Add the local terms of a file, all or none; those that are there already stay as they are."""
    from data.errors import CuratedFileError
    from data.terms import read_local_terms
    from service.accounts import directory
    from service.app import load_tables
    from service.deps import CodeTables
    from service.local_terms.store import add_local_terms, read_file

    tables = load_tables(ground.settings())
    try:
        rows = read_file(file)
        read_local_terms(file, tables)
    except CuratedFileError as error:
        ground.refuse(str(error))
    with ground.transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        add_local_terms(session, CodeTables(tables), actor, rows, at=ground.now())
    typer.echo(f"{len(rows)} local terms of {provider} are in force.")


@local_terms.command("export")
def export_local_terms(provider: ProviderCode) -> None:
    """Write the local terms of a provider as TSV: to review, to keep, to import elsewhere."""
    from data.terms import write_local_terms
    from service.accounts import directory
    from service.local_terms.store import fields_of, local_terms_of

    with ground.transaction() as session:
        found = local_terms_of(session, directory.provider_by_code(session, provider).id)
        typer.echo(write_local_terms([fields_of(row) for row in reversed(found)]), nl=False)


@policy.command("import")
def import_policy(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Rules and switches, TOML.")],
    provider: ProviderCode,
) -> None:
    """Put a policy in force in place of the one before; docs/standards.md says how one is written."""
    from service.accounts import directory
    from service.app import load_tables
    from service.deps import CodeTables
    from service.errors import ServiceError
    from service.standards.policies import set_policy

    tables = CodeTables(load_tables(ground.settings()))
    text = file.read_text(encoding="utf-8")
    try:
        with ground.transaction() as session:
            actor = directory.operator(directory.provider_by_code(session, provider).id)
            row = set_policy(session, tables.standards, actor, text, at=ground.now())
            told = f"Policy {row.number} of {provider} is in force (digest {row.digest[:12]})."
    except ServiceError as error:
        ground.refuse(str(error))
    typer.echo(told)


@policy.command("export")
def export_policy(provider: ProviderCode) -> None:
    """Write the policy that is in force."""
    from service.accounts import directory
    from service.standards.book import newest_policy

    with ground.transaction() as session:
        row = newest_policy(session, directory.provider_by_code(session, provider).id)
        typer.echo(row.text if row else "", nl=False)


@clinicians.command("import")
def import_clinicians(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The register, CSV.")],
    provider: ProviderCode,
) -> None:
    """Record the clinicians of a file, all or none; docs/attribution.md names the columns."""
    from service.accounts import directory
    from service.clinicians.workflow import import_in

    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        ground.refuse(f"{file.name} is not UTF-8")
    with ground.transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        done = import_in(session, actor, text, at=ground.now())
    typer.echo(f"{done.added} added, {done.changed} changed, {done.unchanged} as they were.")
