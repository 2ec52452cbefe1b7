"""`/v1/audits`: second codings, blind. `/v1/automation`: what they show, and what is open."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from service.automation import schemas as s
from service.automation import workflow
from service.deps import AutomationReader, BlindAuditor, Held, IdempotencyKey, Manager
from service.errors import (
    BadRequest,
    BodyTooLarge,
    Conflict,
    NotFound,
    StaleVersion,
    Unprocessable,
    UnsupportedMedia,
)
from service.problems import documented

audits = APIRouter(prefix="/v1/audits", tags=["audits"])
automation = APIRouter(prefix="/v1/automation", tags=["automation"])

AuditId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
StratumName = Annotated[str, Path(pattern=r"^[a-z][a-z-]{0,39}$")]
_WRITE_ERRORS = documented(BadRequest, BodyTooLarge, UnsupportedMedia, Unprocessable)


@audits.get("", responses=documented())
def get_audits(held: Held, actor: BlindAuditor) -> s.AuditPage:
    """Episodes drawn for a second coding that the caller may do: none that they have worked on."""
    return workflow.listed(held, actor)


@audits.get("/{audit_id}", responses=documented(NotFound, Unprocessable))
def get_audit(held: Held, actor: BlindAuditor, audit_id: AuditId) -> s.AuditOut:
    """An audit: its documents for who claimed it, no suggestion and no prior code before it is done."""
    return workflow.read_audit(held, actor, audit_id)


@audits.post("/{audit_id}/claim", responses=documented(NotFound, Conflict, Unprocessable))
def post_claim(held: Held, actor: BlindAuditor, audit_id: AuditId) -> s.AuditOut:
    """Claims an audit, answers with its documents. The claimant is not shown its episode until it is done."""
    return workflow.claim_audit(held, actor, audit_id)


@audits.post(
    "/{audit_id}/coding",
    status_code=201,
    response_model=s.AuditOut,
    responses={**_WRITE_ERRORS, **documented(NotFound, Conflict, StaleVersion)},
)
def post_coding(
    held: Held,
    actor: BlindAuditor,
    audit_id: AuditId,
    coding: Annotated[s.SecondCodingIn, Body()],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """The second coding. Answers with the comparison; an audit that breaks the bound closes its stratum."""
    return workflow.post_second_coding(held, actor, idempotency_key, audit_id, coding).response()


@automation.get("", responses=documented())
def get_automation(held: Held, actor: AutomationReader) -> s.AutomationAnswer:
    """Every stratum of the own provider: what blind audits show, whether it is open and why."""
    return workflow.overview(held, actor)


@automation.post("/{stratum}/open", responses=documented(NotFound, Conflict, Unprocessable))
def post_open(held: Held, actor: Manager, stratum: StratumName) -> s.SwitchOut:
    """Opens a stratum, where the provider's own blind audits of the versions in force support it."""
    return workflow.open_stratum(held, actor, stratum)


@automation.post("/{stratum}/close", responses={**_WRITE_ERRORS, **documented(NotFound, Conflict)})
def post_close(
    held: Held, actor: Manager, stratum: StratumName, close: Annotated[s.CloseIn, Body()]
) -> s.SwitchOut:
    """Closes a stratum; what was automated stays as it is."""
    return workflow.close_stratum(held, actor, stratum, close.reason)
