"""`/audits`: second codings, blind. No page before the audit is done holds a suggestion or a prior code."""

import hashlib
import re
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.automation import schemas as s
from service.automation import workflow
from service.deps import BlindAuditor, Held, Services
from service.errors import Conflict, ServiceError, StaleVersion, Unprocessable
from service.identity import Actor
from service.workbench import rendering, wording
from service.workbench.decision_forms import Form
from service.workbench.episode import Submitted

router = APIRouter(prefix="/audits", include_in_schema=False)

AuditId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_SEPARATORS = re.compile(r"[\s,;]+")
_TOLD_ON_PAGE = (Conflict, StaleVersion, Unprocessable)


@router.get("")
def get_audits(request: Request, held: Held, actor: BlindAuditor) -> HTMLResponse:
    return _list(request, held, actor)


@router.post("/{audit_id}/claim")
def post_claim(request: Request, held: Held, actor: BlindAuditor, audit_id: AuditId) -> Response:
    try:
        workflow.claim_audit(held, actor, audit_id)
    except Conflict as error:
        return _list(request, held, actor, error)
    return RedirectResponse(f"/audits/{audit_id}", status_code=303)


@router.get("/{audit_id}")
def get_audit(request: Request, held: Held, actor: BlindAuditor, audit_id: AuditId) -> HTMLResponse:
    return _page(request, held, actor, audit_id)


@router.post("/{audit_id}")
def post_coding(
    request: Request, held: Held, actor: BlindAuditor, audit_id: AuditId, form: Submitted
) -> Response:
    try:
        coding = _coding(form)
        sent = hashlib.sha256(coding.model_dump_json().encode()).hexdigest()
        workflow.post_second_coding(held, actor, f"page-{audit_id}-{sent}", audit_id, coding)
    except _TOLD_ON_PAGE as error:
        return _page(request, held, actor, audit_id, error, form)
    return RedirectResponse(f"/audits/{audit_id}", status_code=303)


def _coding(form: Form) -> s.SecondCodingIn:
    """The codes of the boxes: on lines of their own, or with commas or spaces between them."""
    filled = {
        name: [code for code in _SEPARATORS.split(form.get(name, "")) if code]
        for name in ("diagnoses", "procedures")
    }
    try:
        return s.SecondCodingIn.model_validate({**filled, "read": form.get("read", "")})
    except ValidationError:
        raise Unprocessable("Give at least a primary diagnosis; codes are at most 12 characters.") from None


def _list(request: Request, held: Services, actor: Actor, error: Conflict | None = None) -> HTMLResponse:
    found = workflow.listed(held, actor)
    return rendering.page(
        request, "audits.html", status=error.status if error else 200, audits=found.audits, error=error
    )


def _page(
    request: Request,
    held: Services,
    actor: Actor,
    audit_id: str,
    error: ServiceError | None = None,
    form: Form | None = None,
) -> HTMLResponse:
    return rendering.page(
        request,
        "audit.html",
        status=error.status if error else 200,
        audit=workflow.read_audit(held, actor, audit_id),
        tables=held.tables.by_role,
        differences=wording.DIFFERENCES,
        form=form or {},
        error=error,
    )
