"""`autocoder serve | mllp | migrate | providers | users | keys | local-terms | standards-policy | …`."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from service import model_commands

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from service.audit import ChainReport
    from service.config import Settings
    from service.db import Database
    from service.identity import UserRole

app = typer.Typer()
app.add_typer(model_commands.app)
providers = typer.Typer(help="Trusts and health boards.", no_args_is_help=True)
users = typer.Typer(help="People who sign in with a password.", no_args_is_help=True)
keys = typer.Typer(help="API keys of systems.", no_args_is_help=True)
local_terms = typer.Typer(help="What words mean at one provider.", no_args_is_help=True)
policy = typer.Typer(help="A provider's own policy on the coding standards.", no_args_is_help=True)
app.add_typer(providers, name="providers")
app.add_typer(users, name="users")
app.add_typer(keys, name="keys")
app.add_typer(local_terms, name="local-terms")
app.add_typer(policy, name="standards-policy")

ProviderCode = Annotated[str, typer.Option("--provider", help="ODS code of the trust or health board.")]
RoleName = Annotated[str, typer.Option("--role", help="epr, coder, trainee, auditor, manager, …")]


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Serve the API and the workbench."""
    from service.errors import DatabaseBusy, SchemaOutdated
    from service.listening import listen

    with _plainly():  # refuse here rather than in every worker
        settings = _settings().checked(host=host)
        try:
            with closing(_open(settings)) as db:
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

    with _plainly(), closing(_database()) as db:
        upgrade(db)
    typer.echo(f"The database is up to date: {db.url.render_as_string(hide_password=True)}")


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
        _refuse(f"--expect-head: {error}")
    with closing(_database()) as db:
        where = db.url.render_as_string(hide_password=True)
        try:
            if not is_complete(db):
                _refuse(f"the database lacks the schema of this version, run `autocoder migrate`: {where}")
            with db.read() as session:
                wrong = sum(_tell(report) for report in verify(session, noted))
        except (ServiceError, SQLAlchemyError):
            _refuse(f"the database cannot be read: {where}")
    raise typer.Exit(1 if wrong else 0)


def _tell(report: "ChainReport") -> bool:
    """Prints what was found; returns whether something is wrong."""
    typer.echo(report.summary)
    for problem in report.problems[:20]:
        typer.echo(f"  {problem}", err=True)
    return bool(report.problems)


@providers.command("add")
def add_provider(code: str, name: str) -> None:
    """Add a trust or health board."""
    from service.accounts import directory

    with _transaction() as session:
        directory.add_provider(session, code, name, at=_now())
    typer.echo(f"Added provider {code}.")


