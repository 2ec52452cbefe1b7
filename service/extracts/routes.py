"""`/v1/extracts`: commissioning data for chosen days, and what they lack."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from service.deps import Held, Manager
from service.errors import Unprocessable
from service.extracts import workflow
from service.extracts.items import Format
from service.extracts.workflow import checked_days
from service.extracts.writing import ENDINGS, MEDIA_TYPES
from service.problems import documented
from service.text_types import CalendarDate

router = APIRouter(prefix="/v1/extracts", tags=["extracts"])

First = Annotated[CalendarDate, Query(alias="from", description="First day on which an episode may end.")]
Last = Annotated[CalendarDate, Query(alias="to", description="Last day on which an episode may end.")]
Wanted = Annotated[Format, Query(alias="format")]
_Responses = dict[int | str, dict[str, Any]]  # as FastAPI takes them
_TEXT = {"schema": {"type": "string"}}
_FILE: _Responses = {
    200: {"description": "The file.", "content": {"text/csv": _TEXT, "application/xml": _TEXT}}
}
_LIST: _Responses = {200: {"description": "CSV, one missing item a row.", "content": {"text/csv": _TEXT}}}


@router.get("", response_class=StreamingResponse, responses={**documented(Unprocessable), **_FILE})
def get_extract(held: Held, actor: Manager, first: First, last: Last, wanted: Wanted) -> StreamingResponse:
    """The finalised and automated episodes that ended on these days."""
    days = checked_days(first, last)
    name = f"{wanted}-{first}-{last}.{ENDINGS[wanted]}"
    return StreamingResponse(
        workflow.extract(held, actor, days, wanted),
        media_type=MEDIA_TYPES[wanted],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.get("/missing", response_class=StreamingResponse, responses={**documented(Unprocessable), **_LIST})
def get_missing(held: Held, actor: Manager, first: First, last: Last, wanted: Wanted) -> StreamingResponse:
    """What the data set wants and these episodes do not have, item by item."""
    return StreamingResponse(
        workflow.missing(held, actor, checked_days(first, last), wanted),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="missing-{wanted}-{first}-{last}.csv"'},
    )
