"""`/administration`: the accounts and keys of the administrator's own provider."""

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.accounts import directory
from service.accounts.passwords import MIN_LENGTH
from service.deps import Admin, Held, Services
from service.errors import Conflict, ServiceError, Unprocessable
from service.identity import Actor, UserRole
from service.tables import Provider
from service.text_types import ShortText
from service.workbench import rendering
from service.workbench.decision_forms import Form
from service.workbench.episode import Submitted

router = APIRouter(prefix="/administration", include_in_schema=False)

RowId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_Name: TypeAdapter[str] = TypeAdapter(ShortText)
_Change = Callable[[Session], str | None]
"""A change of the directory; returns a secret that is shown once, or nothing."""


@router.get("")
def get_administration(request: Request, held: Held, actor: Admin) -> HTMLResponse:
    return _page(request, held, actor)


@router.post("/accounts")
def post_account(request: Request, held: Held, actor: Admin, form: Submitted) -> Response:
    def work(session: Session) -> None:
        new = directory.NewAccount(
            username=_text(form, "username", "a user name"),
            name=_text(form, "name", "a name"),
            role=_role(form),
            password=form.get("password", ""),
        )
        directory.add_account(session, actor, new, at=held.clock.now())

    return _carried_out(request, held, actor, form, work)


@router.post("/accounts/{row_id}/password")
def post_password(request: Request, held: Held, actor: Admin, row_id: RowId, form: Submitted) -> Response:
    """A new password; every session of the account ends."""

    def work(session: Session) -> None:
        directory.set_password(session, actor, row_id, form.get("password", ""), at=held.clock.now())

    return _carried_out(request, held, actor, form, work)


@router.post("/accounts/{row_id}/disable")
def post_disabled_account(
    request: Request, held: Held, actor: Admin, row_id: RowId, form: Submitted
) -> Response:
    def work(session: Session) -> None:
        if row_id == actor.id:
            raise Unprocessable("You cannot disable your own account.")
        directory.disable_account(session, actor, row_id, at=held.clock.now())

    return _carried_out(request, held, actor, form, work)


@router.post("/keys")
def post_key(request: Request, held: Held, actor: Admin, form: Submitted) -> Response:
    def work(session: Session) -> str:
        name = _text(form, "name", "a name")
        return directory.add_key(session, actor, name, _role(form), at=held.clock.now())[1]

    return _carried_out(request, held, actor, form, work)


@router.post("/keys/{row_id}/rotate")
def post_rotated_key(request: Request, held: Held, actor: Admin, row_id: RowId, form: Submitted) -> Response:
    """A new secret; the old one stops working at once."""
    return _carried_out(
        request,
        held,
        actor,
        form,
        lambda session: directory.rotate_key(session, actor, row_id, at=held.clock.now()),
    )


@router.post("/keys/{row_id}/disable")
def post_disabled_key(request: Request, held: Held, actor: Admin, row_id: RowId, form: Submitted) -> Response:
    return _carried_out(
        request,
        held,
        actor,
        form,
        lambda session: directory.disable_key(session, actor, row_id, at=held.clock.now()),
    )


def _carried_out(request: Request, held: Services, actor: Actor, form: Form, change: _Change) -> Response:
    """The page after the change; a secret is in this one answer only, and is not kept by any cache."""
    try:
        with held.db.write() as session:
            secret = change(session)
    except (Conflict, Unprocessable) as error:
        return _page(request, held, actor, status=error.status, error=error, form=form)
    if secret is None:
        return RedirectResponse("/administration", status_code=303)
    return _page(request, held, actor, secret=secret)


def _page(  # noqa: PLR0913 (what the page may have to say)
    request: Request,
    held: Services,
    actor: Actor,
    *,
    status: int = 200,
    error: ServiceError | None = None,
    form: Form | None = None,
    secret: str | None = None,
) -> HTMLResponse:
    with held.db.read() as session:
        provider = session.get_one(Provider, actor.provider_id)
        accounts = directory.accounts_of(session, actor.provider_id)
        keys = directory.keys_of(session, actor.provider_id)
    return rendering.page(
        request,
        "administration.html",
        status=status,
        provider=provider,
        accounts=accounts,
        keys=keys,
        account_roles=[role for role in UserRole if role is not UserRole.EPR],
        key_roles=list(UserRole),
        min_length=MIN_LENGTH,
        error=error,
        at_fault=_place(form or {}),
        secret=secret,
    )


def _place(form: Form) -> str:
    """Where on the page the form stands: the error points there."""
    named = form.get("form", "")
    return named if re.fullmatch("[a-z0-9-]{1,60}", named) else "accounts"


def _text(form: Form, name: str, what: str) -> str:
    try:
        return _Name.validate_python(form.get(name, "").strip())
    except ValidationError:
        raise Unprocessable(f"Give {what} of up to 200 characters.") from None


def _role(form: Form) -> UserRole:
    try:
        return UserRole(form.get("role", ""))
    except ValueError:
        raise Unprocessable("Choose a role.") from None
