"""`/v1/clinicians`, `/v1/autonomy-policies`, `/v1/attributions`, `/v1/declarations`: who answers for what."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response

from data.clinicians import ProfessionalBody
from service.clinicians import schemas as s
from service.clinicians import workflow
from service.deps import Declarer, Held, Manager, Reader, RegisterKeeper
from service.episodes.routes import EpisodeId
from service.errors import (
    BadRequest,
    BodyTooLarge,
    Forbidden,
    IllegalState,
    NotFound,
    Unprocessable,
    UnsupportedMedia,
)
from service.problems import documented
from service.text_types import Body as BodyModel
from service.text_types import ClinicalText

clinicians = APIRouter(prefix="/v1/clinicians", tags=["clinicians"])
policies = APIRouter(prefix="/v1/autonomy-policies", tags=["clinicians"])
attributions = APIRouter(tags=["attributions"])
declarations = APIRouter(prefix="/v1/declarations", tags=["declarations"])
routers = (clinicians, policies, attributions, declarations)

_UUID = r"^[0-9a-f-]{36}$"
Number = Annotated[
    str, Path(pattern=r"^[0-9A-Za-z]{4,10}$", description="The number in its register, C or CD allowed.")
]
ProposalId = Annotated[str, Path(pattern=_UUID)]
Cursor = Annotated[str | None, Query(pattern=_UUID, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
_WRITE_ERRORS = documented(BadRequest, BodyTooLarge, UnsupportedMedia, Unprocessable)


class RegisterFile(BodyModel):
    """A CSV file with the columns of docs/attribution.md."""

    text: ClinicalText


@clinicians.get("", responses=documented(Unprocessable))
def get_clinicians(
    held: Held,
    actor: RegisterKeeper,
    q: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> s.ClinicianPage:
    """The register, each clinician with what was recorded last; `q` is part of a name or number."""
    return workflow.list_clinicians(held, actor, q, cursor, limit)


@clinicians.post("/import", responses=_WRITE_ERRORS)
def import_clinicians(
    held: Held, actor: RegisterKeeper, file: Annotated[RegisterFile, Body()]
) -> s.ImportAnswer:
    """Records a whole CSV file, all lines or none; `lines` of the problem names line, column and problem."""
    return workflow.import_register(held, actor, file.text)


@clinicians.get("/{register}/{number}", responses=documented(NotFound, Unprocessable))
def get_clinician(
    held: Held, actor: RegisterKeeper, register: ProfessionalBody, number: Number
) -> s.ClinicianHistory:
    """A clinician with every entry of theirs, the newest first."""
    return workflow.read_clinician(held, actor, register, number)


@clinicians.put(
    "/{register}/{number}",
    responses={**_WRITE_ERRORS, 201: {"model": s.ClinicianHistory, "description": "New in the register."}},
)
def put_clinician(
    held: Held,
    actor: RegisterKeeper,
    response: Response,
    *,
    register: ProfessionalBody,
    number: Number,
    clinician: Annotated[s.ClinicianIn, Body()],
) -> s.ClinicianHistory:
    """Records what holds of a clinician from a day on. Nothing is overwritten; the same thing twice is one.

    Open episodes that name them are attributed again; of closed ones only proposals are made.
    """
    history, is_new = workflow.put_clinician(held, actor, register, number, clinician)
    response.status_code = 201 if is_new else 200
    return history


@policies.get("", responses=documented())
def get_autonomy_policies(held: Held, actor: RegisterKeeper) -> s.AutonomyPoliciesAnswer:
    """The provider's own policy on autonomous work, version by version."""
    return workflow.list_policies(held, actor)


@policies.post("", status_code=201, responses=_WRITE_ERRORS)
def post_autonomy_policy(
    held: Held, actor: RegisterKeeper, policy: Annotated[s.AutonomyPolicyIn, Body()]
) -> s.AutonomyPolicyOut:
    """Records a version, or corrects what was recorded of it: the last word holds."""
    return workflow.put_policy(held, actor, policy)


@attributions.get("/v1/episodes/{episode_id}/attributions", responses=documented(NotFound, Unprocessable))
def get_episode_attributions(held: Held, actor: Reader, episode_id: EpisodeId) -> s.AttributionsAnswer:
    """Under whom an episode was put, when, and why."""
    return workflow.list_attributions(held, actor, episode_id)


@attributions.get("/v1/attributions", responses=documented(Unprocessable))
def get_attribution_proposals(
    held: Held,
    actor: Manager,
    state: s.ProposalState = s.ProposalState.WAITING,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> s.ProposalPage:
    """Likely misattributions, with reason and evidence."""
    return workflow.list_proposals(held, actor, state, cursor, limit)


@attributions.post("/v1/attributions/look", responses=_WRITE_ERRORS)
def post_attribution_look(
    held: Held, actor: Manager, period: Annotated[s.Period, Body()]
) -> s.DetectedAnswer:
    """Looks through the episodes that ended in a period, and adds what is new to the proposals."""
    return workflow.look(held, actor, period)


@attributions.post(
    "/v1/attributions/accept", responses={**_WRITE_ERRORS, **documented(NotFound, IllegalState)}
)
def post_accepted_attributions(
    held: Held, actor: Manager, chosen: Annotated[s.BulkIn, Body()]
) -> s.BulkAnswer:
    """Accepts several proposals, all or none."""
    return workflow.accept_all(held, actor, chosen.proposals)


@attributions.post(
    "/v1/attributions/{proposal_id}/accept", responses=documented(NotFound, IllegalState, Unprocessable)
)
def post_accepted_attribution(held: Held, actor: Manager, proposal_id: ProposalId) -> s.ProposalOut:
    """Puts the episode under the proposed clinician."""
    return workflow.accept(held, actor, proposal_id)


@attributions.post(
    "/v1/attributions/{proposal_id}/dismiss",
    responses={**_WRITE_ERRORS, **documented(NotFound, IllegalState)},
)
def post_dismissed_attribution(
    held: Held, actor: Manager, proposal_id: ProposalId, why: Annotated[s.DismissIn, Body()]
) -> s.ProposalOut:
    """Sets a proposal aside; it does not come back."""
    return workflow.dismiss(held, actor, proposal_id, why.reason)


@attributions.post(
    "/v1/attributions/{proposal_id}/take-back", responses=documented(NotFound, IllegalState, Unprocessable)
)
def post_taken_back_attribution(held: Held, actor: Manager, proposal_id: ProposalId) -> s.ProposalOut:
    """Puts the episode back under whom it stood before the proposal was accepted."""
    return workflow.take_back(held, actor, proposal_id)


@declarations.get("", responses=documented())
def get_declarations(held: Held, actor: Declarer) -> s.DeclarationsAnswer:
    """What clinicians declared, compared with recorded activity; a clinician sees their own."""
    return workflow.list_declarations(held, actor)


@declarations.post("", status_code=201, responses={**_WRITE_ERRORS, **documented(NotFound, Forbidden)})
def post_declaration(
    held: Held, actor: Declarer, declaration: Annotated[s.DeclarationIn, Body()]
) -> s.DeclarationOut:
    """Declares the work of a period; a manager may do so for a clinician who filled in a form."""
    return workflow.declare(held, actor, declaration)
