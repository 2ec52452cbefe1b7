"""`/extracts`: commissioning data for chosen days, with what they lack, to be downloaded by managers."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import HTMLResponse

from service.deps import Held, Manager
from service.errors import Unprocessable
from service.extracts import workflow
from service.extracts.items import Format
from service.tables import Provider
from service.text_types import CalendarDate
from service.workbench import rendering

router = APIRouter(prefix="/extracts", include_in_schema=False)

Written = Annotated[str, Query(max_length=20)]
_Day: TypeAdapter[date] = TypeAdapter(CalendarDate)


@router.get("")
def get_extracts(
    request: Request,
    held: Held,
    actor: Manager,
    first: Annotated[Written, Query(alias="from")] = "",
    last: Annotated[Written, Query(alias="to")] = "",
    wanted: Annotated[Written, Query(alias="format")] = Format.CDS_CSV.value,
) -> HTMLResponse:
    """With days, what the extract would hold."""
    error = tally = None
    if first or last:
        try:
            days = workflow.checked_days(_day(first), _day(last))
            tally = workflow.tally(held, actor, days, _format(wanted))
        except Unprocessable as refused:
            error = refused
    with held.db.read() as session:
        provider = session.get_one(Provider, actor.provider_id)
    return rendering.page(
        request,
        "extracts.html",
        status=error.status if error else 200,
        provider=provider,
        form={"first": first, "last": last, "format": wanted},
        formats=list(Format),
        tally=tally,
        error=error,
    )


def _day(written: str) -> date:
    try:
        return _Day.validate_python(written)
    except ValidationError:
        raise Unprocessable("Give both days, each as YYYY-MM-DD.") from None


def _format(written: str) -> Format:
    try:
        return Format(written)
    except ValueError:
        raise Unprocessable("Choose a format.") from None