@users.command("add")
def add_user(
    username: str,
    provider: ProviderCode,
    role: RoleName,
    name: Annotated[str, typer.Option(help="As colleagues know them.")] = "",
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Add a person; asks for the password."""
    from service.accounts import directory

    new = directory.NewAccount(
        username=username,
        name=name or username,
        role=_role(role),
        password=_password(from_stdin=password_stdin),
    )
    with _transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        directory.add_account(session, actor, new, at=_now())
    typer.echo(f"Added {username}.")


@users.command("rotate")
def rotate_user(
    username: str,
    provider: ProviderCode,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
) -> None:
    """Give a person a new password; ends their sessions."""
    from service.accounts import directory

    password = _password(from_stdin=password_stdin)
    with _transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        account = directory.account_by_username(session, actor.provider_id, username)
        directory.set_password(session, actor, account.id, password, at=_now())
    typer.echo(f"{username} has a new password.")


@users.command("disable")
def disable_user(username: str, provider: ProviderCode) -> None:
    """Shut a person out at once; their decisions stay."""
    from service.accounts import directory

    with _transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        account = directory.account_by_username(session, actor.provider_id, username)
        directory.disable_account(session, actor, account.id, at=_now())
    typer.echo(f"{username} is disabled.")


@keys.command("add")
def add_key(name: str, provider: ProviderCode, role: RoleName = "epr") -> None:
    """Make an API key; its secret is printed once."""
    from service.accounts import directory

    with _transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        _, secret = directory.add_key(session, actor, name, _role(role), at=_now())
    typer.echo(secret)


@keys.command("rotate")
def rotate_key(name: str, provider: ProviderCode) -> None:
    """Replace a key's secret; the old one stops working at once."""
    from service.accounts import directory

    with _transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        row = directory.key_by_name(session, actor.provider_id, name)
        secret = directory.rotate_key(session, actor, row.id, at=_now())
    typer.echo(secret)


@keys.command("disable")
def disable_key(name: str, provider: ProviderCode) -> None:
    """Shut a system out at once."""
    from service.accounts import directory

    with _transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        row = directory.key_by_name(session, actor.provider_id, name)
        directory.disable_key(session, actor, row.id, at=_now())
    typer.echo(f"{name} is disabled.")


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

    tables = load_tables(_settings())
    try:
        rows = read_file(file)
        read_local_terms(file, tables)
    except CuratedFileError as error:
        _refuse(str(error))
    with _transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        add_local_terms(session, CodeTables(tables), actor, rows, at=_now())
    typer.echo(f"{len(rows)} local terms of {provider} are in force.")


@local_terms.command("export")
def export_local_terms(provider: ProviderCode) -> None:
    """Write the local terms of a provider as TSV: to review, to keep, to import elsewhere."""
    from data.terms import write_local_terms
    from service.accounts import directory
    from service.local_terms.store import fields_of, local_terms_of

    with _transaction() as session:
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

    tables = CodeTables(load_tables(_settings()))
    text = file.read_text(encoding="utf-8")
    try:
        with _transaction() as session:
            actor = directory.operator(directory.provider_by_code(session, provider).id)
            row = set_policy(session, tables.standards, actor, text, at=_now())
            told = f"Policy {row.number} of {provider} is in force (digest {row.digest[:12]})."
    except ServiceError as error:
        _refuse(str(error))
    typer.echo(told)


@policy.command("export")
def export_policy(provider: ProviderCode) -> None:
    """Write the policy that is in force."""
    from service.accounts import directory
    from service.standards.book import newest_policy

    with _transaction() as session:
        row = newest_policy(session, directory.provider_by_code(session, provider).id)
        typer.echo(row.text if row else "", nl=False)


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
    from service.messages.inbox import Inbox
    from service.messages.mllp import Limits, listen
    from service.observability import configure_logging

    configure_logging()
    with _plainly():
        settings = _settings().checked(host=host)
        with closing(_open(settings)) as db:
            db.check()
            with db.read() as session:
                actor = directory.integration_engine(directory.provider_by_code(session, provider).id)
            inbox = Inbox(db, SystemClock(), settings)
            limits = Limits(connections, settings.max_body_bytes)
            try:
                listen(lambda sent: inbox.take(actor, sent), host, port, limits, typer.echo)
            except OSError as error:
                _refuse(f"{host}:{port} cannot be listened on: {error.strerror}")


@app.command()
def demonstrate() -> None:
    """Fill an empty database with a demonstration provider, accounts and the episodes that ship."""
    from service.demonstration import seed
    from service.schema import migrate as upgrade

    settings = _settings()
    if not settings.demonstration:
        _refuse("demonstration accounts are made by `make run` only (AUTOCODER_DEMONSTRATION=true)")
    with _plainly():
        settings = settings.checked()
        with closing(_open(settings)) as db:
            upgrade(db)
            seed(settings, db, say=typer.echo)


def _settings() -> "Settings":
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from service.config import Settings

    try:
        return Settings()
    except ValidationError as error:
        found = ((".".join(map(str, item["loc"])), item["msg"]) for item in error.errors())
        _refuse("; ".join(f"AUTOCODER_{name.upper()}: {message}" for name, message in found))
    except SettingsError as error:
        _refuse(str(error))


def _database() -> "Database":
    return _open(_settings())


def _open(settings: "Settings") -> "Database":
    from service.db import Database

    try:
        return Database(settings.database, busy_timeout_ms=settings.busy_timeout_ms)
    except OSError as error:
        _refuse(f"the database's folder cannot be made: {error.strerror}: {error.filename}")


@contextmanager
def _transaction() -> "Iterator[Session]":
    with _plainly(), closing(_database()) as db, db.write() as session:
        yield session


@contextmanager
def _plainly() -> Iterator[None]:
    """What the operator can mend is said in one line."""
    from alembic.util import CommandError

    from service.errors import InsecureSettings, ServiceError

    try:
        yield
    except (ServiceError, InsecureSettings) as error:
        _refuse(str(error))
    except CommandError as error:
        _refuse(f"the database's schema is not one that this version knows: {error}")
    except OSError as error:
        _refuse(f"{error.strerror}: {error.filename}")


def _role(name: str) -> "UserRole":
    from service.identity import UserRole

    try:
        return UserRole(name)
    except ValueError:
        _refuse(f"{name!r} is not a role; choose one of {', '.join(UserRole)}")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _now() -> "datetime":
    from service.clock import SystemClock

    return SystemClock().now()


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(2)
