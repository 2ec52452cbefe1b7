"""Keeps a form that came after the session had ended, for the person who sent it and for nobody else.

Only a form with the page's token, by a cookie that is genuine and merely too old, is kept. It is never
carried out by itself: the person sees it after signing in, and sends it again or drops it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy import delete
from sqlalchemy.orm import Session

from service.accounts.directory import new_id
from service.db import Database
from service.identity import Actor
from service.kept_forms.tables import KeptForm
from service.sessions import COOKIE, Sessions
from service.tables import Account

KEPT_MINUTES = 30
_PAGES = ("/episodes/", "/audits/", "/practice/", "/checking/", "/queries/", "/local-terms")
"""Where work is done. Forms with passwords are never kept."""
_MOST_CHARACTERS = 50_000
_NOT_KEPT = frozenset({"csrf_token"})


def keep(db: Database, sessions: Sessions, request: Request, token: str, *, at: datetime) -> str | None:
    """The id of the kept form; None where there is nothing to keep, or no right to it."""
    fields = getattr(request.state, "form", None)
    ticket = sessions.read_ended(request.cookies.get(COOKIE, ""))
    if not fields or ticket is None or not sessions.csrf_holds(ticket.session_id, token):
        return None
    if not request.url.path.startswith(_PAGES) or not _is_storable(request.url.path, fields):
        return None
    with db.write() as session:
        account = session.get(Account, ticket.account_id)
        if account is None or account.disabled_at or account.session_epoch != ticket.epoch:
            return None
        forget_old(session, at)
        row = _row(account, request.url.path, fields, at)
        session.add(row)
        return row.id


def kept_form(session: Session, actor: Actor, kept_id: str, at: datetime) -> KeptForm | None:
    """While it is kept, and of this person only."""
    row = session.get(KeptForm, kept_id) if len(kept_id) == 36 else None
    own = row is not None and row.account_id == actor.id
    return row if row is not None and own and row.until > at else None


def drop(session: Session, actor: Actor, kept_id: str, at: datetime) -> str | None:
    """Forgets the form; returns where it had been sent."""
    row = kept_form(session, actor, kept_id, at)
    if row is None:
        return None
    session.delete(row)
    return row.path


def forget_old(session: Session, at: datetime) -> None:
    """Deletes what is kept no longer."""
    session.execute(delete(KeptForm).where(KeptForm.until <= at))


def _row(account: Account, path: str, fields: Mapping[str, str], at: datetime) -> KeptForm:
    return KeptForm(
        id=new_id(),
        provider_id=account.provider_id,
        account_id=account.id,
        path=path,
        fields={name: value for name, value in fields.items() if name not in _NOT_KEPT},
        kept_at=at,
        until=at + timedelta(minutes=KEPT_MINUTES),
    )


def _is_storable(path: str, fields: Mapping[str, str]) -> bool:
    written = "".join((path, *fields, *fields.values()))
    clean = not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in written)
    return clean and len(written) <= _MOST_CHARACTERS and len(path) <= 200
