"""`/episodes/<id>`: the page where an episode is coded. Forms work without script; htmx swaps the desk."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.episodes import Role
from service.deps import Decider, Held, Services
from service.episodes import schemas as s
from service.episodes import workflow
from service.episodes.batches import reject_rest
from service.episodes.deciding import decide_all
from service.episodes.desk import Desk as StoredDesk
from service.episodes.desk import expect
from service.episodes.editing import Work, edit, look
from service.episodes.routes import EpisodeId
from service.errors import ModelUnavailable, TooManyRequests, UnknownCodeGiven
from service.identity import Actor
from service.standards.fixing import fix
from service.workbench import decision_forms, rendering, verbs
from service.workbench.answers import REFUSALS, answer, desk_of, done, refused
from service.workbench.decision_forms import Form
from service.workbench.desk import Desk, Notice, Search, find_codes
from service.workbench.failures import by_htmx
from service.workbench.settings import accept_from
from service.workbench.typed_codes import Typed, is_codes, read_codes

router = APIRouter(prefix="/episodes", include_in_schema=False)

_NO_PART = frozenset({"csrf_token", "decisions", "documents"})
"""Fields that do not change what a form asks for."""


async def submitted(request: Request) -> Form:
    """The fields of the form; of a repeated one, the last."""
    fields = await request.form()
    return {name: value for name, value in fields.items() if isinstance(value, str)}


Submitted = Annotated[Form, Depends(submitted)]
LineId = Annotated[str | None, Query(max_length=36, pattern=r"^[0-9a-f-]*$")]


@router.get("/{episode_id}")
def get_episode(
    request: Request,
    held: Held,
    actor: Decider,
    episode_id: EpisodeId,
    line: LineId = None,
    part: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """
    Args:
        line: the one to change, when the finder should offer what it may become.
        part: `finder`: that alone, as script fetches it.
    """
    desk = desk_of(held, actor, look(held, actor, episode_id))
    desk = replace(desk, search=_search_for(desk, line))
    if part == "finder":
        return rendering.page(request, "episode/finder.html", desk=desk)
    return answer(request, desk)


@router.post("/{episode_id}/decisions")
def post_decision(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """Decides on lines, or on the episode: by a button's `do`, or by the fields of the API."""

    def decisions(session: Session, desk: StoredDesk) -> Sequence[s.DecisionIn]:
        if "do" in form:
            return verbs.decisions_of(form["do"], desk, lambda: accept_from(session, desk.row.provider_id))
        return [decision_forms.decision_of(form, desk)]

    return _carried_out(request, held, actor, episode_id, form, _deciding(held, form, decisions))


