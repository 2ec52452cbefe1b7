"""`/checking`: codings of trainees that wait for a second check. `/my-checks`: what came of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.episodes import Role
from service.checking.reading import Check, check_now, own_checks, waiting
from service.coding.status import Status
from service.deps import Checker, Decider, Held, Services
from service.episodes import schemas as s
from service.episodes import workflow
from service.episodes.deciding import decide_all
from service.episodes.desk import Desk as Opened
from service.episodes.editing import edit
from service.episodes.routes import EpisodeId
from service.errors import Conflict, Forbidden, ServiceError, StaleVersion, Unprocessable
from service.identity import Actor
from service.workbench import decision_forms, rendering, wording
from service.workbench.check_words import ACTIONS
from service.workbench.decision_forms import Form
from service.workbench.desk import Desk, Hit
from service.workbench.episode import Submitted
from service.workbench.failures import by_htmx
from service.workbench.finding import Found, find

router = APIRouter(include_in_schema=False)

_TOLD_ON_PAGE = (Conflict, StaleVersion, Unprocessable, Forbidden)
_CLOSING = ("approve", "return")
_NOTE = "note_"
_CODE = "code_"
_FOUND = {True: "Choose one of the codes that were found.", False: "Nothing found. Try other words."}


@dataclass(frozen=True, slots=True)
class _Said:
    """What the page has to say beside the codings."""

    done: str = ""
    error: ServiceError | None = None
    hits: tuple[Hit, ...] = ()
    wanted: str = ""
    """What a hit would do: `add:diagnosis`, or `replace:` and a line."""


@router.get("/checking")
def get_checking(request: Request, held: Held, actor: Checker) -> HTMLResponse:
    with held.db.read() as session:
        found = waiting(session, actor)
    on = wording.today(held.clock.now())
    return rendering.page(request, "checking/list.html", waiting=found, on=on)


@router.get("/my-checks")
def get_own(request: Request, held: Held, actor: Decider) -> HTMLResponse:
    """What was submitted as a trainee, and what the checks said."""
    with held.db.read() as session:
        checks = own_checks(session, actor)
    return rendering.page(request, "checking/own.html", checks=checks, tables=held.tables.by_role)


@router.get("/checking/{episode_id}")
def get_check(request: Request, held: Held, actor: Checker, episode_id: EpisodeId) -> HTMLResponse:
    return _page(request, held, actor, episode_id, {}, _Said())


@router.post("/checking/{episode_id}")
def post_check(
    request: Request, held: Held, actor: Checker, episode_id: EpisodeId, form: Submitted
) -> Response:
    """Each button sends the whole form, so that notes stay while lines are corrected."""
    try:
        action = _action(form)
        if action["kind"] == "search":
            found = _searched(held, actor, episode_id, action)
            if not found.codes:
                said = _Said(_FOUND[bool(found.hits)], hits=found.hits, wanted=action["target"])
                return _page(request, held, actor, episode_id, form, said)
            action = _taken(f"{action['target']}:{found.codes[0]}")
        _decide(held, actor, episode_id, form, action)
    except _TOLD_ON_PAGE as error:
        return _page(request, held, actor, episode_id, form, _Said(error=error))
    if action["kind"] in _CLOSING:
        return _to_list(request)
    kept = {name: value for name, value in form.items() if not name.startswith((_CODE, "add_"))}
    return _page(request, held, actor, episode_id, kept, _Said(done=ACTIONS[action["kind"]]))


def _to_list(request: Request) -> Response:
    if by_htmx(request):
        return Response(headers={"HX-Redirect": "/checking"})
    return RedirectResponse("/checking", status_code=303)


def _decide(held: Services, actor: Actor, episode_id: str, form: Form, action: Mapping[str, str]) -> None:
    version = decision_forms.version_of(form)

    def work(session: Session, desk: Opened) -> Opened:
        closes = action["kind"] in _CLOSING
        decision = _closing(form, action["kind"]) if closes else decision_forms.decision_of(action, desk)
        return decide_all(session, desk, version, [decision], at=held.clock.now())

    edit(held, actor, episode_id, f"check {version} {sorted(action.items())} {sorted(form.items())}", work)


def _closing(form: Form, kind: str) -> s.DecisionIn:
    """
    Raises:
        Unprocessable: a return says nothing, or a note is too long.
    """
    said = {name.removeprefix(_NOTE): text.strip() for name, text in form.items() if name.startswith(_NOTE)}
    notes = [{"line": line, "text": text} for line, text in said.items() if text]
    if any(len(note["text"]) > 200 for note in notes) or len(form.get("reason", "").strip()) > 200:
        raise Unprocessable("A note has at most 200 characters.")
    reason = form.get("reason", "").strip()
    if kind == "return" and not (reason or notes):
        raise Unprocessable("Say to the trainee what to look at again: of a line, or of it all.")
    fields: dict[str, Any] = {"kind": kind, "notes": notes}
    if kind == "return":
        return s.Return.model_validate(fields | {"reason": reason or "See the notes on the lines."})
    return s.Approve.model_validate(fields | ({"reason": reason} if reason else {}))


def _action(form: Form) -> dict[str, str]:
    """What the button, or Enter in a box, asks for: fields as the forms of the episode page have them."""
    kind, _, rest = form.get("do", "").partition(":")
    if kind in ("up", "down", "first"):
        return {"kind": "move", "line": rest, "direction": kind}
    if kind == "take":
        return _taken(rest)
    if kind in ("remove", "accept"):
        return {"kind": kind, "line": rest}
    if kind == "undo":
        return {"kind": kind, "decision": rest}
    if kind in _CLOSING:
        return {"kind": kind}
    return _typed(form)


def _taken(target: str) -> dict[str, str]:
    """`replace:LINE:CODE` or `add:ROLE:CODE`."""
    place, _, code = target.rpartition(":")
    verb, _, value = place.partition(":")
    named = {"line": value} if verb == "replace" else {"role": value}
    return {"kind": verb, "code": code, **named}


def _typed(form: Form) -> dict[str, str]:
    """
    Raises:
        Unprocessable: no box holds anything.
    """
    for name, text in form.items():
        if name.startswith(_CODE) and text.strip():
            line = name.removeprefix(_CODE)
            return {"kind": "search", "target": f"replace:{line}", "line": line, "typed": text}
    for role in Role:
        if form.get(f"add_{role}", "").strip():
            return {"kind": "search", "target": f"add:{role}", "role": role, "typed": form[f"add_{role}"]}
    raise Unprocessable("Type a code or words first.")


def _searched(held: Services, actor: Actor, episode_id: str, action: Mapping[str, str]) -> Found:
    episode = workflow.read(held, actor, episode_id)
    lines = (*episode.coding.diagnoses, *episode.coding.procedures)
    of_line = next((line.role for line in lines if line.id == action.get("line")), Role.DIAGNOSIS)
    table = held.tables.by_role[Role(action["role"]) if "role" in action else of_line]
    return find(table, action["typed"], episode.episode_end)


def _page(
    request: Request, held: Services, actor: Actor, episode_id: str, form: Form, said: _Said
) -> HTMLResponse:
    episode = workflow.read(held, actor, episode_id)
    with held.db.read() as session:
        check = check_now(session, episode_id)
    if check is None or episode.status is not Status.AWAITING_CHECK:
        return rendering.page(request, "checking/gone.html", episode=episode, status=409)
    desk = Desk(episode, actor, held.tables, wording.today(held.clock.now()))
    return rendering.page(
        request,
        "checking/sheet.html" if by_htmx(request) else "checking/check.html",
        status=said.error.status if said.error else 200,
        desk=desk,
        check=check,
        is_own=check.submission.actor_id == actor.id,
        undoable=_undoable(desk, check),
        said=said,
        form=form,
        tables=held.tables.by_role,
    )


def _undoable(desk: Desk, check: Check) -> s.DecisionOut | None:
    """The checker's own last correction."""
    last = desk.undoable
    return last if last is not None and last.number > check.submission.number else None
