"""The filters of the page's address, read once for the list and for every form on it."""

import re
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from service.errors import Unprocessable
from service.worklist.deciding import Seen
from service.worklist.filters import Filters, Length, Sort, Sureness, View

MOST = 100
"""Episodes that one form may name."""
_SEEN = re.compile(r"(?P<episode>[0-9a-f-]{36})\.(?P<version>[0-9]{1,9})", re.ASCII)
_Word = Annotated[str, Query(max_length=20, pattern=r"^[a-z_]*$")]
_Code = Annotated[str, Query(max_length=12, pattern=r"^[^\x00]*$")]


def filters(  # noqa: PLR0913 (each filter is a query parameter)
    *,
    status: _Word = "",
    site: _Code = "",
    specialty: _Code = "",
    source: _Code = "",
    length: _Word = "",
    confidence: _Word = "",
    mine: bool = False,
    histology: bool = False,
    sort: _Word = "",
) -> Filters:
    """Words that are not known, of an old bookmark perhaps, are passed over."""
    view = _known(View, status) or View.TO_DO
    return Filters(
        view=view,
        site=site,
        specialty=specialty,
        source=source,
        length=_known(Length, length),
        sureness=_known(Sureness, confidence),
        mine=mine,
        histology=histology,
        sort=_known(Sort, sort) or Sort.DUE if view.is_open else Sort.DUE,
    )


Asked = Annotated[Filters, Depends(filters)]


def _known(kind: Any, written: str) -> Any:  # an enumeration and one of its members
    return kind(written) if written in set(kind) else None


async def chosen(request: Request) -> tuple[Seen, ...]:
    """The episode whose own button was pressed, or those that are ticked, each as `id.version`.

    Raises:
        Unprocessable: none is, or the form is not one of ours.
    """
    form = await request.form()
    only = form.get("only")
    named = [only] if isinstance(only, str) and only else form.getlist("episode")
    seen = tuple(_seen(one) for one in named[: MOST + 1])
    if not seen:
        raise Unprocessable("Select at least one episode.")
    if len(seen) > MOST:
        raise Unprocessable(f"Select at most {MOST} episodes at once.")
    return seen


def _seen(written: object) -> Seen:
    found = _SEEN.fullmatch(str(written))
    if found is None:
        raise Unprocessable("The form is not one of this page. Load the page again.")
    return Seen(found["episode"], int(found["version"]))