@router.post("/{episode_id}/reject-remaining")
def post_reject_remaining(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """Rejects every suggestion that is still undecided, each as a decision of its own, all or none."""
    work = _deciding(held, form, lambda _session, desk: reject_rest(desk))
    return _carried_out(request, held, actor, episode_id, form, work)


@router.post("/{episode_id}/fix")
def post_fix(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """Mends what a rule says of some lines, each step as a decision of its own, all or none."""

    def work(session: Session, desk: StoredDesk) -> StoredDesk:
        version, lines = decision_forms.version_of(form), form.get("lines", "").split()
        rule = form.get("rule", "")[:64]
        return fix(session, desk, version, rule=rule, line_ids=lines, at=held.clock.now())

    return _carried_out(request, held, actor, episode_id, form, work)


@router.post("/{episode_id}/codes")
def post_codes(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """Adds the codes that were typed, in their order; anything else is looked for."""
    query = _query(form)
    if not is_codes(query):
        return post_search(request, held, actor, episode_id, form)
    if form.get("line"):
        return post_decision(request, held, actor, episode_id, {**form, "kind": "replace", "code": query})
    typed = Typed()

    def decisions(_session: Session, desk: StoredDesk) -> Sequence[s.DecisionIn]:
        nonlocal typed
        evidence = decision_forms.evidence_of(form, decision_forms.texts_of(desk))
        typed = read_codes(query, _role(form), desk, evidence)
        if not typed.adds:
            raise UnknownCodeGiven(_left_out(typed))
        return typed.adds

    work = _deciding(held, form, decisions)
    return _carried_out(request, held, actor, episode_id, form, work, lambda: _left_out(typed))


@router.post("/{episode_id}/suggest-again")
def post_suggest_again(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> Response:
    """The suggestions of the model that serves now, beside the decisions that were made."""
    try:
        workflow.suggest_again(held, actor, episode_id, decision_forms.version_of(form))
    except (*REFUSALS, ModelUnavailable, TooManyRequests) as error:
        return refused(request, held, look(held, actor, episode_id), actor, form, error)
    if not by_htmx(request):
        return RedirectResponse(f"/episodes/{episode_id}", status_code=303)
    desk = desk_of(held, actor, look(held, actor, episode_id))
    return answer(request, replace(desk, notice=Notice("New suggestions. Your decisions stand.")))


@router.post("/{episode_id}/search")
def post_search(
    request: Request, held: Held, actor: Decider, episode_id: EpisodeId, form: Submitted
) -> HTMLResponse:
    """Codes for the words in the box. Posted, so that what is looked for stands in no address."""
    desk = desk_of(held, actor, look(held, actor, episode_id))
    desk = replace(desk, search=_searched(desk, form), documents_seen=form.get("documents", ""))
    if request.headers.get("hx-target") == "div#hits":
        return rendering.page(request, "episode/hits.html", desk=desk)
    return answer(request, desk)


def _deciding(held: Services, form: Form, decisions: verbs.Deciding) -> Work:
    def work(session: Session, desk: StoredDesk) -> StoredDesk:
        version = decision_forms.version_of(form)
        expect(desk, version)
        return decide_all(session, desk, version, decisions(session, desk), at=held.clock.now())

    return work


def _carried_out(  # noqa: PLR0913, PLR0917 (who does what, where)
    request: Request,
    held: Services,
    actor: Actor,
    episode_id: str,
    form: Form,
    work: Work,
    besides: verbs.Words = str,
) -> Response:
    """
    Args:
        besides: what is to be told of what was not done.
    """
    asked = sorted((name, value) for name, value in form.items() if name not in _NO_PART)
    try:
        episode = edit(held, actor, episode_id, f"{request.url.path} {asked}", work)
    except REFUSALS as error:
        return refused(request, held, look(held, actor, episode_id), actor, form, error)
    return done(request, held, episode, actor, form, besides())


def _left_out(typed: Typed) -> str:
    """What of a line of codes was not added. The words were typed by the reader."""
    parts = []
    if typed.unknown:
        parts.append(f"No such code for a coding here: {', '.join(typed.unknown)}")
    if typed.standing:
        parts.append(f"In the coding already: {', '.join(typed.standing)}")
    return ". ".join(parts)


def _query(form: Form) -> str:
    return " ".join(form.get("query", "")[:300].split())


def _role(form: Form) -> Role:
    return Role.PROCEDURE if form.get("role") == Role.PROCEDURE else Role.DIAGNOSIS


def _search_for(desk: Desk, line_id: str | None) -> Search:
    every = (*desk.standing, *desk.undecided, *desk.candidates)
    line = next((line for line in every if line.id == line_id), None)
    return Search(role=line.role if line else Role.DIAGNOSIS, replacing=line)


def _searched(desk: Desk, form: Form) -> Search:
    wanted = _search_for(desk, form.get("line"))
    role = wanted.role if wanted.replacing else _role(form)
    query = _query(form)
    texts = {document.id: (document.version, document.text) for document in desk.episode.documents}
    return replace(
        wanted,
        role=role,
        query=query,
        hits=find_codes(desk.tables.by_role[role], role, query, desk.episode),
        evidence=decision_forms.evidence_of(form, texts),
        evidence_text=form.get("evidence_text", ""),
    )
