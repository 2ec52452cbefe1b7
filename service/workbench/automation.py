"""`/automation`: what blind audits show of each stratum, what is open, and why; managers open and close."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.automation import workflow
from service.deps import AutomationReader, Held, Manager, Services
from service.errors import Conflict, Unprocessable
from service.identity import Actor, UserRole
from service.workbench import rendering
from service.workbench.episode import Submitted

router = APIRouter(prefix="/automation", include_in_schema=False)

StratumName = Annotated[str, Path(pattern=r"^[a-z][a-z-]{0,39}$")]


@router.get("")
def get_automation(request: Request, held: Held, actor: AutomationReader) -> HTMLResponse:
    return _page(request, held, actor)


@router.post("/{stratum}/open")
def post_open(request: Request, held: Held, actor: Manager, stratum: StratumName) -> Response:
    try:
        workflow.open_stratum(held, actor, stratum)
    except Conflict as error:
        return _page(request, held, actor, error)
    return RedirectResponse("/automation", status_code=303)


@router.post("/{stratum}/close")
def post_close(
    request: Request, held: Held, actor: Manager, stratum: StratumName, form: Submitted
) -> Response:
    reason = form.get("reason", "").strip()
    try:
        if not reason or len(reason) > 200:
            raise Unprocessable("Give a reason, of at most 200 characters.")
        workflow.close_stratum(held, actor, stratum, reason)
    except (Conflict, Unprocessable) as error:
        return _page(request, held, actor, error)
    return RedirectResponse("/automation", status_code=303)


def _page(
    request: Request, held: Services, actor: Actor, error: Conflict | Unprocessable | None = None
) -> HTMLResponse:
    return rendering.page(
        request,
        "automation.html",
        status=error.status if error else 200,
        automation=workflow.overview(held, actor),
        may_change=actor.role is UserRole.MANAGER,
        error=error,
    )
