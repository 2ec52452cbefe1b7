"""Signing in and out: `/sign-in`, `/sign-out`, and the renewal of session cookies as they are used."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import audit, demonstration
from service.accounts.sources import SessionSource
from service.accounts.throttle import SignInThrottle
from service.config import Settings
from service.deps import Anyone, Held, Services
from service.errors import CsrfRejected, TooManyRequests
from service.identity import Actor, ActorKind, UserRole
from service.kept_forms.store import forget_old
from service.observability import log
from service.sessions import COOKIE, SessionTicket
from service.tables import Account
from service.workbench import rendering
from service.workbench.episode import Submitted

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Query(max_length=200)]
_WRONG = "The user name or the password is not right."


def install(app: FastAPI) -> None:
    app.include_router(router)
    app.add_middleware(SessionRenewal)


@router.get("/sign-in")
def get_sign_in(request: Request, held: Held, next: Next = "/") -> HTMLResponse:
    return _sign_in_page(request, held, _local(next))


@router.post("/sign-in")
def post_sign_in(request: Request, held: Held, form: Submitted) -> Response:
    """The session cookie and the way to the page that was wanted; or why not, the same for every reason."""
    _check_own_page(request)
    throttle: SignInThrottle = request.app.state.sign_in_throttle
    username, target = form.get("username", ""), _local(form.get("next", "/"))
    try:
        throttle.admit(username, request.client.host if request.client else "")
    except TooManyRequests as error:
        _log_refused(request, None, "too many tries")
        return _sign_in_page(request, held, target, str(error), error.status)
    signed_in = _session_source(held).sign_in(username, form.get("password", ""))
    account = signed_in.account
    if account is None:
        _log_refused(request, signed_in.tried_id, "wrong or shut out")
        return _sign_in_page(request, held, target, _WRONG, 401)
    throttle.forgive(username)
    _note(held, _actor(account), "account.sign_in")
    answer = RedirectResponse(target, status_code=303)
    value = held.sessions.issue(account.id, account.session_epoch, _session_cut_short(request, held, account))
    _set_cookie(answer, held.settings, value)
    return answer


def _session_cut_short(request: Request, held: Services, account: Account) -> str | None:
    """The session of the same person that ended by itself: pages that are still open go on with it."""
    ticket = held.sessions.read_ended(request.cookies.get(COOKIE, ""))
    same = ticket is not None and (ticket.account_id, ticket.epoch) == (account.id, account.session_epoch)
    return ticket.session_id if ticket is not None and same else None


@router.post("/sign-out")
def post_sign_out(held: Held, actor: Anyone) -> Response:
    """Ends every session of the account: a cookie that was copied is worth nothing any more."""
    if actor.kind is ActorKind.ACCOUNT:
        with held.db.write() as session:
            session.get_one(Account, actor.id, with_for_update=True).session_epoch += 1
            _record(held, actor, "account.sign_out", session)
    answer = RedirectResponse("/sign-in", status_code=303)
    _set_cookie(answer, held.settings, "", max_age=0)
    return answer


def _log_refused(request: Request, account_id: str | None, reason: str) -> None:
    """Never the user name: people type their password there, too."""
    log.warning("sign_in.refused", account=account_id, request_id=request.state.request_id, reason=reason)


class SessionRenewal:
    """Sends a fresh cookie when the one that came is some time old: work keeps a session alive."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def renewed(message: Message) -> None:
            ticket = scope["state"].get("stale_ticket")
            if message["type"] == "http.response.start" and ticket is not None:
                _renew(scope["app"].state.services, ticket, MutableHeaders(scope=message))
            await send(message)

        if scope["type"] == "http":
            scope.setdefault("state", {})
        await self._app(scope, receive, renewed if scope["type"] == "http" else send)


def _renew(held: Services, ticket: SessionTicket, headers: MutableHeaders) -> None:
    """Signing out sets the cookie itself."""
    if "set-cookie" not in headers:
        fresh = Response()
        value = held.sessions.issue(ticket.account_id, ticket.epoch, ticket.session_id)
        _set_cookie(fresh, held.settings, value)
        headers.append("set-cookie", fresh.headers["set-cookie"])


def _set_cookie(answer: Response, settings: Settings, value: str, max_age: int | None = None) -> None:
    answer.set_cookie(
        COOKIE,
        value,
        max_age=max_age,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def _sign_in_page(
    request: Request, held: Services, target: str, problem: str = "", status: int = 200
) -> HTMLResponse:
    """The user name is not repeated. Browsers may say where the form came from: `_check_own_page` asks."""
    people = demonstration.PEOPLE if held.settings.demonstration else ()
    answer = rendering.page(
        request,
        "sign_in.html",
        status=status,
        next=target,
        problem=problem,
        people=people,
        password=demonstration.PASSWORD if people else "",
    )
    answer.headers["referrer-policy"] = "same-origin"
    return answer


def _check_own_page(request: Request) -> None:
    """
    Raises:
        CsrfRejected: a page of another site sent the form, to sign someone in under another's name.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        own = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not own:
        raise CsrfRejected


def _local(address: str) -> str:
    """A page of this service, whatever was asked for: browsers read a backslash as a slash."""
    is_path = address.startswith("/") and not address.startswith("//")
    return address if is_path and address.isprintable() and "\\" not in address else "/"


def _session_source(held: Services) -> SessionSource:
    return next(source for source in held.identity_sources if isinstance(source, SessionSource))


def _actor(account: Account) -> Actor:
    return Actor(ActorKind.ACCOUNT, account.id, account.name, UserRole(account.role), account.provider_id)


def _note(held: Services, actor: Actor, action: str) -> None:
    with held.db.write() as session:
        forget_old(session, held.clock.now())
        _record(held, actor, action, session)


def _record(held: Services, actor: Actor, action: str, session: Session) -> None:
    now = held.clock.now()
    audit.record(session, actor, action=action, subject=f"account:{actor.id}", content={}, at=now)
