"""`/local-terms`: what words mean at this provider, and what they do not."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.language import CueDirection, CueEffect, CueScope
from data.terms import LocalUse
from service.deps import Held, LocalTermEditor, LocalTermReader, Services
from service.errors import Unprocessable
from service.identity import LOCAL_TERM_EDITORS, Actor
from service.local_terms.routes import LocalTermIn
from service.local_terms.store import add_local_term, local_terms_of, remove_local_term
from service.tables import Provider
from service.workbench import rendering, wording
from service.workbench.decision_forms import Form
from service.workbench.episode import Submitted

router = APIRouter(prefix="/local-terms", include_in_schema=False)

RowId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_MISSING = {
    "phrase": "Give the words, on one line.",
    "code": "Give a code of four characters, such as J22X.",
    "use": "Choose what the words do.",
}


@router.get("")
def get_local_terms(request: Request, held: Held, actor: LocalTermReader) -> HTMLResponse:
    return _page(request, held, actor)


@router.post("")
def post_local_term(request: Request, held: Held, actor: LocalTermEditor, form: Submitted) -> Response:
    try:
        term = _term(form, held)
        with held.db.write() as session:
            add_local_term(session, held.tables, actor, term.fields, at=held.clock.now())
    except Unprocessable as error:
        return _page(request, held, actor, error=error, form=form)
    return RedirectResponse("/local-terms", status_code=303)


@router.post("/{row_id}/remove")
def post_removed_term(held: Held, actor: LocalTermEditor, row_id: RowId, form: Submitted) -> Response:
    with held.db.write() as session:
        remove_local_term(session, held.tables, actor, row_id, at=held.clock.now())
    return RedirectResponse("/local-terms", status_code=303)


def _term(form: Form, held: Services) -> LocalTermIn:
    """The form as the API takes it; a code may be written in any form."""
    filled = {name: form[name].strip() for name in LocalTermIn.model_fields if form.get(name, "").strip()}
    if filled.get("use") == LocalUse.CUE:
        filled = {name: value for name, value in filled.items() if name not in {"classification", "code"}}
    else:
        filled = {
            name: value for name, value in filled.items() if name not in {"assertion", "direction", "scope"}
        }
        table = held.tables.by_name.get(filled.get("classification", ""))
        entry = table.get(filled.get("code", "")) if table else None
        if entry is None:
            raise Unprocessable(_MISSING["code"])
        filled["code"] = entry.code
    try:
        return LocalTermIn.model_validate(filled)
    except ValidationError as error:
        names = [str(part) for item in error.errors() for part in item["loc"]]
        words = next((_MISSING[name] for name in names if name in _MISSING), "The form was not complete.")
        raise Unprocessable(words) from None


def _page(
    request: Request,
    held: Services,
    actor: Actor,
    *,
    error: Unprocessable | None = None,
    form: Form | None = None,
) -> HTMLResponse:
    with held.db.read() as session:
        provider = session.get_one(Provider, actor.provider_id)
        terms = local_terms_of(session, actor.provider_id)
    return rendering.page(
        request,
        "local_terms.html",
        status=error.status if error else 200,
        provider=provider,
        terms=terms,
        tables=held.tables.by_name,
        may_change=actor.role in LOCAL_TERM_EDITORS,
        uses=wording.LOCAL_USES,
        effects=[(effect, effect) for effect in CueEffect],
        directions=[(direction, direction) for direction in CueDirection],
        scopes=[(scope, scope) for scope in CueScope],
        form=form or {},
        error=error,
    )
