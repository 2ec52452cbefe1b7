"""`/queries`: what is asked of clinicians. Coders follow it up; it is a clinician's first page."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.deps import Clinician, Decider, Held, QueryReader, Services
from service.errors import Conflict, ServiceError, Unprocessable
from service.identity import Actor, UserRole
from service.queries import schemas as s
from service.queries import store, workflow
from service.queries.routes import QueryId
from service.queries.showing import episodes_of_queries, shown
from service.workbench import rendering, wording
from service.workbench.decision_forms import Form
from service.workbench.episode import Submitted

router = APIRouter(prefix="/queries", include_in_schema=False)

_TOLD_ON_PAGE = (Conflict, Unprocessable)


@router.get("")
def get_queries(
    request: Request,
    held: Held,
    actor: QueryReader,
    status: Annotated[s.QueryStatus, Query()] = s.QueryStatus.OPEN,
) -> HTMLResponse:
    found = workflow.listed(held, actor, status)
    with held.db.read() as session:
        episodes = episodes_of_queries(session, actor, found)
        counts = store.counts(session, actor)
    return rendering.page(
        request,
        "queries/list.html",
        queries=found.queries,
        episodes=episodes,
        counts=counts,
        state=status,
        answers=actor.role is UserRole.CLINICIAN,
    )


@router.get("/{query_id}")
def get_query(request: Request, held: Held, actor: QueryReader, query_id: QueryId) -> HTMLResponse:
    return _page(request, held, actor, query_id)


@router.post("/{query_id}/answer")
def post_answer(
    request: Request, held: Held, actor: Clinician, query_id: QueryId, form: Submitted
) -> Response:
    try:
        sent = _answer(form)
        digest = hashlib.sha256(sent.model_dump_json().encode()).hexdigest()
        workflow.post_answer(held, actor, f"page-{query_id}-{digest}", query_id, sent)
    except _TOLD_ON_PAGE as error:
        return _page(request, held, actor, query_id, error, form)
    return RedirectResponse(f"/queries/{query_id}", status_code=303)


@router.post("/{query_id}/withdraw")
def post_withdraw(request: Request, held: Held, actor: Decider, query_id: QueryId) -> Response:
    try:
        workflow.withdraw(held, actor, query_id)
    except Conflict as error:
        return _page(request, held, actor, query_id, error)
    return RedirectResponse(f"/queries/{query_id}", status_code=303)


def _answer(form: Form) -> s.AnswerIn:
    fields = {"text": form.get("text", "")} | ({"chosen": form["chosen"]} if form.get("chosen") else {})
    try:
        return s.AnswerIn.model_validate(fields)
    except ValidationError:
        raise Unprocessable("An answer has up to 4,000 characters.") from None


def _page(
    request: Request,
    held: Services,
    actor: Actor,
    query_id: str,
    error: ServiceError | None = None,
    form: Form | None = None,
) -> HTMLResponse:
    with held.db.read() as session:
        found = shown(session, actor, query_id, held.clock.now())
    return rendering.page(
        request,
        "queries/query.html",
        status=error.status if error else 200,
        shown=found,
        query=found.query,
        answers=actor.role is UserRole.CLINICIAN,
        on=wording.today(held.clock.now()),
        form=form or {},
        error=error,
    )
