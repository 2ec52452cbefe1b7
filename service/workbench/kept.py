"""`/session`: staying signed in, and signing in beside open work. `/kept`: forms of ended sessions."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.deps import Anyone, Held
from service.kept_forms.store import drop
from service.workbench import rendering
from service.workbench.failures import page_of_form

router = APIRouter(include_in_schema=False)

KeptId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("/session")
def get_session(request: Request, actor: Anyone) -> HTMLResponse:
    """Where signing in beside open work ends."""
    return rendering.page(request, "session/signed_in.html")


@router.post("/session")
def post_session(actor: Anyone) -> Response:
    """Stays signed in: a request like any other, whose answer renews the cookie."""
    return Response(status_code=204)


@router.post("/kept/{kept_id}/drop")
def post_drop(held: Held, actor: Anyone, kept_id: KeptId) -> RedirectResponse:
    """Forgets a kept form, and goes back to its page."""
    with held.db.write() as session:
        path = drop(session, actor, kept_id, held.clock.now())
    return RedirectResponse(page_of_form(path) if path else "/", status_code=303)
