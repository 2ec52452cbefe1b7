"""`/audits`: second codings, blind. No page before the audit is done holds a suggestion or a prior code."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data.episodes import Role
from service.automation import schemas as s
from service.automation import workflow
from service.automation.store import AuditStatus
from service.deps import BlindAuditor, Held, Services
from service.errors import Conflict, ServiceError, StaleVersion, Unprocessable
from service.identity import Actor
from service.workbench import rendering, wording
from service.workbench.decision_forms import Form
from service.workbench.episode import Submitted
from service.workbench.failures import by_htmx
from service.workbench.sheet import FINISH, Sheet, read_sheet, worked

router = APIRouter(prefix="/audits", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Written:
    sheet: Sheet
    read: str = ""
    """The documents that the form was written on; those that are shown, where it is empty."""


AuditId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
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
    """Each button sends the whole sheet; the last one stores it."""
    audit = workflow.read_audit(held, actor, audit_id)
    action = form.get("do", "")
    sheet = worked(read_sheet(form), action, held.tables.by_role, audit.episode_end)
    if action != FINISH:
        return _page(request, held, actor, audit_id, _Written(sheet, form.get("read", "")))
    try:
        coding = _coding(sheet, form)
        sent = hashlib.sha256(coding.model_dump_json().encode()).hexdigest()
        workflow.post_second_coding(held, actor, f"page-{audit_id}-{sent}", audit_id, coding)
    except _TOLD_ON_PAGE as error:
        return _page(request, held, actor, audit_id, _Written(sheet), error)
    if by_htmx(request):
        return Response(headers={"HX-Redirect": f"/audits/{audit_id}"})
    return RedirectResponse(f"/audits/{audit_id}", status_code=303)


def _coding(sheet: Sheet, form: Form) -> s.SecondCodingIn:
    if sheet.unfinished:
        raise Unprocessable("What you typed last is no code yet: choose one, or empty the box.")
    try:
        return s.SecondCodingIn(
            diagnoses=sheet.codes[Role.DIAGNOSIS],
            procedures=sheet.codes[Role.PROCEDURE],
            read=form.get("read", ""),
        )
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
    written: _Written | None = None,
    error: ServiceError | None = None,
) -> HTMLResponse:
    """The sheet alone where htmx asked for it; with a problem all: the documents may have changed."""
    audit = workflow.read_audit(held, actor, audit_id)
    written = written or _Written(Sheet())
    is_coded_now = audit.status == AuditStatus.CLAIMED and bool(audit.documents)
    template = "audit_desk.html" if is_coded_now else "audit.html"
    part = is_coded_now and by_htmx(request)
    answer = rendering.page(
        request,
        ("audit_body.html" if error else "audit_sheet.html") if part else template,
        status=error.status if error else 200,
        audit=audit,
        tables=held.tables.by_role,
        differences=wording.DIFFERENCES,
        sheet=written.sheet,
        read=written.read or audit.text_version,
        error=error,
    )
    if part and error:
        answer.headers.update({"HX-Retarget": "#audit", "HX-Reswap": "outerHTML"})
    return answer
