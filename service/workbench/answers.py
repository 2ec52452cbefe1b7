"""How the episode page answers: the desk after an action, or as it stands with why nothing was recorded."""

from dataclasses import replace

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.deps import Services
from service.episodes import schemas as s
from service.errors import CodingIncomplete, Conflict, Forbidden, ServiceError, StaleVersion, Unprocessable
from service.identity import Actor
from service.workbench import rendering, settings, wording
from service.workbench.attempts import attempted
from service.workbench.decision_forms import Form
from service.workbench.desk import Desk, Notice
from service.workbench.failures import by_htmx

REFUSALS = (Conflict, StaleVersion, Unprocessable, Forbidden)
"""Failures that are told beside the state as it stands now; any other is a page of its own."""
_NOT_SENT_AGAIN = frozenset({"csrf_token", "version", "decisions", "documents"})


def desk_of(held: Services, actor: Actor, episode: s.EpisodeOut) -> Desk:
    with held.db.glance() as session:
        least = settings.accept_from(session, actor.provider_id)
    return Desk(episode, actor, held.tables, wording.today(held.clock.now()), least)


def answer(request: Request, desk: Desk, status: int = 200) -> HTMLResponse:
    template = "episode/desk.html" if by_htmx(request) else "episode.html"
    return rendering.page(request, template, status=status, desk=desk)


def done(
    request: Request, held: Services, episode: s.EpisodeOut, actor: Actor, form: Form, besides: str
) -> Response:
    """The desk after the decision; without script the way to it, so that reloading repeats nothing."""
    if not by_htmx(request):
        return RedirectResponse(f"/episodes/{episode.id}", status_code=303)
    desk = desk_of(held, actor, episode)
    latest = next(iter(desk.history), None)
    told = f"{latest.who} {latest.what}." if latest else ""
    notice = Notice(f"{told} {besides}.", is_failure=True) if besides else Notice(told)
    return answer(request, replace(desk, notice=notice, documents_seen=form.get("documents", "")))


def refused(
    request: Request, held: Services, episode: s.EpisodeOut, actor: Actor, form: Form, error: ServiceError
) -> HTMLResponse:
    """The desk as it stands now, with why the decision was not recorded."""
    desk = desk_of(held, actor, episode)
    desk = replace(desk, documents_seen=form.get("documents", ""))
    if isinstance(error, StaleVersion):
        return answer(request, replace(desk, notice=_stale(request, desk, form)), error.status)
    text = _sentence(error.detail or error.title())
    confirm = ""
    if isinstance(error, CodingIncomplete) and desk.undecided and desk.standing:
        confirm = f"Reject the remaining {_counted(len(desk.undecided))} and finalise"
    notice = Notice(f"{text} Your decision was not recorded.", is_failure=True, confirm=confirm)
    return answer(request, replace(desk, notice=notice), error.status)


def _stale(request: Request, desk: Desk, form: Form) -> Notice:
    """Both versions: what others decided since the page was shown, and what was attempted."""
    seen = form.get("decisions", "")
    count = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    new = {decision.id for decision in desk.episode.decisions[count:]}
    theirs = tuple(entry for entry in reversed(desk.history) if new.intersection(entry.decisions))
    again = tuple((name, value) for name, value in form.items() if name not in _NOT_SENT_AGAIN)
    if theirs:
        text = f"Changed by {theirs[-1].who} at {theirs[-1].when}: {theirs[-1].what}."
    else:
        text = "The EPR sent something new for this episode, or suggestions arrived."
    return Notice(
        f"{text} Your decision was not recorded.",
        is_failure=True,
        theirs=theirs,
        mine=attempted(desk, form),
        again=again,
        action=request.url.path.rsplit("/", 1)[-1],
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _counted(number: int) -> str:
    return f"{number} suggestion{'' if number == 1 else 's'}"
