"""`/clinician-accounts`: for whom the account of each clinician answers queries."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.deps import Held, PeopleManager, Services
from service.errors import ServiceError, Unprocessable
from service.identity import Actor
from service.queries.links import linked_accounts, set_link
from service.workbench import rendering
from service.workbench.episode import Submitted

router = APIRouter(prefix="/clinician-accounts", include_in_schema=False)

RowId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("")
def get_clinician_accounts(request: Request, held: Held, actor: PeopleManager) -> HTMLResponse:
    return _page(request, held, actor)


@router.post("/{row_id}")
def post_link(request: Request, held: Held, actor: PeopleManager, row_id: RowId, form: Submitted) -> Response:
    clinician, specialty = (form.get(name, "").strip() for name in ("clinician", "specialty"))
    try:
        with held.db.write() as session:
            set_link(session, actor, row_id, clinician, specialty, at=held.clock.now())
    except Unprocessable as error:
        return _page(request, held, actor, error)
    return RedirectResponse("/clinician-accounts", status_code=303)


def _page(request: Request, held: Services, actor: Actor, error: ServiceError | None = None) -> HTMLResponse:
    with held.db.read() as session:
        accounts = linked_accounts(session, actor)
    return rendering.page(
        request,
        "queries/links.html",
        status=error.status if error else 200,
        accounts=accounts,
        error=error,
    )
