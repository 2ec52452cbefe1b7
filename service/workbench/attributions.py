"""`/attributions`: likely misattributions, for a manager to accept or dismiss; and who declared what."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.clinicians import schemas as s
from service.clinicians import workflow
from service.clinicians.register import Activity
from service.deps import Declarer, Held, Manager, Services
from service.errors import Conflict, Forbidden, NotFound, ServiceError, Unprocessable
from service.identity import Actor, UserRole
from service.text_types import Body as BodyModel
from service.workbench import clinician_words, rendering
from service.workbench.decision_forms import Form
from service.workbench.episode import Submitted

router = APIRouter(include_in_schema=False)

ProposalId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
Cursor = Annotated[str | None, Query(pattern=r"^[0-9a-f-]{36}$")]
_SHOWN = 50
_LINES = 5
_TICKED = "proposal-"
Sent = TypeVar("Sent", bound=BodyModel)
_TOLD = (Conflict, NotFound, Unprocessable, Forbidden)


@router.get("/attributions")
def get_attributions(
    request: Request,
    held: Held,
    actor: Manager,
    state: Annotated[s.ProposalState, Query()] = s.ProposalState.WAITING,
    cursor: Cursor = None,
) -> HTMLResponse:
    return _list(request, held, actor, state=state, cursor=cursor)


@router.post("/attributions/look")
def post_look(request: Request, held: Held, actor: Manager, form: Submitted) -> HTMLResponse:
    try:
        period = _validated(s.Period, {name: form.get(name, "") for name in ("starts", "ends")})
        found = workflow.look(held, actor, period)
    except Unprocessable as error:
        return _list(request, held, actor, error=error, form=form, target="starts")
    told = f"{found.episodes:,} episodes were looked at: {found.proposed:,} new proposals."
    return _list(request, held, actor, told=told, form=form)


@router.post("/attributions/accept")
def post_accept(request: Request, held: Held, actor: Manager, form: Submitted) -> Response:
    """Those that are ticked, all or none."""
    try:
        ids = [name.removeprefix(_TICKED) for name in form if name.startswith(_TICKED)]
        chosen = _validated(s.BulkIn, {"proposals": ids})
        workflow.accept_all(held, actor, chosen.proposals)
    except _TOLD as error:
        return _list(request, held, actor, error=error)
    return RedirectResponse("/attributions", status_code=303)


@router.post("/attributions/{row_id}/accept")
def post_accept_one(
    request: Request, held: Held, actor: Manager, row_id: ProposalId, form: Submitted
) -> Response:
    return _settled(request, held, actor, lambda: workflow.accept(held, actor, row_id))


@router.post("/attributions/{row_id}/dismiss")
def post_dismiss(
    request: Request, held: Held, actor: Manager, row_id: ProposalId, form: Submitted
) -> Response:
    def work() -> s.ProposalOut:
        why = _validated(s.DismissIn, {"reason": form.get("reason", "").strip()}, "Give a reason to dismiss.")
        return workflow.dismiss(held, actor, row_id, why.reason)

    return _settled(request, held, actor, work)


@router.post("/attributions/{row_id}/take-back")
def post_take_back(
    request: Request, held: Held, actor: Manager, row_id: ProposalId, form: Submitted
) -> Response:
    return _settled(request, held, actor, lambda: workflow.take_back(held, actor, row_id))


@router.get("/declarations")
def get_declarations(request: Request, held: Held, actor: Declarer) -> HTMLResponse:
    return _declarations(request, held, actor)


@router.post("/declarations")
def post_declaration(request: Request, held: Held, actor: Declarer, form: Submitted) -> Response:
    try:
        workflow.declare(held, actor, _declaration(form))
    except _TOLD as error:
        return _declarations(request, held, actor, error=error, form=form)
    return RedirectResponse("/declarations", status_code=303)


def _declaration(form: Form) -> s.DeclarationIn:
    """The lines that were filled in."""
    filled: dict[str, Any] = {
        name: form[name].strip() for name in ("starts", "ends", "note") if form.get(name, "").strip()
    }
    lines = [_declared_line(form, number) for number in range(_LINES)]
    wanted = {**filled, "lines": [line for line in lines if line]}
    if not wanted["lines"]:
        raise Unprocessable("Declare at least one kind of work.")
    return _validated(s.DeclarationIn, wanted)


def _declared_line(form: Form, number: int) -> dict[str, Any]:
    function = form.get(f"treatment_function_{number}", "").strip()
    if not function:
        return {}
    written = form.get(f"episodes_{number}", "").strip()
    episodes = int(written) if written.isascii() and written.isdigit() and len(written) < 7 else -1
    return {
        "treatment_function": function,
        "site": form.get(f"site_{number}", "").strip() or None,
        "activity": form.get(f"activity_{number}", ""),
        "autonomous": form.get(f"autonomous_{number}") == "yes",
        "episodes": episodes,
    }


def _validated(model: type[Sent], content: dict[str, Any], words: str = "") -> Sent:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise Unprocessable(words or clinician_words.problem_of(error)) from None


def _settled(request: Request, held: Services, actor: Actor, work: Callable[[], s.ProposalOut]) -> Response:
    try:
        done = work()
    except _TOLD as error:
        return _list(request, held, actor, error=error)
    state = "" if done.state is not s.ProposalState.TAKEN_BACK else "?state=accepted"
    return RedirectResponse(f"/attributions{state}", status_code=303)


def _list(  # noqa: PLR0913 (what the page shows beside the list)
    request: Request,
    held: Services,
    actor: Actor,
    *,
    state: s.ProposalState = s.ProposalState.WAITING,
    cursor: str | None = None,
    error: ServiceError | None = None,
    form: Form | None = None,
    target: str = "proposals",
    told: str = "",
) -> HTMLResponse:
    return rendering.page(
        request,
        "clinicians/attributions.html",
        status=error.status if error else 200,
        page=workflow.list_proposals(held, actor, state, cursor, _SHOWN),
        state=state,
        error=error,
        target=target,
        told=told,
        form=form or {},
        words=clinician_words,
    )


def _declarations(
    request: Request,
    held: Services,
    actor: Actor,
    *,
    error: ServiceError | None = None,
    form: Form | None = None,
) -> HTMLResponse:
    with held.db.read() as session:
        own = workflow.own_clinician(session, actor)
    return rendering.page(
        request,
        "clinicians/declarations.html",
        status=error.status if error else 200,
        declarations=workflow.list_declarations(held, actor).declarations,
        is_clinician=actor.role is UserRole.CLINICIAN,
        own=own,
        lines=range(_LINES),
        activities=[(one, clinician_words.ACTIVITIES[one]) for one in Activity],
        words=clinician_words,
        error=error,
        form=form or {},
    )
