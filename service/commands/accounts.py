"""`autocoder providers | users | keys`: who may do what."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands import ground
from service.commands.ground import ProviderCode

if TYPE_CHECKING:
    from service.identity import UserRole

app = typer.Typer()
providers = typer.Typer(help="Trusts and health boards.", no_args_is_help=True)
users = typer.Typer(help="People who sign in with a password.", no_args_is_help=True)
keys = typer.Typer(help="API keys of systems.", no_args_is_help=True)
app.add_typer(providers, name="providers")
app.add_typer(users, name="users")
app.add_typer(keys, name="keys")

RoleName = Annotated[str, typer.Option("--role", help="epr, coder, trainee, auditor, manager, …")]


@providers.command("add")
def add_provider(code: str, name: str) -> None:
    """Add a trust or health board."""
    from service.accounts import directory

    with ground.transaction() as session:
        directory.add_provider(session, code, name, at=ground.now())
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
    with ground.transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        directory.add_account(session, actor, new, at=ground.now())
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
    with ground.transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        account = directory.account_by_username(session, actor.provider_id, username)
        directory.set_password(session, actor, account.id, password, at=ground.now())
    typer.echo(f"{username} has a new password.")


@users.command("disable")
def disable_user(username: str, provider: ProviderCode) -> None:
    """Shut a person out at once; their decisions stay."""
    from service.accounts import directory

    with ground.transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        account = directory.account_by_username(session, actor.provider_id, username)
        directory.disable_account(session, actor, account.id, at=ground.now())
    typer.echo(f"{username} is disabled.")


@keys.command("add")
def add_key(name: str, provider: ProviderCode, role: RoleName = "epr") -> None:
    """Make an API key; its secret is printed once."""
    from service.accounts import directory

    with ground.transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        _, secret = directory.add_key(session, actor, name, _role(role), at=ground.now())
    typer.echo(secret)


@keys.command("rotate")
def rotate_key(name: str, provider: ProviderCode) -> None:
    """Replace a key's secret; the old one stops working at once."""
    from service.accounts import directory

    with ground.transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        row = directory.key_by_name(session, actor.provider_id, name)
        secret = directory.rotate_key(session, actor, row.id, at=ground.now())
    typer.echo(secret)


@keys.command("disable")
def disable_key(name: str, provider: ProviderCode) -> None:
    """Shut a system out at once."""
    from service.accounts import directory

    with ground.transaction() as session:
        actor = directory.operator(directory.provider_by_code(session, provider).id)
        row = directory.key_by_name(session, actor.provider_id, name)
        directory.disable_key(session, actor, row.id, at=ground.now())
    typer.echo(f"{name} is disabled.")


def _role(name: str) -> "UserRole":
    from service.identity import UserRole

    try:
        return UserRole(name)
    except ValueError:
        ground.refuse(f"{name!r} is not a role; choose one of {', '.join(UserRole)}")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
