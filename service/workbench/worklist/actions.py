"""What is done to episodes straight from the list. A plain form is led back to it; htmx swaps the list."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request
from pydantic import Field, TypeAdapter, ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.deps import Decider, Held, Manager, Services
from service.errors import Unprocessable
from service.identity import Actor
from service.workbench import rendering
from service.workbench.episode import Submitted
from service.workbench.failures import by_htmx
from service.workbench.worklist import words
from service.workbench.worklist.asked import Asked, chosen
from service.workbench.worklist.shown import Notice, worklist
from service.worklist.deciding import Choice, Seen, carry_out
from service.worklist.filters import Filters

router = APIRouter(prefix="/worklist", include_in_schema=False)

_Choice: TypeAdapter[Choice] = TypeAdapter(Annotated[Choice, Field(discriminator="kind")])
_SORRY = {"review_date": "Give the review date as day, month and year.", "coder": "Choose a coder."}


async def _chosen_or_why(request: Request) -> tuple[Seen, ...] | Unprocessable:
    """What was chosen; told beside the list where it cannot be used."""
    try:
        return await chosen(request)
    except Unprocessable as error:
        return error


Chosen = Annotated[tuple[Seen, ...] | Unprocessable, Depends(_chosen_or_why)]


class _Wanted(NamedTuple):
    """Who wants what from which list."""

    request: Request
    held: Services
    actor: Actor
    filters: Filters


@router.post("/claim")
def post_claim(request: Request, held: Held, actor: Decider, asked: Asked, chosen: Chosen) -> Response:
    return _carry_out(_Wanted(request, held, actor, asked), chosen, {"kind": "claim"}, "claimed")


@router.post("/release")
def post_release(request: Request, held: Held, actor: Decider, asked: Asked, chosen: Chosen) -> Response:
    return _carry_out(_Wanted(request, held, actor, asked), chosen, {"kind": "release"}, "released")


@router.post("/hold")
def post_hold(
    request: Request, held: Held, actor: Decider, asked: Asked, chosen: Chosen, form: Submitted
) -> Response:
    given = {"reason": form.get("reason", ""), "review_date": form.get("review_date", "").strip() or None}
    return _carry_out(_Wanted(request, held, actor, asked), chosen, {"kind": "hold", **given}, "held")


@router.post("/assign")
def post_assign(
    request: Request, held: Held, actor: Manager, asked: Asked, chosen: Chosen, form: Submitted
) -> Response:
    """Manager only: claims for somebody else."""
    given = {"kind": "claim", "coder": form.get("coder", "")}
    return _carry_out(_Wanted(request, held, actor, asked), chosen, given, "assigned")


def _carry_out(
    wanted: _Wanted,
    chosen: tuple[Seen, ...] | Unprocessable,
    given: Mapping[str, str | None],
    done: str,
) -> Response:
    try:
        if isinstance(chosen, Unprocessable):
            raise chosen
        outcome = carry_out(wanted.held, wanted.actor, chosen, _choice(given))
    except Unprocessable as error:
        return _list(wanted, Notice(error.detail or error.title(), is_failure=True), error.status)
    told = Notice(words.told(done, outcome.done), outcome.refused, bool(outcome.refused))
    if outcome.refused or by_htmx(wanted.request):
        return _list(wanted, told, 409 if outcome.refused else 200)
    address = wanted.filters.address(done=done, count=outcome.done)
    return RedirectResponse(address, status_code=303)


def _choice(given: Mapping[str, str | None]) -> Choice:
    """
    Raises:
        Unprocessable: something is missing or makes no sense.
    """
    try:
        return _Choice.validate_python(dict(given))
    except ValidationError as error:
        names = [str(part) for item in error.errors() for part in item["loc"]]
        why = next((_SORRY[name] for name in names if name in _SORRY), "Give a reason.")
        raise Unprocessable(why) from None


def _list(wanted: _Wanted, notice: Notice, status: int) -> HTMLResponse:
    shown = worklist(wanted.held, wanted.actor, wanted.filters, notice=notice)
    template = "worklist/list.html" if by_htmx(wanted.request) else "worklist.html"
    return rendering.page(wanted.request, template, status=status, worklist=shown, words=words)
