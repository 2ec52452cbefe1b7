"""`/practice`: shipped episodes to code, with feedback against their right coding. Apart from real work."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.episodes import CodedEpisode, Role
from models.prediction import SuggestedLine
from service.deps import Decider, Held, Services
from service.errors import ModelUnavailable, ServiceError, TooManyRequests, Unprocessable
from service.identity import Actor
from service.practice import store
from service.practice.cases import case_of, next_case, specialties
from service.practice.explaining import findings
from service.practice.marking import mark
from service.workbench import practice_feedback, rendering
from service.workbench.episode import Submitted
from service.workbench.failures import by_htmx
from service.workbench.sheet import FINISH, Sheet, read_sheet, worked

router = APIRouter(prefix="/practice", include_in_schema=False)

CaseId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]
AttemptId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
Function = Annotated[str, Query(max_length=8, pattern=r"^[0-9A-Za-z]*$")]


@router.get("")
def get_practice(request: Request, held: Held, actor: Decider) -> HTMLResponse:
    with held.db.read() as session:
        attempts = store.attempts_of(session, actor)
    return rendering.page(
        request,
        "practice/list.html",
        specialties=specialties(),
        progress=store.progress(attempts),
        by_function=store.progress_by_function(attempts),
        latest=attempts[:10],
    )


@router.get("/next")
def get_next(
    held: Held, actor: Decider, specialty: Function = "", suggestions: Annotated[bool, Query()] = False
) -> RedirectResponse:
    """To a case that the reader has not tried yet."""
    with held.db.read() as session:
        tried = {attempt.case_id for attempt in store.attempts_of(session, actor)}
    found = next_case(actor.id, tried, specialty)
    address = f"/practice/cases/{found}{'?suggestions=1' if suggestions else ''}" if found else "/practice"
    return RedirectResponse(address, status_code=303)


@router.get("/cases/{case_id}")
def get_case(
    request: Request,
    held: Held,
    actor: Decider,
    case_id: CaseId,
    suggestions: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    return _case_page(request, held, actor, case_of(case_id), Sheet(), aided=suggestions)


@router.post("/cases/{case_id}")
def post_case(request: Request, held: Held, actor: Decider, case_id: CaseId, form: Submitted) -> Response:
    """Each button sends the whole sheet; the last one hands it in."""
    case, action = case_of(case_id), form.get("do", "")
    aided = form.get("suggestions") == "1"
    sheet = worked(read_sheet(form), action, held.tables.by_role, case.episode.end)
    if action != FINISH:
        return _case_page(request, held, actor, case, sheet, aided=aided)
    try:
        attempt_id = _hand_in(held, actor, case, sheet, aided=aided)
    except Unprocessable as error:
        return _case_page(request, held, actor, case, sheet, error, aided=aided)
    address = f"/practice/attempts/{attempt_id}"
    if by_htmx(request):
        return Response(headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


@router.get("/attempts/{attempt_id}")
def get_attempt(request: Request, held: Held, actor: Decider, attempt_id: AttemptId) -> HTMLResponse:
    """What was right, what was not, and why."""
    with held.db.read() as session:
        attempt = store.attempt_of(session, actor, attempt_id)
        in_force = held.tables.standards.of(session, actor.provider_id)
    case, given = case_of(attempt.case_id), attempt.given
    told = findings(in_force, case.episode, given["diagnoses"], given["procedures"])
    marking = mark(case, given["diagnoses"], given["procedures"])
    return rendering.page(
        request,
        "practice/feedback.html",
        attempt=attempt,
        case=case,
        feedback=practice_feedback.feedback(case, marking, told, held.tables),
        marking=marking,
        tables=held.tables.by_role,
    )


def _hand_in(held: Services, actor: Actor, case: CodedEpisode, sheet: Sheet, *, aided: bool) -> str:
    if sheet.unfinished:
        raise Unprocessable("What you typed last is no code yet: choose one, or empty the box.")
    given = {
        "diagnoses": list(_known(held, sheet, Role.DIAGNOSIS)),
        "procedures": list(_known(held, sheet, Role.PROCEDURE)),
    }
    if not given["diagnoses"]:
        raise Unprocessable("A coding has at least a primary diagnosis.")
    marking = mark(case, given["diagnoses"], given["procedures"])
    with held.db.write() as session:
        made = store.store_attempt(
            session,
            actor,
            case.episode,
            given,
            marking,
            with_suggestions=aided,
            at=held.clock.now(),
        )
        return made.id


def _known(held: Services, sheet: Sheet, role: Role) -> tuple[str, ...]:
    """Stored forms.

    Raises:
        Unprocessable: the classification has no such code.
    """
    entries = [held.tables.by_role[role].get(code) for code in sheet.codes[role]]
    if not all(entry is not None and entry.assignable for entry in entries):
        raise Unprocessable(f"One of the codes is none of {held.tables.by_role[role].label}.")
    return tuple(entry.code for entry in entries if entry is not None)


def _case_page(  # noqa: PLR0913 (what the page may have to say)
    request: Request,
    held: Services,
    actor: Actor,
    case: CodedEpisode,
    sheet: Sheet,
    error: ServiceError | None = None,
    *,
    aided: bool,
) -> HTMLResponse:
    part = by_htmx(request)
    suggestions, why_none = ((), "") if part or not aided else _suggested(held, actor, case)
    return rendering.page(
        request,
        "practice/sheet.html" if part else "practice/case.html",
        status=error.status if error else 200,
        case=case,
        sheet=sheet,
        with_suggestions=aided,
        suggestions=suggestions,
        why_none=why_none,
        tables=held.tables.by_role,
        error=error,
    )


def _suggested(held: Services, actor: Actor, case: CodedEpisode) -> tuple[tuple[SuggestedLine, ...], str]:
    """What the model suggests; nothing of it is stored."""
    try:
        prediction = held.suggester.suggest(case.episode, actor.provider_id)
    except (ModelUnavailable, TooManyRequests):
        return (), "No model answers now: code without suggestions."
    lines = (*prediction.diagnoses, *prediction.procedures)
    return tuple(line for line in lines if line.suggested), ""
