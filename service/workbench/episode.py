"""`/episodes/<id>`: the page where an episode is coded. Forms work without script; htmx swaps the desk."""

import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.episodes import Role
from service.deps import Decider, Held, Services
from service.episodes import schemas as s
from service.episodes import workflow
from service.episodes.deciding import decide
from service.episodes.routes import EpisodeId
from service.episodes.store import coding_of, decisions_of, episode_of, suggestions_of
from service.errors import (
    Conflict,
    Forbidden,
    ModelUnavailable,
    ServiceError,
    StaleVersion,
    TooManyRequests,
    Unprocessable,
)
from service.identity import Actor
from service.workbench import decision_forms, rendering, wording
from service.workbench.decision_forms import Form
from service.workbench.desk import Desk, Notice, Search, find_codes
from service.workbench.failures import by_htmx

router = APIRouter(prefix="/episodes", include_in_schema=False)

_SHOWN_ON_DESK = (Conflict, StaleVersion, Unprocessable, Forbidden)
"""Failures that are told beside the state as it stands now; any other is a page of its own."""


async def submitted(request: Request) -> Form:
    """The fields of the form; of a repeated one, the last."""
    fields = await request.form()
    return {name: value for name, value in fields.items() if isinstance(value, str)}


Submitted = Annotated[Form, Depends(submitted)]
LineId = Annotated[str | None, Query(max_length=36, pattern=r"^[0-9a-f-]*$")]


@router.get("/{episode_id}")
def get_episode(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, line: LineId = None
) -> HTMLResponse:
    """Args: line: the one to replace, when the search box should look for its replacement."""
    desk = _desk(held, actor, episode_id)
    return _answer(request, replace(desk, search=_search_for(desk, line)))


@router.post("/{episode_id}/decisions")
def post_decision(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """Decides on a line, or on the episode."""

    def work() -> None:
        episode = workflow.read(held, actor, episode_id)
        decision = decision_forms.decision_of(form, episode)
        version = decision_forms.version_of(form)
        key = _key(episode_id, version, decision)
        workflow.record_decision(held, actor, key, episode_id, version, decision)

    try:
        work()
    except _SHOWN_ON_DESK as error:
        return _refused(request, held, actor, episode_id, form, error)
    return _done(request, held, actor, episode_id)


@router.post("/{episode_id}/reject-remaining")
def post_reject_remaining(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """Rejects every suggestion that is still undecided, each as a decision of its own, all or none."""
    try:
        _reject_remaining(held, actor, episode_id, decision_forms.version_of(form))
    except _SHOWN_ON_DESK as error:
        return _refused(request, held, actor, episode_id, form, error)
    return _done(request, held, actor, episode_id)


@router.post("/{episode_id}/suggest-again")
def post_suggest_again(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """The suggestions of the model that serves now, beside the decisions that were made."""
    try:
        workflow.suggest_again(held, actor, episode_id, decision_forms.version_of(form))
    except (*_SHOWN_ON_DESK, ModelUnavailable, TooManyRequests) as error:
        return _refused(request, held, actor, episode_id, form, error)
    if not by_htmx(request):
        return RedirectResponse(f"/episodes/{episode_id}", status_code=303)
    desk = _desk(held, actor, episode_id)
    return _answer(request, replace(desk, notice=Notice("New suggestions. Your decisions stand.")))


@router.post("/{episode_id}/search")
def post_search(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> HTMLResponse:
    """Codes for the words in the box. Posted, so that what is looked for stands in no address."""
    desk = _desk(held, actor, episode_id)
    desk = replace(desk, search=_searched(desk, form))
    if request.headers.get("hx-target") == "div#hits":
        return rendering.page(request, "episode/hits.html", desk=desk)
    return _answer(request, desk)


def _desk(held: Services, actor: Actor, episode_id: str) -> Desk:
    episode = workflow.read(held, actor, episode_id)
    return Desk(episode, actor, held.tables, wording.today(held.clock.now()))


def _answer(request: Request, desk: Desk, status: int = 200) -> HTMLResponse:
    template = "episode/desk.html" if by_htmx(request) else "episode.html"
    return rendering.page(request, template, status=status, desk=desk)


def _done(request: Request, held: Services, actor: Actor, episode_id: str) -> Response:
    """The desk after the decision; without script the way to it, so that reloading repeats nothing."""
    if not by_htmx(request):
        return RedirectResponse(f"/episodes/{episode_id}", status_code=303)
    desk = _desk(held, actor, episode_id)
    latest = next(iter(desk.history), None)
    notice = Notice(f"{latest.who} {latest.what}.") if latest else None
    return _answer(request, replace(desk, notice=notice))


def _refused(
    request: Request, held: Services, actor: Actor, episode_id: str, form: Form, error: ServiceError
) -> HTMLResponse:
    """The desk as it stands now, with why the decision was not recorded."""
    desk = _desk(held, actor, episode_id)
    why = _stale(desk, form) if isinstance(error, StaleVersion) else error.detail or error.title()
    text = f"{why[:1].upper()}{why[1:].rstrip('.')}. Your decision was not recorded."
    return _answer(request, replace(desk, notice=Notice(text, is_failure=True)), error.status)


def _stale(desk: Desk, form: Form) -> str:
    """Who changed the episode meanwhile. The page says how many decisions it had seen."""
    seen, latest = form.get("decisions", ""), next(iter(desk.history), None)
    if latest is None or seen == str(len(desk.episode.decisions)):
        return "The EPR sent something new for this episode, or suggestions arrived"
    return f"Changed by {latest.who} at {latest.when}: {latest.what}"


def _reject_remaining(held: Services, actor: Actor, episode_id: str, version: int) -> None:
    now = held.clock.now()
    with held.db.write() as session:
        episode_of(session, actor, episode_id, lock=True)
        suggestions, decisions = suggestions_of(session, episode_id), decisions_of(session, episode_id)
        coding = coding_of(session, suggestions, decisions)
        for step, line in enumerate(coding.undecided):
            reject = s.Reject(kind="reject", line=line.id)
            decide(session, held.tables, actor, episode_id, version + step, reject, at=now)


def _key(episode_id: str, version: int, decision: s.DecisionIn) -> str:
    """The same decision on the same version is the same request: a form sent twice is carried out once."""
    content = f"{episode_id} {version} {decision.model_dump_json()}"
    return f"page-{hashlib.sha256(content.encode()).hexdigest()}"


def _search_for(desk: Desk, line_id: str | None) -> Search:
    every = (*desk.standing, *desk.undecided, *desk.candidates)
    line = next((line for line in every if line.id == line_id), None)
    return Search(role=line.role if line else Role.DIAGNOSIS, replacing=line)


def _searched(desk: Desk, form: Form) -> Search:
    wanted = _search_for(desk, form.get("line"))
    asked = Role.PROCEDURE if form.get("role") == Role.PROCEDURE else Role.DIAGNOSIS
    role = wanted.role if wanted.replacing else asked
    query = " ".join(form.get("query", "")[:200].split())
    return replace(
        wanted,
        role=role,
        query=query,
        hits=find_codes(desk.tables.by_role[role], role, query, desk.episode),
        evidence=decision_forms.evidence_of(form, desk.episode),
        evidence_text=form.get("evidence_text", ""),
    )
